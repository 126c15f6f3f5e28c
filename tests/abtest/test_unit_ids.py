import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from retention_lab.abtest.unit_ids import Ids, unit_ids, utf8
from retention_lab.errors import LabError

TEXTS = ["a", "ä", "漢字", "😀", "customer-1"]


@pytest.mark.parametrize(
    "ids",
    [
        TEXTS,
        tuple(TEXTS),
        np.array(TEXTS),
        np.array(TEXTS, dtype=object),
        np.array(TEXTS, dtype=np.dtypes.StringDType()),
        pd.Series(TEXTS),
        pd.Series(TEXTS, dtype=object),
        pd.Series(TEXTS, dtype="category"),
        pa.array(TEXTS),
        pa.array(TEXTS, type=pa.large_string()),
        pa.array(TEXTS, type=pa.string_view()),
        pa.array(TEXTS).dictionary_encode(),
        pa.array(["before", *TEXTS, "after"])[1:-1],
        pa.chunked_array([TEXTS[:2], [], TEXTS[2:]]),
    ],
    ids=lambda ids: type(ids).__name__,
)
def test_text_is_the_same_in_whatever_it_comes(ids: Ids) -> None:
    assert unit_ids(ids).texts() == TEXTS


def test_an_iterator_is_read_once() -> None:
    assert unit_ids(iter(TEXTS)).texts() == TEXTS


@pytest.mark.parametrize(
    "ids",
    [
        [7, 42],
        np.array([7, 42], dtype=np.int8),
        np.array([7, 42], dtype=">i4"),
        np.array([7, 42], dtype=np.uint64),
        np.array([7.0, 42.0]),
        np.array([7.0, 42.0], dtype=np.float32),
        pd.Series([7, 42]),
        pd.Series([7.0, 42.0]),
        pd.Series([7, 42], dtype="Int64"),
        pa.array([7, 42], type=pa.int32()),
        pa.chunked_array([[7], [42]]),
        pa.array([7, 42], type=pa.decimal128(20, 0)),
        [7, "42"],
        ["7", 42.0],
        [np.int32(7), np.float64(42)],
    ],
    ids=lambda ids: f"{type(ids).__name__} {getattr(ids, 'dtype', getattr(ids, 'type', ''))}",
)
def test_whole_numbers_are_text_without_a_point(ids: Ids) -> None:
    assert unit_ids(ids).texts() == ["7", "42"]


def test_the_largest_and_the_least_numbers_keep_their_digits() -> None:
    least, most = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    assert unit_ids(np.array([least, most, 0, -1])).texts() == [str(least), str(most), "0", "-1"]
    assert unit_ids(np.array([2**64 - 1], dtype=np.uint64)).texts() == [str(2**64 - 1)]
    assert unit_ids(np.array([-128, 127], dtype=np.int8)).texts() == ["-128", "127"]
    assert unit_ids([10**30]).texts() == [str(10**30)]


@pytest.mark.parametrize(
    "ids",
    [
        ["a", None, "b"],
        ["a", float("nan"), "b"],
        [1, None, "b"],
        np.array([1.0, np.nan, 2.0]),
        np.array(["a", None, 2], dtype=object),
        pd.Series(["a", None, "b"]),
        pd.Series([1, pd.NA, 2], dtype="Int64"),
        pa.array(["a", None, "b"]),
        pa.array(["a", None, "b"]).dictionary_encode(),
        pa.array([1, None, 2]),
        pa.chunked_array([["a"], [None]]),
    ],
    ids=lambda ids: type(ids).__name__,
)
def test_a_missing_id_is_refused_with_its_row(ids: Ids) -> None:
    with pytest.raises(LabError, match="Row 2 has no id"):
        unit_ids(ids)


@pytest.mark.parametrize(
    ("ids", "why"),
    [
        ("customer", "One text"),
        (np.ones((2, 2), dtype=np.int64), "2 dimensions"),
        ([True, False], "type bool"),
        (["a", True], "row 2 is of type bool"),
        ([1, 2.5], "row 2 is a number with decimals"),
        (["a", 2.5], "row 2 is of type float"),
        (np.array([1.0, 2.0**53]), "row 2"),
        (np.array([1.0, np.inf]), "row 2"),
        (np.array([2.0**24], dtype=np.float32), "row 1"),
        ([b"\xff"], "not UTF-8"),
        (["\ud800"], "lone surrogate"),
        (pa.array([pd.Timestamp("2026-01-01")]), "type timestamp"),
        ([["a"]], "type list"),
    ],
)
def test_what_cannot_be_an_id_is_refused(ids: Ids, why: str) -> None:
    with pytest.raises(LabError, match=why):
        unit_ids(ids)


def test_broken_text_in_an_arrow_array_is_refused_before_a_loop_reads_it() -> None:
    cut = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, 1], dtype=np.int32)), pa.py_buffer(b"\xf0")]
    )
    with pytest.raises(LabError, match="not UTF-8"):
        unit_ids(cut)


def test_an_error_never_shows_an_id() -> None:
    with pytest.raises(LabError) as caught:
        unit_ids(["a", 12345.678])
    assert "12345" not in str(caught.value)


def test_no_ids_are_no_text() -> None:
    assert unit_ids([]).texts() == unit_ids(pa.array([], type=pa.string())).texts() == []


def test_a_seed_must_be_text() -> None:
    assert utf8("ä").tolist() == [0xC3, 0xA4]
    with pytest.raises(LabError, match="The seed is of type int"):
        utf8(7)  # type: ignore[arg-type]
