from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from retention_lab.data.convert import Reading
from retention_lab.data.importing import REASON, Cleaned, clean, merge
from retention_lab.data.schema import TABLES
from retention_lab.errors import LabError

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def cleaned(
    source: pa.Table, table: str = "transactions", mapping: dict[str, str] | None = None, **reading: Any
) -> Cleaned:
    how = Reading(Path("source.csv"), **({"timezone": "UTC"} | reading))
    return clean(source, TABLES[table], mapping or {}, how, NOW)


def orders(**columns: list[Any]) -> pa.Table:
    """Four good order lines, with some columns exchanged."""
    good: dict[str, list[Any]] = {
        "order_id": ["1", "2", "3", "4"],
        "customer_id": ["a", "b", "c", "d"],
        "ordered_at": ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"],
        "amount": [1.0, 2.0, 3.0, 4.0],
    }
    return pa.table(good | columns)


def test_clean_tables_stay_as_they_are() -> None:
    found = cleaned(orders())
    assert found.table.num_rows == 4
    assert found.refused.num_rows == 0
    assert found.table.schema.field("ordered_at").type == pa.timestamp("us", "UTC")
    assert found.retyped == {"ordered_at": "string"}


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"order_id": ["1", None, "3", "4"]}, "order_id is missing"),
        ({"customer_id": ["a", " ", "c", "d"]}, "customer_id is missing"),
        ({"ordered_at": ["2026-01-01", "", "2026-01-03", "2026-01-04"]}, "ordered_at is missing"),
        ({"ordered_at": ["2026-01-01", "soon", "2026-01-03", "2026-01-04"]}, "ordered_at is no time"),
        (
            {"ordered_at": ["2026-01-01", "2027-01-03", "2026-01-03", "2026-01-04"]},
            "ordered_at lies in the future",
        ),
        ({"amount": ["1", "two", "3", "4"]}, "amount is no number"),
        ({"amount": [1.0, float("inf"), 3.0, 4.0]}, "amount is no number"),
        ({"amount": [1.0, float("nan"), 3.0, 4.0]}, "amount is missing"),
        ({"quantity": [1, -1, 1, 1]}, "quantity and amount have opposite signs"),
    ],
)
def test_a_row_that_cannot_be_used_is_set_apart_with_its_reason(
    columns: dict[str, list[Any]], reason: str
) -> None:
    found = cleaned(orders(**columns))
    assert found.table.column("order_id").to_pylist() == ["1", "3", "4"]
    assert found.reasons == {reason: 1}
    assert found.refused.column("row").to_pylist() == [2]


def test_returns_stay() -> None:
    found = cleaned(orders(amount=[1.0, -2.0, 3.0, -4.0], quantity=[1, -1, None, None]))
    assert found.table.num_rows == 4


def test_every_row_is_kept_or_refused_or_a_duplicate() -> None:
    source = orders(customer_id=["a", None, "c", "d"])
    whole = pa.concat_tables([source, source, source.slice(1, 2)])
    found = cleaned(whole)
    assert (found.table.num_rows, found.refused.num_rows, found.duplicates) == (3, 1, 6)


def test_rows_that_differ_in_a_column_that_is_not_used_are_no_duplicates() -> None:
    source = orders(note=["x", "y", "x", "x"])
    again = orders(note=["other", "y", "x", "x"])
    found = cleaned(pa.concat_tables([source, again]))
    assert found.duplicates == 3
    assert found.ignored == ("note",)


def test_numbers_in_a_column_with_a_slip_keep_their_decimal_commas() -> None:
    found = cleaned(orders(amount=["1,50", "oops", "1.003,25", "4,00"]))
    assert found.table.column("amount").to_pylist() == [1.5, 1003.25, 4.0]
    assert found.reasons == {"amount is no number": 1}


def test_times_are_read_in_the_projects_zone_or_by_a_format() -> None:
    local = cleaned(orders(), timezone="Europe/Berlin").table.column("ordered_at")
    assert local.to_pylist()[0] == datetime(2025, 12, 31, 23, tzinfo=UTC)
    german = orders(ordered_at=["01.07.2026", "02.07.2026", "3. Juli", "04.07.2026"])
    found = cleaned(german, timezone="Europe/Berlin", time_format="%d.%m.%Y")
    assert found.table.column("ordered_at").to_pylist()[0] == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert found.reasons == {"ordered_at is no time": 1}


def test_times_partly_with_a_zone_are_refused_as_a_whole() -> None:
    mixed = ["2026-01-01T00:00Z", "2026-01-02", "2026-01-03", "2026-01-04"]
    with pytest.raises(LabError, match="1 times with a zone and 3 without"):
        cleaned(orders(ordered_at=mixed))


def test_ids_given_as_floating_point_lose_the_point() -> None:
    found = cleaned(orders(customer_id=[1.0, 2.0, None, 4.0]))
    assert found.table.column("customer_id").to_pylist() == ["1", "2", "4"]


def test_columns_are_mapped_and_attributes_of_customers_are_kept() -> None:
    source = pa.table({"Nr": [1, 2], "Since": ["2026-01-01"] * 2, "ok": ["yes", "no"], "shoe": [43, 44]})
    mapping = {"customer_id": "Nr", "signup_at": "since", "consent_email": "ok"}
    found = cleaned(source, "customers", mapping)
    assert found.table.column_names == ["customer_id", "signup_at", "consent_email", "shoe"]
    assert found.table.column("consent_email").to_pylist() == [True, False]
    assert found.ignored == ()


def test_the_second_row_of_a_key_is_refused_and_the_first_good_one_kept() -> None:
    source = pa.table(
        {"customer_id": ["a", "a", "a", "b"], "signup_at": [None, "2026-01-01", "2026-01-02", "2026-01-03"]}
    )
    found = cleaned(source, "customers")
    assert found.table.column("customer_id").to_pylist() == ["a", "b"]
    assert found.table.column("signup_at").to_pylist()[0] == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.reasons == {"customer_id again, with other values": 1, "signup_at is missing": 1}


def test_probabilities_out_of_bounds_and_nameless_suppressions_are_refused() -> None:
    source = pa.table(
        {
            "experiment": ["e"] * 3,
            "customer_id": ["a", "b", "c"],
            "arm": [1, 0, 1],
            "propensity": [0.5, 1.5, None],
            "assigned_at": ["2026-01-01"] * 3,
            "role": ["exploration"] * 3,
            "intended_arm": pa.array([None] * 3, pa.string()),
        }
    )
    found = cleaned(source, "assignments")
    assert found.table.column("arm").to_pylist() == ["1", "1"]
    assert found.reasons == {"propensity is out of bounds": 1}
    nobody = pa.table({"email": ["a@example.org", ""], "reason": ["asked", "asked too"]})
    assert cleaned(nobody, "suppressions").reasons == {"neither customer_id nor email": 1}


@pytest.mark.parametrize(
    ("source", "mapping", "found"),
    [
        (orders().drop_columns(["amount"]), {}, r"no column 'amount'.*--map amount=COLUMN"),
        (orders().drop_columns(["amount"]), {}, r"has order_id, customer_id, .*\[discount\]"),
        (orders(), {"amount": "totl"}, "no column 'totl'"),
        (orders(), {"amuont": "amount"}, "Did you mean 'amount'"),
    ],
)
def test_columns_that_are_not_there_are_refused(
    source: pa.Table, mapping: dict[str, str], found: str
) -> None:
    with pytest.raises(LabError, match=found):
        cleaned(source, mapping=mapping)


def test_merging_adds_only_what_is_new() -> None:
    first = cleaned(orders()).table
    more = cleaned(orders(amount=[1.0, 2.0, 3.0, 5.0], customer_id=["a", "b", "c", "d"])).table
    whole, already, taken = merge(first, more, TABLES["transactions"])
    assert (whole.num_rows, already.num_rows, taken.num_rows) == (5, 3, 0)
    again, already, _ = merge(whole, more, TABLES["transactions"])
    assert (again.equals(whole), already.num_rows) == (True, 4)


def test_merging_refuses_another_row_of_the_same_key() -> None:
    old = cleaned(pa.table({"customer_id": ["a"], "signup_at": ["2026-01-01"]}), "customers").table
    new = cleaned(
        pa.table({"customer_id": ["a", "b"], "signup_at": ["2026-02-02"] * 2, "city": ["x", "y"]}),
        "customers",
    ).table
    whole, already, taken = merge(old, new, TABLES["customers"])
    assert whole.column("customer_id").to_pylist() == ["a", "b"]
    assert whole.column("city").to_pylist() == [None, "y"]
    assert (already.num_rows, taken.column("customer_id").to_pylist()) == (0, ["a"])


def test_a_reason_given_by_a_preset_is_kept() -> None:
    marked = orders().append_column(REASON, pa.array([None, "never paid", None, None], pa.string()))
    found = cleaned(marked)
    assert found.reasons == {"never paid": 1}
    assert found.refused.column_names.count(REASON) == 1
