"""Rows of units in memory -> the summary of an A/B test. The data layer makes the same one by a query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.abtest.centres import capped, caps_of, centre_of, edges_of
from retention_lab.abtest.histogram import Histogram, fitting_centre, histogram
from retention_lab.abtest.metrics import Metric, Proportion, Quantile
from retention_lab.abtest.moments import Moments, moments_of
from retention_lab.abtest.rows import (
    arm_codes,
    closing_days,
    level_codes,
    numbers,
    refuse_repeats,
    score_codes,
    table_of,
)
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summary import ALL, Cells, Part, Summary
from retention_lab.abtest.terms import Demand, demand
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError


def summarise(
    table: Any, spec: Specification, *, known: Summary | None = None, as_of: date | None = None
) -> Summary:
    """The summary of a table with one row a unit: an Arrow table, a pandas frame, or columns by name.

    known: an earlier summary, whose arms, centres and caps are kept, so that the two can be joined. as_of:
    units whose window closes later wait; None is the table's latest day.
    Raises LabError where a unit comes twice, an arm is missing or not planned, a column holds no numbers, or
    a value is infinite.
    """
    rows = table_of(table, spec)
    refuse_repeats(rows, spec)
    arms, arm = arm_codes(rows, spec, None if known is None else known.arms)
    days, day, closed = closing_days(rows, spec, as_of)
    waiting = np.bincount(arm[~closed], minlength=len(arms)).astype(np.int64)
    rows, arm, day = rows.filter(pa.array(closed)), arm[closed], day[closed]
    values = {name: numbers(rows, name) for name in _columns(spec)}
    _require_shares(values, spec.metrics)
    score = None if spec.analysis.score is None else numbers(rows, spec.analysis.score)
    fixed = _fixed(values, score, spec, known)

    def part(by: str | None, *, by_day: bool) -> Part:
        if by is not None and by == spec.analysis.score:
            levels, level = score_codes(numbers(rows, by), fixed.edges)
        else:
            levels, level = level_codes(rows, by)
        code = day if by_day else np.zeros(len(arm), dtype=np.int64)
        cells, cell = _cells(arm, code, level)
        found = {
            name: _moments(values, one, cell, len(cells.arm), fixed.centres[name])
            for name, one in fixed.demands.items()
        }
        return Part(days if by_day else ALL, levels, cells, found)

    return Summary(
        arms,
        part(spec.strata, by_day=True),
        {name: part(name, by_day=False) for name in spec.analysis.divisions},
        part(spec.cluster, by_day=True) if spec.cluster else None,
        waiting if spec.exposed_at else None,
        {name: _histograms(values[column], arm, len(arms), middle) for name, column, middle in fixed.counted},
        fixed.caps,
        fixed.edges,
    )


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What the first analysis fixes. demands: of metrics that rest on means, cut where they are to be;
    counted: name, column and centre of those that rest on histograms."""

    caps: Mapping[str, float]
    demands: Mapping[str, Demand]
    centres: Mapping[str, Floats]
    counted: Sequence[tuple[str, str, float]]
    edges: tuple[float, ...]


def _fixed(
    values: Mapping[str, Floats], score: Floats | None, spec: Specification, known: Summary | None
) -> _Fixed:
    caps = caps_of(values, spec.metrics) if known is None else dict(known.caps)
    of_means = [m for m in spec.metrics if not isinstance(m, Quantile)]
    demands = {m.name: capped(demand(m), caps.get(m.name)) for m in of_means}
    centres = {
        name: centre_of(values, one) if known is None else known.main.moments[name].centre
        for name, one in demands.items()
    }
    counted = [
        (m.name, m.column, _middle(values[m.column], m.name, known))
        for m in spec.metrics
        if isinstance(m, Quantile)
    ]
    edges = () if score is None else edges_of(score, spec.analysis.score_groups)
    return _Fixed(caps, demands, centres, counted, edges if known is None else known.edges)


def _middle(column: Floats, name: str, known: Summary | None) -> float:
    if known is not None:
        return next((one.centre for one in known.histograms[name] if one is not None), 0.0)
    there = column[np.isfinite(column)]
    return fitting_centre(there) if len(there) else 0.0


def _columns(spec: Specification) -> tuple[str, ...]:
    read = [
        *(c for m in spec.metrics if not isinstance(m, Quantile) for c in demand(m).columns),
        *(m.column for m in spec.metrics if isinstance(m, Quantile)),
    ]
    return tuple(dict.fromkeys(read))


def _require_shares(values: Mapping[str, Floats], metrics: tuple[Metric, ...]) -> None:
    for metric in metrics:
        if isinstance(metric, Proportion):
            column = values[metric.column]
            odd = ~np.isnan(column) & (column != 0) & (column != 1)
            if odd.any():
                raise LabError(
                    f"'{metric.column}' is a share, but row {int(np.argmax(odd)) + 1} holds neither 0 nor 1.",
                    "Make it a `mean`, or correct the column.",
                    key="metrics",
                )


def _cells(arm: Ints, day: Ints, level: Ints) -> tuple[Cells, Ints]:
    """The cells that have units, and the cell of each row."""
    days, levels = (int(code.max(initial=0)) + 1 for code in (day, level))
    present, cell = np.unique((arm * days + day) * levels + level, return_inverse=True)
    rest, of_level = np.divmod(present, levels)
    of_arm, of_day = np.divmod(rest, days)
    units = np.bincount(cell, minlength=len(present)).astype(np.int64)
    return Cells(of_arm, of_day, of_level, units), np.asarray(cell, dtype=np.int64)


def _moments(values: Mapping[str, Floats], one: Demand, cell: Ints, cells: int, centre: Floats) -> Moments:
    matrix = np.column_stack([term.values(values) for term in one.terms])
    return moments_of(matrix, cell, cells, len(one.outcomes), centre)


def _histograms(column: Floats, arm: Ints, arms: int, centre: float) -> tuple[Histogram | None, ...]:
    there = ~np.isnan(column)
    values = [column[there & (arm == k)] for k in range(arms)]
    return tuple(histogram(own, centre) if len(own) else None for own in values)
