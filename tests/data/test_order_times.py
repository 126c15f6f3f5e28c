from functools import partial
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.arrays import Ints
from retention_lab.data.ledger import DAY
from retention_lab.data.order_times import OrderTimes, order_times, orders_at
from retention_lab.data.zones import local_days


def times_of(lists: dict[str, list[int]]) -> OrderTimes:
    placed = pa.array(list(lists.values()), pa.list_(pa.timestamp("us")))
    table = pa.table({"customer_id": pa.array(list(lists), pa.string()), "placed_at": placed})
    return order_times(table, partial(local_days, timezone="UTC"))


def drawn(seed: int, span: int) -> dict[str, list[int]]:
    rng = np.random.default_rng(seed)
    names = rng.permutation([f"c{i}" for i in range(30)])
    return {name: rng.integers(-span, span, rng.integers(1, 12)).tolist() for name in names}


@pytest.mark.parametrize("span", [3, 400 * DAY, 2**58])
def test_orders_are_sorted_within_each_customer_whatever_the_span(span: int) -> None:
    """The widest leaves no room for the customers beside the time, so few are sorted at once."""
    lists = drawn(1, span)
    times = times_of(lists)
    for i, placed in enumerate(lists.values()):
        assert times.placed[times.starts[i] : times.starts[i + 1]].tolist() == sorted(placed)


def test_counts_gaps_and_days_are_those_of_each_customers_own_orders() -> None:
    lists = drawn(2, 200 * DAY)
    rng = np.random.default_rng(3)
    names = [*rng.choice(list(lists), 80), "nobody"]
    cutoffs: Ints = rng.integers(-200 * DAY, 200 * DAY, 81)
    found = orders_at(times_of(lists), pa.chunked_array([names]), cutoffs)
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
    found = orders_at(times, pa.chunked_array([["a"]]), np.array([5]))
    assert (found.number.tolist(), found.days().tolist(), found.longest_gap_minutes().tolist()) == (
        [0],
        [0],
        [0],
    )
