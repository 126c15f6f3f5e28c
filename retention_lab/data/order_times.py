"""When every customer placed orders, in order, and what those times say about a customer at a cut-off.

Everything is counted in whole microseconds or whole minutes, so no answer depends on the order of rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Ints
from retention_lab.data.ledger import DAY, Lines
from retention_lab.data.text_codes import Codes, TextCodes, make_longer

_MINUTE = 60_000_000
_GAP_BITS = 31  # 4,000 years of minutes


@dataclass(frozen=True)
class OrderTimes:
    """The orders of c customers, n in all.

    starts: (c + 1,) where each customer's begin. placed: (n,) microseconds, increasing within a customer.
    day_of: microseconds -> local day, as whole numbers.
    """

    starts: Ints
    placed: Ints
    day_of: Callable[[Ints], Ints]

    def until(self, customers: Ints, moments: Ints) -> Ints:
        """(r,) position after the customer's last order before the moment; customer c never ordered."""
        from retention_lab.data.line_loops import count_before  # loads the compiler

        found = np.empty(len(customers), dtype=np.int64)
        count_before(self._bounds, self.placed, customers, moments, found)
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
        found = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        found <<= _GAP_BITS  # in place throughout: a copy would be as long as all orders
        found |= self.gap_minutes
        # the highest number up to here is of this customer: every other one before has a lower place
        np.maximum.accumulate(found, out=found)
        found &= (1 << _GAP_BITS) - 1
        return found

    @cached_property
    def opens_day(self) -> Bools:
        """(n,) whether this is the customer's first order of its local day."""
        days = self.day_of(self.placed)
        found = np.ones(len(days), dtype=np.bool_)
        np.not_equal(days[1:], days[:-1], out=found[1:])
        return found | self.first

    @cached_property
    def days_before(self) -> Ints:
        """(n + 1,) local days with an order, customer by customer, before each position."""
        return _running(self.opens_day)

    @cached_property
    def second_orders(self) -> tuple[Ints, Ints, Ints]:
        """Days (UTC) of second orders, increasing; how many until then, and their gaps' total minutes."""
        second = self.starts[:-1][np.diff(self.starts) >= 2] + 1
        days = self.placed[second] // DAY
        order = np.argsort(days, kind="stable")
        return days[order], np.arange(1, len(second) + 1), np.cumsum(self.gap_minutes[second][order])


def order_times(owners: Codes, placed: Ints, customers: int, day_of: Callable[[Ints], Ints]) -> OrderTimes:
    """From one row per order, (n,): whose it is, a number below `customers`, and when it was placed."""
    from retention_lab.data.line_loops import sort_within  # loads the compiler

    starts = np.zeros(customers + 1, dtype=np.int64)
    np.cumsum(np.bincount(owners, minlength=customers), out=starts[1:])
    found = np.empty(len(placed), dtype=np.int64)
    sort_within(owners, placed, starts, found)
    return OrderTimes(starts, found, day_of)


class OrderSums:
    """Orders that are found line by line: an order_id of a customer, placed at its first positive line."""

    def __init__(self) -> None:
        self._orders = TextCodes()
        self._placed = np.zeros(0, dtype=np.int64)

    def add(self, customer: Codes, order_id: pa.Array, lines: Lines) -> None:
        """Add lines of these customers, (n,); a customer below 0 is nobody."""
        from retention_lab.data.line_loops import keep_earliest  # loads the compiler

        known = len(self._orders)
        order = self._orders.codes(order_id, customer, (customer >= 0) & (lines.amount > 0))
        make_longer(self._placed, len(self._orders))
        self._placed[known : len(self._orders)] = np.iinfo(np.int64).max
        keep_earliest(self._placed, order, lines.moment)

    def times(self, customers: int, day_of: Callable[[Ints], Ints]) -> OrderTimes:
        """The orders of this many customers; nothing can be added afterwards."""
        owners, placed = self._orders.owners(), self._placed[: len(self._orders)]
        self._orders = TextCodes()  # its memory is wanted
        return order_times(owners, placed, customers, day_of)


@dataclass(frozen=True)
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
    _since: dict[int, Ints] = field(default_factory=dict, repr=False)

    @property
    def number(self) -> Ints:
        """(r,) orders so far."""
        return self.end - self.start

    def within(self, days: int) -> Ints:
        """(r,) orders in the last `days` days."""
        return self.end - self.since(days)

    def since(self, days: int) -> Ints:
        """(r,) position of the first order in the last `days` days."""
        if days not in self._since:
            self._since[days] = self.times.until(self.customers, self.cutoffs - days * DAY)
        return self._since[days]

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
        running = self.times.days_before
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


def orders_at(times: OrderTimes, customers: Ints, cutoffs: Ints) -> OrdersAt:
    """The orders of these customers, (r,) numbers, at these cut-offs (microseconds), row by row.

    A number just past the customers is somebody who never ordered.
    """
    start = np.append(times.starts, times.starts[-1])[customers]
    return OrdersAt(times, customers, cutoffs, start, times.until(customers, cutoffs))


def _running(values: Ints | Bools) -> Ints:
    """(n + 1,) sums of everything before each position; a difference of two is exact even past 2^63."""
    found = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=found[1:])
    return found
