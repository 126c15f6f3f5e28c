"""A history of visits, several of a unit, as one row a unit: what a test begun with it would have seen."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa

from retention_lab.abtest.metrics import Proportion, Quantile
from retention_lab.abtest.rows import closing_days, numbers
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.terms import demand
from retention_lab.arrays import Floats, Ints
from retention_lab.labels import label_text


def one_row_a_unit(rows: pa.Table, spec: Specification) -> pa.Table:
    """One row for each unit, in the order in which they come first.

    Outcomes are added up over `window_days` from the first visit, shares are 1 where a visit of the window
    has a 1, and a unit without a value in any visit has none; everything else is as the first visit has it.
    Raises LabError where a time is missing, or an outcome holds no numbers.
    """
    unit = np.asarray(label_text(rows[spec.unit]).combine_chunks().dictionary_encode().indices)
    day = entry_days(rows, spec)
    first = np.lexsort((day, unit))
    first = first[np.flatnonzero(np.diff(unit[first], prepend=-1))]  # by unit, the row of the first visit
    inside = np.ones(len(unit), dtype=np.bool_)
    if spec.window_days is not None:
        inside = day < day[first][unit] + spec.window_days
    order = np.argsort(first)
    found = rows.take(pa.array(first[order]))
    shares = _shares(spec)
    for name in _outcomes(spec):
        total = _added(numbers(rows, name)[inside], unit[inside], len(first))
        if name in shares:
            total = np.where(np.isnan(total), total, (total > 0).astype(np.float64))
        place = found.column_names.index(name)
        found = found.set_column(place, name, pa.array(total[order]))
    return found


def entry_days(rows: pa.Table, spec: Specification) -> Ints:
    """(n,) day of each row's `exposed_at`, counted from the first of all. Raises LabError where one is
    missing."""
    names, code, _ = closing_days(rows, spec.model_copy(update={"window_days": None}), None)
    days = np.array(names, dtype="datetime64[D]")[code]
    return np.asarray((days - days.min()).astype(np.int64))


def _added(values: Floats, unit: Ints, units: int) -> Floats:
    there = ~np.isnan(values)
    total = np.bincount(unit[there], weights=values[there], minlength=units)
    seen = np.bincount(unit[there], minlength=units) > 0
    return np.where(seen, total, np.nan)


def _outcomes(spec: Specification) -> Collection[str]:
    found = [
        column
        for metric in spec.metrics
        for column in (
            (metric.column,)
            if isinstance(metric, Quantile)
            else (column for term in demand(metric).outcomes for column in term.columns)
        )
    ]
    return tuple(dict.fromkeys(found))


def _shares(spec: Specification) -> set[str]:
    return {metric.column for metric in spec.metrics if isinstance(metric, Proportion)}
