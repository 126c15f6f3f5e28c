from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lab.tracking.fingerprint import content_sha256

TABLE = pa.table(
    {
        "id": ["a", "", None, "Größe"],
        "x": [1.5, None, float("nan"), -0.25],
        "n": pa.array([1, None, 3, 4], pa.int16()),
        "flag": [True, None, False, True],
        "at": pa.array([datetime(2026, 1, day) for day in (1, 2, 3, 4)], pa.timestamp("us")),
        "money": pa.array([Decimal("1.10"), None, Decimal("3.00"), Decimal("-4.25")], pa.decimal128(18, 4)),
        "tags": [["a"], [], None, ["b", None]],
        "kind": pa.array(["x", "y", None, "x"]).dictionary_encode(),
        "pair": [{"a": 1}, None, {"a": None}, {"a": 4}],
        "nothing": pa.nulls(4),
    }
)


@given(st.lists(st.integers(1, 3), max_size=4))
def test_chunks_do_not_count(sizes: list[int]) -> None:
    pieces, start = [], 0
    for size in sizes:
        pieces.append(TABLE.slice(start, size))
        start += size
    pieces.append(TABLE.slice(start))
    assert content_sha256(pa.concat_tables(pieces)) == content_sha256(TABLE)


def test_a_slice_is_the_same_as_a_table_of_its_rows() -> None:
    rows = pa.Table.from_pylist(TABLE.slice(1, 2).to_pylist(), schema=TABLE.schema)
    assert content_sha256(TABLE.slice(1, 2)) == content_sha256(rows)


@pytest.mark.parametrize("column", [name for name in TABLE.column_names if name != "nothing"])
def test_every_cell_counts(column: str) -> None:
    rows = TABLE.to_pylist()
    rows[3][column] = rows[0][column] if rows[3][column] != rows[0][column] else None
    assert content_sha256(pa.Table.from_pylist(rows, schema=TABLE.schema)) != content_sha256(TABLE)


def test_a_change_far_down_counts() -> None:
    numbers = list(range(200_000))
    one = content_sha256(pa.table({"n": numbers}))
    numbers[199_999] = 0
    assert content_sha256(pa.table({"n": numbers})) != one


def test_names_types_order_and_rows_count() -> None:
    table = pa.table({"a": [1, 2], "b": [1, 2]})
    same = [
        table.rename_columns(["a", "c"]),
        table.select(["b", "a"]),
        table.take([1, 0]),
        table.slice(0, 1),
        table.cast(pa.schema([("a", pa.int32()), ("b", pa.int64())])),
    ]
    assert content_sha256(table) not in [content_sha256(other) for other in same]
    assert len({content_sha256(other) for other in same}) == len(same)


def test_text_boundaries_count() -> None:
    assert content_sha256(pa.table({"a": ["ab", "c"]})) != content_sha256(pa.table({"a": ["a", "bc"]}))
    assert content_sha256(pa.table({"a": ["", None]})) != content_sha256(pa.table({"a": [None, ""]}))


def test_how_arrow_holds_text_does_not_count() -> None:
    texts = pa.array(["a", None, "bb"])
    forms = [texts, texts.cast(pa.large_string()), texts.dictionary_encode(), texts.cast(pa.string_view())]
    assert len({content_sha256(pa.table({"a": form})) for form in forms}) == 1


def test_an_empty_table_has_a_hash() -> None:
    assert content_sha256(TABLE.slice(0, 0)) != content_sha256(pa.table({}))
