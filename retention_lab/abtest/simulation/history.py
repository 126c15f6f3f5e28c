"""The project's own past units, as an A/B test of them would see each: numbers, strata, clusters, order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.abtest.arm import Form
from retention_lab.abtest.centres import capped, caps_of, centre_of
from retention_lab.abtest.metrics import Metric, Proportion, Quantile
from retention_lab.abtest.rows import (
    arm_codes,
    closing_days,
    level_codes,
    numbers,
    refuse_repeats,
    require_column,
    table_of,
)
from retention_lab.abtest.simulation.sums import Layout
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.terms import Demand, demand
from retention_lab.abtest.units import cluster_form, form_of
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class MetricUnits:
    """One metric of the units. values: (n, p) its numbers, NaN in an outcome that is missing; centre: (p,);
    form: how the metric is made of them; binary: whether the first number is 0 or 1."""

    metric: Metric
    values: Floats
    centre: Floats
    form: Form
    binary: bool

    @property
    def layout(self) -> Layout:
        """The columns whose sums the metric rests on."""
        p, plain = self.values.shape[1], self.form == Form()
        return Layout(p, 1 if self.form.below is None else 2, powers=plain, share=self.binary and p == 1)


@dataclass(frozen=True, slots=True)
class History:
    """Units that can be assigned again.

    arms: control first; shares: planned, or as they were. metrics: those that rest on means. stratum: (n,)
    codes, None where the test has no strata; day: (n,) on which a unit came in, None where that is not known.
    clustered: whether a unit is a whole cluster.
    """

    arms: tuple[str, ...]
    shares: tuple[float, ...]
    metrics: tuple[MetricUnits, ...]
    stratum: Ints | None
    day: Ints | None
    clustered: bool

    @property
    def units(self) -> int:
        """How many there are: clusters, where whole ones are randomised."""
        return len(self.metrics[0].values)


def history_of(table: Any, spec: Specification) -> History:
    """The units of a table with one row a unit: an Arrow table, a pandas frame, or columns by name.

    Arms that the table has are forgotten, and it need not have any where shares are planned. Winsorised
    values are cut at the quantile of all units, as the analysis does.
    Raises LabError where a unit comes twice, columns do not fit, no metric rests on means, or neither shares
    are planned nor arms known.
    """
    rows, spec = _armed(table, spec)
    refuse_repeats(rows, spec)
    arms, shares = _arms(rows, spec)
    _, day, closed = closing_days(rows, spec, None)
    rows, day = rows.filter(pa.array(closed)), day[closed]
    of_means = [one for one in spec.metrics if not isinstance(one, Quantile)]
    if not of_means:
        raise LabError(
            "Every metric is a quantile, and only means, shares and ratios are simulated.",
            "Add a metric of another type.",
            key="metrics",
        )
    demands = {one.name: demand(one) for one in of_means}
    columns = dict.fromkeys(c for one in demands.values() for c in one.columns)
    values = {name: numbers(rows, name) for name in columns}
    caps = caps_of(values, of_means)
    found = [_units(values, one, capped(demands[one.name], caps.get(one.name))) for one in of_means]
    dated = day if spec.exposed_at is not None else None
    if spec.cluster is not None:
        levels, code = level_codes(rows, spec.cluster)
        first = None if dated is None else _first(dated, code, len(levels))
        clusters = tuple(_clusters(one, code, len(levels)) for one in found)
        return History(arms, shares, clusters, None, first, True)
    stratum = None if spec.strata is None else level_codes(rows, spec.strata)[1]
    return History(arms, shares, tuple(found), stratum, dated, False)


def _armed(table: Any, spec: Specification) -> tuple[pa.Table, Specification]:
    """The table with an arm for every unit, and its specification without the time that it may lack."""
    if isinstance(table, Mapping):
        table = pa.table({str(name): pa.array(column, from_pandas=True) for name, column in table.items()})
    elif not isinstance(table, pa.Table):
        table = pa.Table.from_pandas(table, preserve_index=False)
    if spec.arm is not None and spec.arm not in table.column_names:
        if spec.planned_shares is None:
            require_column(table, spec.arm)
        table = table.append_column(spec.arm, pa.array([spec.control] * len(table), pa.string()))
    if spec.exposed_at is not None and spec.exposed_at not in table.column_names:
        spec = spec.model_copy(update={"exposed_at": None})
    return table_of(table, spec), spec


def _arms(rows: pa.Table, spec: Specification) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Arms, control first, and their shares."""
    control, shares = str(spec.control), spec.planned_shares
    if shares is not None:
        arms = (control, *(name for name in shares if name != control))
        return arms, tuple(shares[name] for name in arms)
    arms, arm = arm_codes(rows, spec, None)
    counts = np.bincount(arm, minlength=len(arms))
    return arms, tuple((counts / counts.sum()).tolist())


def _units(values: Mapping[str, Floats], metric: Metric, one: Demand) -> MetricUnits:
    found = np.column_stack([term.values(values) for term in one.terms])
    if np.isinf(found).any():
        raise LabError(
            f"The metric '{metric.name}' has an infinite value, with which no mean is finite.",
            "Correct it, or leave it empty: missing values are counted and left out.",
            key="metrics",
        )
    centre, outcomes = centre_of(values, one), len(one.outcomes)
    binary = isinstance(metric, Proportion)
    if binary:
        centre[0] = 0.0
        _require_share(metric.name, found[:, 0])
    past = found[:, outcomes:]
    found[:, outcomes:] = np.where(np.isnan(past), centre[outcomes:], past)
    return MetricUnits(metric, found, centre, form_of(metric), binary)


def _require_share(name: str, column: Floats) -> None:
    odd = ~np.isnan(column) & (column != 0) & (column != 1)
    if odd.any():
        raise LabError(
            f"The share '{name}' has the value {column[odd][0]:g} in row {int(np.argmax(odd)) + 1}.",
            "Make it a `mean`, or correct the column.",
            key="metrics",
        )


def _clusters(one: MetricUnits, code: Ints, clusters: int) -> MetricUnits:
    """Totals of each cluster, and behind them how many units it has with the metric; NaN where none."""
    outcomes = len(demand(one.metric).outcomes)
    there = ~np.isnan(one.values[:, :outcomes]).any(axis=1)
    rows = np.column_stack([one.values, np.ones(len(code))])[there]
    sums = [np.bincount(code[there], column, clusters) for column in rows.T]
    totals = np.column_stack(sums).astype(np.float64)
    totals[totals[:, -1] == 0] = np.nan
    known = ~np.isnan(totals[:, 0])
    centre = totals[known].mean(axis=0) if known.any() else np.zeros(totals.shape[1])
    return MetricUnits(one.metric, totals, centre, cluster_form(one.metric), False)


def _first(day: Ints, code: Ints, clusters: int) -> Ints:
    found = np.full(clusters, day.max(initial=0), dtype=np.int64)
    np.minimum.at(found, code, day)
    return found
