from functools import partial
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.arrays import Ints
from retention_lab.data.ledger import DAY, Lines
from retention_lab.data.order_times import OrderSums, OrderTimes, order_times, orders_at
from retention_lab.data.zones import local_days


def times_of(lists: dict[str, list[int]], seed: int = 0) -> OrderTimes:
    """Customers in the order of the lists, their orders mixed."""
    owners = np.repeat(np.arange(len(lists), dtype=np.int32), [len(own) for own in lists.values()])
    placed: Ints = np.array([moment for own in lists.values() for moment in own], dtype=np.int64)
    mixed = np.random.default_rng(seed).permutation(len(placed))
    return order_times(owners[mixed], placed[mixed], len(lists), partial(local_days, timezone="UTC"))


def drawn(seed: int, span: int) -> dict[str, list[int]]:
    rng = np.random.default_rng(seed)
    names = rng.permutation([f"c{i}" for i in range(30)])
    return {name: rng.integers(-span, span, rng.integers(1, 12)).tolist() for name in names}


@pytest.mark.parametrize("span", [3, 400 * DAY, 2**58])
def test_orders_are_sorted_within_each_customer_whatever_the_span(span: int) -> None:
    lists = drawn(1, span)
    times = times_of(lists)
    for i, placed in enumerate(lists.values()):
        assert times.placed[times.starts[i] : times.starts[i + 1]].tolist() == sorted(placed)


def test_counts_gaps_and_days_are_those_of_each_customers_own_orders() -> None:
    lists = drawn(2, 200 * DAY)
    rng = np.random.default_rng(3)
    names = [*rng.choice(list(lists), 80), "nobody"]
    cutoffs: Ints = rng.integers(-200 * DAY, 200 * DAY, 81)
    customers = np.array([[*lists, "nobody"].index(name) for name in names])
    found = orders_at(times_of(lists), customers, cutoffs)
    longest, within, days = found.longest_gap_minutes(), found.within(30), found.days(30)
    for i, (name, cutoff) in enumerate(zip(names, cutoffs.tolist(), strict=True)):
        own = sorted(moment for moment in lists.get(name, []) if moment < cutoff)
        recent = [moment for moment in own if moment >= cutoff - 30 * DAY]
        gaps = [(b - a) // 60_000_000 for a, b in pairwise(own)]
        assert found.number[i] == len(own)
        assert within[i] == len(recent)
        assert days[i] == len({moment // DAY for moment in recent})
        assert longest[i] == max(gaps, default=0)


def test_nobody_ordered() -> None:
    times = times_of({})
    found = orders_at(times, np.array([0]), np.array([5]))
    assert (found.number.tolist(), found.days().tolist(), found.longest_gap_minutes().tolist()) == (
        [0],
        [0],
        [0],
    )


def test_an_order_is_placed_at_its_first_positive_line_and_is_one_customers() -> None:
    rows = [  # customer, order, amount, moment
        (0, "x", 5, 30),
        (0, "x", 5, 20),
        (0, "x", -5, 10),  # a return places nothing
        (1, "x", 5, 7),  # the same name of another customer's order
        (0, "y", 5, 40),
        (0, None, 5, 50),
        (0, None, 5, 60),  # without a name they are one order
        (0, "z", -5, 1),
        (-1, "w", 5, 2),  # nobody's
    ]
    customer, order, amount, moment = (list(column) for column in zip(*rows, strict=True))
    sums = OrderSums()
    for part in (slice(0, 4), slice(4, 9)):
        lines = Lines(np.array(moment[part]), np.array(amount[part]), {})
        sums.add(np.array(customer[part], dtype=np.int32), pa.array(order[part], pa.string()), lines)
    times = sums.times(3, partial(local_days, timezone="UTC"))
    assert times.starts.tolist() == [0, 3, 4, 4]
    assert times.placed.tolist() == [20, 40, 50, 7]
