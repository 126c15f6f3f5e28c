"""Each day's units by themselves: how many came in, and how the arms differ among them alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from retention_lab.abtest.arm import compared
from retention_lab.abtest.lift import Lift, Rule, absolute_lift
from retention_lab.abtest.metrics import Metric, Quantile
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summary import Summary
from retention_lab.abtest.units import form_of
from retention_lab.arrays import Ints
from retention_lab.errors import LabError

_MOST = 31  # periods that a reader takes in at a glance
_LENGTHS = (1, 7, 28)  # days: weeks and groups of weeks hold every weekday equally often


@dataclass(frozen=True, slots=True)
class PeriodEffect:
    """A primary metric in one arm beside control. lift: None where a period has too few units to compare."""

    metric: str
    arm: str
    lift: Lift | None


@dataclass(frozen=True, slots=True)
class Period:
    """Units whose window closed from the first to the last day, both included. units: (arms,), control
    first."""

    first: date
    last: date
    units: tuple[int, ...]
    effects: tuple[PeriodEffect, ...]


def periods(summary: Summary, spec: Specification) -> tuple[Period, ...]:
    """The days of a test, grouped into weeks or more where there are many; none for a table without days.

    Intervals are of one period each and take no part in any decision. Whole clusters enter on several days,
    so that for them units alone are counted.
    """
    if len(summary.days) < 2:
        return ()
    days = [date.fromisoformat(name) for name in summary.days]
    length = _length((days[-1] - days[0]).days + 1)
    period = np.array([(day - days[0]).days // length for day in days], dtype=np.int64)
    metrics = [m for m in spec.metrics if m.role == "primary" and not isinstance(m, Quantile)]
    found = []
    for number in np.unique(period):
        inside = np.flatnonzero(period == number)
        first = days[0] + timedelta(days=int(number) * length)
        last = min(first + timedelta(days=length - 1), days[-1])
        effects = () if summary.clusters is not None else _effects(summary, spec, metrics, inside)
        found.append(Period(first, last, _units(summary, inside), tuple(effects)))
    return tuple(found)


def _length(days: int) -> int:
    """Days in a period."""
    return next((one for one in _LENGTHS if days <= one * _MOST), -(-days // _MOST))


def _units(summary: Summary, inside: Ints) -> tuple[int, ...]:
    cells = summary.main.cells
    there = np.isin(cells.day, inside)
    return tuple(int(cells.units[there & (cells.arm == arm)].sum()) for arm in range(len(summary.arms)))


def _effects(
    summary: Summary, spec: Specification, metrics: Sequence[Metric], inside: Ints
) -> Iterator[PeriodEffect]:
    for metric in metrics:
        for arm in range(1, len(summary.arms)):
            yield PeriodEffect(metric.name, summary.arms[arm], _lift(summary, spec, metric, arm, inside))


def _lift(summary: Summary, spec: Specification, metric: Metric, arm: int, inside: Ints) -> Lift | None:
    cells, moments = summary.main.cells, summary.main.moments[metric.name]
    there = np.isin(cells.day, inside)
    sums = [moments.sums_over(there & (cells.arm == k)) for k in (0, arm)]
    try:
        both = compared(sums, form_of(metric).without_covariates, spec.analysis.adjustment)
        return absolute_lift(both.arms[0], both.arms[1], Rule(spec.analysis.confidence))
    except LabError:
        return None  # a day with too few units says nothing about the others
