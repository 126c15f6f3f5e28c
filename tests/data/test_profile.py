from datetime import date

import pyarrow as pa
import pytest

from retention_lab.data.profile import ColumnProfile, profile, profile_column
from retention_lab.data.read import read_flat
from tests.shared_data import shared_file


def column(name: str, values: list[object]) -> ColumnProfile:
    return profile_column(name, pa.chunked_array([pa.array(values)]))


@pytest.mark.parametrize(
    ("name", "values", "looks_like"),
    [
        ("customer_id", list(range(100)), "id"),
        ("CustomerID", [str(i) for i in range(100)], "id"),
        ("code", [f"x{i}" for i in range(100)], "id"),
        ("spend", [i / 7 for i in range(100)], "number"),
        ("visits", list(range(100)), "number"),
        ("arm", [0, 1] * 50, "binary"),
        ("city", ["a", "b", "c", "d"] * 25, "category"),
        ("words", [f"it was number {i} of all that I bought" for i in range(100)], "text"),
        ("day", [date(2026, 1, 1 + i % 30) for i in range(100)], "time"),
        ("country", ["DE"] * 100, "constant"),
        ("nothing", [None] * 100, "empty"),
    ],
)
def test_says_what_a_column_looks_like(name: str, values: list[object], looks_like: str) -> None:
    assert column(name, values).looks_like == looks_like


def test_counts_gaps_values_and_range() -> None:
    found = column("x", [1.0, None, float("nan"), 3.0, 3.0])
    assert (found.rows, found.missing, found.distinct) == (5, 2, 2)
    assert (found.minimum, found.maximum) == (1.0, 3.0)
    assert found.is_binary
    assert found.examples == ()  # three values would show each customer's own


def test_examples_are_common_values_and_never_those_of_one_customer() -> None:
    assert column("segment", ["a"] * 30 + ["b"] * 20).examples == ("a", "b")
    assert column("email", ["anna@example.org", "bob@example.org"] * 25).examples == ()
    assert column("first name", ["Anna", "Bob"] * 25).examples == ()
    assert column("customer_id", [str(i) for i in range(50)]).examples == ()


def test_the_order_of_rows_does_not_matter() -> None:
    table = pa.table({"x": [3, 1, 2] * 20, "y": ["c", "a", "b"] * 20})
    assert profile(table) == profile(table.take(list(reversed(range(60)))))


def test_nested_columns_and_empty_tables_are_no_obstacle() -> None:
    nested = pa.table({"items": [[{"id": 1}], None], "x": [1, 2]})
    assert [found.missing for found in profile(nested)] == [1, 0]
    assert profile(nested.slice(0, 0))[1].looks_like == "empty"


def test_a_campaign_file_is_understood() -> None:
    found = {c.name: c for c in profile(read_flat(shared_file("hillstrom/hillstrom.csv.gz")))}
    assert found["segment"].looks_like == "category"
    assert set(found["segment"].examples) == {"Womens E-Mail", "Mens E-Mail", "No E-Mail"}
    assert found["visit"].is_binary
    assert found["spend"].maximum == 499.0
    assert not any(c.missing for c in found.values())
