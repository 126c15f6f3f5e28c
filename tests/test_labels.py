from decimal import Decimal

import pyarrow as pa
import pytest

from retention_lab.labels import label_text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1.0, -3.0, 2.5, 0.0], ["1", "-3", "2.5", "0"]),
        ([1, 2, None], ["1", "2", None]),
        ([True, False, None], ["true", "false", None]),
        (["1.0", " a", ""], ["1.0", " a", ""]),
        ([Decimal("1.00"), Decimal("2.50")], ["1", "2.50"]),
    ],
)
def test_values_are_compared_as_text(values: list[object], text: list[str | None]) -> None:
    assert label_text(pa.chunked_array([pa.array(values)])).to_pylist() == text


def test_a_long_id_that_a_file_gave_as_a_float_matches_its_integer() -> None:
    ids = [1e15, 9007199254740992.0, 123456789012.0]
    as_float = label_text(pa.chunked_array([pa.array(ids, pa.float64())]))
    as_integer = label_text(pa.chunked_array([pa.array([int(x) for x in ids])]))
    assert as_float.to_pylist() == as_integer.to_pylist()


def test_nan_is_missing_and_no_label() -> None:
    assert label_text(pa.chunked_array([pa.array([1.0, float("nan"), None])])).to_pylist() == [
        "1",
        None,
        None,
    ]


def test_categories_are_read_as_their_values() -> None:
    column = pa.chunked_array([pa.array(["b", None, "a"]).dictionary_encode()])
    assert label_text(column).to_pylist() == ["b", None, "a"]


def test_an_infinite_number_stays_visible() -> None:
    assert label_text(pa.chunked_array([pa.array([float("inf"), 1e300])])).to_pylist() == ["inf", "1e+300"]
