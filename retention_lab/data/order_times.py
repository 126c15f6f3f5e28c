"""When every customer placed orders, in order, and what those times say about a customer at a cut-off.

Everything is counted in whole microseconds or whole minutes, so no answer depends on the order of rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Bools, Ints
from retention_lab.data.ledger import DAY

_MINUTE = 60_000_000
_KEY_BITS = 62
_GAP_BITS = 31  # 4,000 years of minutes


@dataclass(frozen=True)
class OrderTimes:
    """The orders of c customers, n in all.

    ids: (c,) text. starts: (c + 1,) where each customer's begin. placed: (n,) microseconds, increasing within
    a customer. day_of: microseconds -> local day, as whole numbers.
    """

    ids: pa.Array
    starts: Ints
    placed: Ints
    day_of: Callable[[Ints], Ints]

    def customers(self, ids: pa.ChunkedArray) -> Ints:
        """(r,) position of each id among the customers; c for whoever never ordered."""
        found = pc.fill_null(pc.index_in(ids, value_set=self.ids), len(self.ids))
        return np.asarray(found.to_numpy(), dtype=np.int64)

    def until(self, customers: Ints, moments: Ints) -> Ints:
        """(r,) position after the customer's last order before the moment."""
        low, high = self._bounds[customers].copy(), self._bounds[customers + 1].copy()
        open_ = np.flatnonzero(low < high)
        while len(open_):  # halves every row's span at once
            middle = (low[open_] + high[open_]) // 2
            earlier = self.placed[middle] < moments[open_]
            low[open_[earlier]] = middle[earlier] + 1
            high[open_[~earlier]] = middle[~earlier]
            open_ = open_[low[open_] < high[open_]]
        return low

    def first_placed(self) -> Ints:
        """(c,) when each customer placed the first order."""
        found: Ints = self.placed[self.starts[:-1]]  # every customer here has one
        return found

    @cached_property
    def _bounds(self) -> Ints:
        """With one customer more, who never ordered."""
        return np.append(self.starts, self.starts[-1])

    @cached_property
    def first(self) -> Bools:
        """(n,) whether this is the customer's first order."""
        found = np.zeros(len(self.placed), dtype=np.bool_)
        found[self.starts[:-1][np.diff(self.starts) > 0]] = True
        return found

    @cached_property
    def gap_minutes(self) -> Ints:
        """(n,) whole minutes since the customer's order before; 0 for the first."""
        gaps = np.zeros(len(self.placed), dtype=np.int64)
        np.floor_divide(np.diff(self.placed), _MINUTE, out=gaps[1:])
        gaps[self.first] = 0
        return gaps

    @cached_property
    def longest_gap_so_far(self) -> Ints:
        """(n,) the longest of the customer's gaps up to this order, in minutes."""
        owner = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        # the highest number up to here is of this customer: every other one before has a lower place
        return np.maximum.accumulate(owner << _GAP_BITS | self.gap_minutes) & ((1 << _GAP_BITS) - 1)

    @cached_property
    def opens_day(self) -> Bools:
        """(n,) whether this is the customer's first order of its local day."""
        days = self.day_of(self.placed)
        found = np.ones(len(days), dtype=np.bool_)
        np.not_equal(days[1:], days[:-1], out=found[1:])
        return found | self.first

    @cached_property
    def second_orders(self) -> tuple[Ints, Ints, Ints]:
        """Days (UTC) of second orders, increasing; how many until then, and their gaps' total minutes."""
        second = self.starts[:-1][np.diff(self.starts) >= 2] + 1
        days = self.placed[second] // DAY
        order = np.argsort(days, kind="stable")
        return days[order], np.arange(1, len(second) + 1), np.cumsum(self.gap_minutes[second][order])


def order_times(lists: pa.Table, day_of: Callable[[Ints], Ints]) -> OrderTimes:
    """From one row per customer: customer_id, and placed_at as a list (timestamps, in no order)."""
    ids = lists.column("customer_id").combine_chunks()
    listed = lists.column("placed_at").combine_chunks()
    ids, listed = (part.chunk(0) if isinstance(part, pa.ChunkedArray) else part for part in (ids, listed))
    starts = np.asarray(listed.offsets, dtype=np.int64)
    placed = np.asarray(
        listed.values.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy(zero_copy_only=False)
    )
    return OrderTimes(ids, starts - starts[0], _sorted_within(starts, placed[starts[0] : starts[-1]]), day_of)


def _sorted_within(starts: Ints, values: Ints) -> Ints:
    """Values sorted within each customer: as numbers of customer and time, which sort without an index."""
    if len(values) == 0:
        return values
    lowest = values.min()
    bits = int(values.max() - lowest).bit_length()
    at_once = 1 << max(_KEY_BITS - bits, 0)
    out = np.empty_like(values)
    for first in range(0, len(starts) - 1, at_once):
        bounds = starts[first : first + at_once + 1] - starts[0]
        owner = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds)) << bits
        keys = np.sort(owner | (values[bounds[0] : bounds[-1]] - lowest))
        out[bounds[0] : bounds[-1]] = (keys & ((1 << bits) - 1)) + lowest
    return out


@dataclass(frozen=True, slots=True)
class OrdersAt:
    """The orders of r rows as they stood at each row's cut-off.

    customers: (r,) positions in `times`. cutoffs: (r,) microseconds. start, end: (r,) the customer's first
    order, and the position after the last one before the cut-off.
    """

    times: OrderTimes
    customers: Ints
    cutoffs: Ints
    start: Ints
    end: Ints

    @property
    def number(self) -> Ints:
        """(r,) orders so far."""
        return self.end - self.start

    def within(self, days: int) -> Ints:
        """(r,) orders in the last `days` days."""
        return self.end - self.since(days)

    def since(self, days: int) -> Ints:
        """(r,) position of the first order in the last `days` days."""
        return self.times.until(self.customers, self.cutoffs - days * DAY)

    def placed(self, back: int) -> Ints:
        """(r,) when the last order but `back` was placed; anything where there is none."""
        return self._at(self.end - 1 - back)

    def first_placed(self) -> Ints:
        """(r,) when the first order was placed; anything where there is none."""
        return self._at(self.start)

    def total(self, values: Ints) -> Ints:
        """(r,) sum of values of orders over everything so far."""
        running = _running(values)
        return running[self.end] - running[self.start]

    def days(self, days: int | None = None) -> Ints:
        """(r,) local days with an order, in the last `days` days or so far."""
        running = _running(self.times.opens_day)
        if days is None:
            return running[self.end] - running[self.start]
        since = self.since(days)
        # a day cut by the start of the window counts if an order of it lies inside
        cut = (since < self.end) & ~self._flag(self.times.opens_day, since)
        return running[self.end] - running[since] + cut

    def longest_gap_minutes(self) -> Ints:
        """(r,) minutes of the longest gap between two orders so far; 0 with fewer than two."""
        if len(self.times.placed) == 0:
            return np.zeros(len(self.end), dtype=np.int64)
        return np.where(self.number > 1, self.times.longest_gap_so_far[self.end - 1], 0)

    def _at(self, position: Ints) -> Ints:
        if len(self.times.placed) == 0:
            return np.zeros(len(position), dtype=np.int64)
        return self.times.placed[np.clip(position, 0, len(self.times.placed) - 1)]

    @staticmethod
    def _flag(flags: Bools, position: Ints) -> Bools:
        return np.append(flags, False)[position]


def orders_at(times: OrderTimes, ids: pa.ChunkedArray, cutoffs: Ints) -> OrdersAt:
    """The orders of these customers at these cut-offs (microseconds), row by row."""
    customers = times.customers(ids)
    start = np.append(times.starts, times.starts[-1])[customers]
    return OrdersAt(times, customers, cutoffs, start, times.until(customers, cutoffs))


def _running(values: Ints | Bools) -> Ints:
    """(n + 1,) sums of everything before each position; a difference of two is exact even past 2^63."""
    found = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=found[1:])
    return found
