"""Orders, each customer's own purchase rhythm, and the stage of life that follows from it.

rhythm     the customer's mean gap between orders, from 3 orders on; with fewer, the population's: the mean
           time from first to second order over everyone who had placed the second before that day (UTC).
           Never under one day. Unknown while nobody has ordered twice.
overdue    days since the last order, in rhythms. Someone who buys at random times (a Poisson process)
           is past 2 in 14 % of the gaps, past 4 in 2 %.
lifecycle  prospect  no order yet
           churned   overdue > 4
           at_risk   overdue > 2
           new       one order
           returned  the last order ended a gap of over 4 of the rhythms kept before that gap
           active    everyone else
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.data.ledger import DAY
from retention_lab.data.order_times import OrdersAt

_STAGES = ("prospect", "new", "active", "at_risk", "churned", "returned")
_DAY_MINUTES = 1440.0


@dataclass(frozen=True)
class Rhythm:
    """What r rows' orders say; every array is (r,)."""

    orders: OrdersAt

    @cached_property
    def number(self) -> Ints:
        """Orders so far."""
        return self.orders.number

    @cached_property
    def recency_days(self) -> Floats:
        """Days since the last order."""
        return _days(self.orders.cutoffs - self.orders.placed(0))

    @cached_property
    def span_days(self) -> Floats:
        """Days from first to last order."""
        return _days(self.orders.placed(0) - self.orders.first_placed())

    @cached_property
    def last_gap_days(self) -> Floats:
        """Days between the last two orders."""
        return _days(self.orders.placed(0) - self.orders.placed(1))

    @cached_property
    def population_days(self) -> Floats:
        """The population's rhythm on the day of the cut-off; NaN while nobody has ordered twice."""
        days, customers, minutes = self.orders.times.second_orders
        known = np.searchsorted(days, self.orders.cutoffs // DAY)
        found = np.full(len(known), np.nan)
        some = known > 0
        last = known[some] - 1
        mean = minutes[last].astype(np.float64) / customers[last].astype(np.float64) / _DAY_MINUTES
        found[some] = np.maximum(mean, 1.0)
        return found

    @cached_property
    def rhythm_days(self) -> Floats:
        """The customer's rhythm; NaN where none is known."""
        own = np.maximum(_over(self.span_days, self.number - 1), 1.0)
        return np.where(self.number >= 3, own, self.population_days)

    @cached_property
    def earlier_rhythm_days(self) -> Floats:
        """The rhythm kept before the last gap; NaN where none is known."""
        span = _days(self.orders.placed(1) - self.orders.first_placed())
        own = np.maximum(_over(span, self.number - 2), 1.0)
        return np.where(self.number >= 4, own, self.population_days)

    @cached_property
    def overdue(self) -> Floats:
        """Recency in rhythms; NaN where either is unknown."""
        return np.where(self.number > 0, self.recency_days / self.rhythm_days, np.nan)

    def gap_cv(self) -> pa.Array:
        """How irregular the gaps are, in whole minutes."""
        gaps, times = self.orders.times.gap_minutes, self.number - 1
        minutes = self.orders.total(gaps).astype(np.float64)
        squares = self.orders.total(gaps * gaps).astype(np.float64)
        known = (self.number >= 3) & (minutes > 0)
        spread = np.maximum(squares - _over(minutes * minutes, times), 0.0)
        return _some(_over(np.sqrt(_over(spread, times - 1)), _over(minutes, times)), known)

    def lifecycle(self) -> pa.Array:
        """The stage's name; null where no rhythm is known."""
        overdue, number = self.overdue, self.number
        with np.errstate(invalid="ignore"):
            late = self.last_gap_days > 4 * self.earlier_rhythm_days
            stage = np.select(
                [number == 0, overdue > 4, overdue > 2, number == 1, late],
                [_stage("prospect"), _stage("churned"), _stage("at_risk"), _stage("new"), _stage("returned")],
                _stage("active"),
            )
        unknown = (number > 0) & np.isnan(self.rhythm_days)
        codes = pa.array(stage.astype(np.int32), mask=unknown)
        return pa.DictionaryArray.from_arrays(codes, pa.array(_STAGES)).cast(pa.string())


def _trend(days: int) -> Callable[[Rhythm], pa.Array]:
    return lambda rhythm: trend(rhythm.orders.within(days), rhythm.orders.within(2 * days))


def _orders_within(days: int) -> Callable[[Rhythm], pa.Array]:
    return lambda rhythm: pa.array(rhythm.orders.within(days))


def _days_within(days: int) -> Callable[[Rhythm], pa.Array]:
    return lambda rhythm: pa.array(rhythm.orders.days(days))


RHYTHM: Mapping[str, Callable[[Rhythm], pa.Array]] = {
    "recency_days": lambda found: _some(found.recency_days, found.number > 0),
    "orders": lambda found: pa.array(found.number),
    "orders_30": _orders_within(30),
    "orders_90": _orders_within(90),
    "orders_180": _orders_within(180),
    "orders_365": _orders_within(365),
    "order_trend": _trend(90),
    "mean_gap_days": lambda found: _some(_over(found.span_days, found.number - 1), found.number > 1),
    "gap_cv": Rhythm.gap_cv,
    "overdue": lambda found: _some(found.overdue, ~np.isnan(found.overdue)),
    "lifecycle": Rhythm.lifecycle,
    "orders_7": _orders_within(7),
    "order_trend_30": _trend(30),
    "order_trend_180": _trend(180),
    "first_order_days": lambda found: _some(
        _days(found.orders.cutoffs - found.orders.first_placed()), found.number > 0
    ),
    "last_gap_days": lambda found: _some(found.last_gap_days, found.number > 1),
    "longest_gap_days": lambda found: _some(
        found.orders.longest_gap_minutes() / _DAY_MINUTES, found.number > 1
    ),
    "order_days": lambda found: pa.array(found.orders.days()),
    "order_days_30": _days_within(30),
    "order_days_90": _days_within(90),
    "order_days_365": _days_within(365),
}


def trend(later: Ints, both: Ints) -> pa.Array:
    """Later less earlier over both together, -1 to 1; null where both are nothing."""
    return _some(_over((2 * later - both).astype(np.float64), both), both != 0)


def _stage(name: str) -> int:
    return _STAGES.index(name)


def _days(microseconds: Ints) -> Floats:
    return microseconds / float(DAY)


def _over(values: Floats, by: Ints | Floats) -> Floats:
    """A ratio, whatever it is where the divisor is none: the caller leaves that out."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(values / by, dtype=np.float64)


def _some(values: Floats, known: Bools) -> pa.Array:
    return pa.array(values, mask=~known)
