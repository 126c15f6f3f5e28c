from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pyarrow as pa

from retention_lab.data.ledger import DAY, MEASURES, LedgerSums, Lines, add_up, edges_of

LAST = 100 * DAY


def lines(seed: int, rows: int) -> pa.RecordBatch:
    rng = np.random.default_rng(seed)
    return pa.record_batch(
        {
            "place": pa.array(rng.integers(0, 5, rows), pa.int32()),
            "moment": rng.integers(0, LAST + 10 * DAY, rows),
            "amount": rng.integers(-3, 10, rows) * 10_000,
            "discount": pa.array(rng.integers(0, 500, rows), mask=rng.random(rows) < 0.3),
            "contribution": rng.integers(-300, 500, rows),
        }
    )


def one_by_one(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    yield from (batch.slice(i, 7) for i in range(0, batch.num_rows, 7))


def test_every_window_of_every_cutoff_is_the_plain_sum_of_its_lines() -> None:
    batch, cutoffs, windows = lines(1, 400), [LAST, LAST - 11 * DAY], [7, 30]
    ledger = add_up(one_by_one(batch), 5, dict.fromkeys(MEASURES, edges_of(cutoffs, windows)))
    rows = batch.to_pylist()
    for cutoff in cutoffs:
        found = ledger.at(cutoff, np.arange(5))
        for days in windows:
            inside = [row for row in rows if cutoff - days * DAY <= row["moment"] < cutoff]
            for place in range(5):
                own = [row for row in inside if row["place"] == place]
                sold = [row for row in own if row["amount"] > 0]
                assert found.within("lines", days)[place] == len(sold)
                assert found.within("paid", days)[place] == sum(row["amount"] for row in sold)
                assert found.within("discount", days)[place] == sum(row["discount"] or 0 for row in sold)
                back = [row["amount"] for row in own if row["amount"] < 0]
                assert found.within("returned", days)[place] == -sum(back)
                assert found.within("returns", days)[place] == len(back)
                assert found.within("revenue", days)[place] == sum(row["amount"] for row in own)
                assert found.within("contribution", days)[place] == sum(row["contribution"] for row in own)
        earlier = [row for row in rows if row["moment"] < cutoff and row["amount"] > 0 and row["place"] == 2]
        assert found.before("last_line")[2] == max(row["moment"] for row in earlier)


def test_neither_the_order_of_lines_nor_the_batches_show() -> None:
    batch, edges = lines(2, 300), dict.fromkeys(MEASURES, edges_of([LAST], [30]))
    shuffled = batch.take(pa.array(np.random.default_rng(3).permutation(batch.num_rows)))
    first, second = add_up([batch], 5, edges), add_up(one_by_one(shuffled), 5, edges)
    for name, sums in first.sums.items():
        np.testing.assert_array_equal(sums, second.sums[name])


def test_a_line_at_the_cutoff_is_left_out_and_one_at_the_start_of_a_window_is_in_it() -> None:
    moments = [LAST, LAST - 1, LAST - 30 * DAY, LAST - 30 * DAY - 1]
    batch = pa.record_batch(
        {"place": pa.array([0] * 4, pa.int32()), "moment": moments, "amount": [1, 2, 4, 8]}
    )
    found = add_up([batch], 1, {"paid": edges_of([LAST], [30])}).at(LAST, np.array([0]))
    assert found.within("paid", None).tolist() == [14]
    assert found.within("paid", 30).tolist() == [6]


def test_without_lines_there_is_nothing() -> None:
    found = add_up([], 2, {"lines": edges_of([LAST], [7])}).at(LAST, np.array([0]))
    assert found.within("lines", 7).tolist() == [0]


def test_each_measure_is_added_up_between_its_own_edges() -> None:
    batch, both = lines(4, 300), edges_of([LAST, LAST - 30 * DAY], [7])
    edges = {"paid": edges_of([LAST - 30 * DAY], []), "lines": both, "last_line": edges_of([LAST], [])}
    mixed, alone = add_up([batch], 5, edges), add_up([batch], 5, dict.fromkeys(edges, both))
    for name, own in edges.items():
        assert mixed.sums[name].shape == (len(own), 5)
        for i, edge in enumerate(own):
            np.testing.assert_array_equal(mixed.sums[name][i], alone.sums[name][both.tolist().index(edge)])


def test_sums_grow_with_the_rows_that_lines_name() -> None:
    sums = LedgerSums({"lines": edges_of([LAST], [])})
    for place in (0, 900, 3, 40_000, -1):
        one = Lines(np.array([5]), np.array([10]), {})
        sums.add(np.array([place], dtype=np.int32), one)
    found = sums.ledger(50_000).sums["lines"][0]
    assert len(found) == 50_000
    assert np.flatnonzero(found).tolist() == [0, 3, 900, 40_000]


def test_money_is_the_same_in_64_and_in_128_bits_from_anywhere_in_a_batch() -> None:
    values = [Decimal("12.3456"), Decimal("-0.0001"), None, Decimal("99999999999999.9999")]
    for kind in (pa.decimal128(18, 4), pa.decimal64(18, 4)):
        batch = pa.record_batch({"moment": [1] * 4, "amount": pa.array(values, kind)}).slice(1)
        assert Lines.of(batch).amount.tolist() == [-1, 0, 999_999_999_999_999_999]
