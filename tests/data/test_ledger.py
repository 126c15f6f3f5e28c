from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from retention_lab.data.ledger import DAY, MEASURES, add_up, edges_of

LAST = 100 * DAY


def lines(seed: int, rows: int) -> pa.RecordBatch:
    rng = np.random.default_rng(seed)
    return pa.record_batch(
        {
            "place": pa.array(rng.integers(0, 5, rows), pa.int32()),
            "moment": rng.integers(0, LAST + 10 * DAY, rows),
            "amount": rng.integers(-3, 10, rows) * 10_000,
            "discount": pa.array(rng.integers(0, 500, rows), mask=rng.random(rows) < 0.3),
        }
    )


def one_by_one(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    yield from (batch.slice(i, 7) for i in range(0, batch.num_rows, 7))


def test_every_window_of_every_cutoff_is_the_plain_sum_of_its_lines() -> None:
    batch, cutoffs, windows = lines(1, 400), [LAST, LAST - 11 * DAY], [7, 30]
    ledger = add_up(one_by_one(batch), 5, edges_of(cutoffs, windows), MEASURES)
    rows = batch.to_pylist()
    assert "contribution" not in ledger.sums
    for cutoff in cutoffs:
        found = ledger.at(cutoff, np.ones(5, dtype=np.bool_))
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
        earlier = [row for row in rows if row["moment"] < cutoff and row["amount"] > 0 and row["place"] == 2]
        assert found.before("last_line")[2] == max(row["moment"] for row in earlier)


def test_neither_the_order_of_lines_nor_the_batches_show() -> None:
    batch, edges = lines(2, 300), edges_of([LAST], [30])
    shuffled = batch.take(pa.array(np.random.default_rng(3).permutation(batch.num_rows)))
    first, second = (
        add_up(iter([batch]), 5, edges, MEASURES),
        add_up(one_by_one(shuffled), 5, edges, MEASURES),
    )
    for name, sums in first.sums.items():
        np.testing.assert_array_equal(sums, second.sums[name])


def test_a_line_at_the_cutoff_is_left_out_and_one_at_the_start_of_a_window_is_in_it() -> None:
    moments = [LAST, LAST - 1, LAST - 30 * DAY, LAST - 30 * DAY - 1]
    batch = pa.record_batch(
        {"place": pa.array([0] * 4, pa.int32()), "moment": moments, "amount": [1, 2, 4, 8]}
    )
    found = add_up(iter([batch]), 1, edges_of([LAST], [30]), ["paid"]).at(LAST, np.array([True]))
    assert found.within("paid", None).tolist() == [14]
    assert found.within("paid", 30).tolist() == [6]


def test_without_lines_there_is_nothing() -> None:
    found = add_up(iter([]), 2, edges_of([LAST], [7]), ["lines"]).at(LAST, np.array([True, False]))
    assert found.within("lines", 7).tolist() == [0]
