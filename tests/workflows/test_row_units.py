from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.config.uplift import Treatment
from retention_lab.errors import LabError
from retention_lab.workflows.row_units import content_units, id_units, units_check

FILE = Path("mail.csv")


def asks(arms: tuple[str, ...] | None = None, control: str = "no") -> Any:
    return SimpleNamespace(treatment=Treatment(column="mail", control=control), arms=arms)


TABLE = pa.table(
    {
        "age": [30, 30, 41, 30, None, 30],
        "city": ["Köln", "Köln", None, "Köln", "Ulm", "Köln"],
        "joined": pa.array([1, 1, 2, 1, 3, 1], pa.timestamp("us")),
        "mail": ["no", "no", "yes", "yes", "no", "no"],
        "bought": [True, True, False, True, False, False],
    }
)


def test_a_repeated_id_is_refused_by_row_and_without_the_id() -> None:
    column = pa.chunked_array([["secret", "b", "secret", "secret"]])
    with pytest.raises(LabError, match="2 rows repeat the id of an earlier row, row 3 first") as error:
        id_units(column, FILE, "id")
    assert "secret" not in str(error.value)
    assert id_units(pa.chunked_array([[1.0, 2.0]]), FILE, "id").tolist() == ["1", "2"]


def test_rows_that_say_the_same_are_counted_and_others_differ() -> None:
    units = content_units(TABLE, asks()).tolist()
    first, second = units[:2]
    assert (first[-2:], second[-2:]) == ("-0", "-1")
    assert first[:-2] == second[:-2]
    assert len({unit[:-2] for unit in units}) == 5
    assert len(set(units)) == 6


def test_the_order_of_rows_and_of_columns_decides_nothing() -> None:
    mixed = TABLE.take([5, 4, 3, 2, 1, 0]).select(["mail", "bought", "joined", "age", "city"])
    assert sorted(content_units(mixed, asks())) == sorted(content_units(TABLE, asks()))


def test_how_the_file_was_read_decides_nothing() -> None:
    other = TABLE.cast(
        pa.schema(
            [
                ("age", pa.float64()),
                ("city", pa.dictionary(pa.int32(), pa.string())),
                ("joined", pa.timestamp("us")),
                ("mail", pa.large_string()),
                ("bought", pa.uint8()),
            ]
        )
    )
    assert content_units(other, asks()).tolist() == content_units(TABLE, asks()).tolist()


def test_arms_that_are_only_called_otherwise_change_nothing() -> None:
    names = {"no": "A control", "yes": "B mail"}
    renamed = TABLE.set_column(3, "mail", pa.array([names[arm] for arm in TABLE["mail"].to_pylist()]))
    ours = content_units(TABLE, asks())
    assert content_units(renamed, asks(control="A control")).tolist() == ours.tolist()
    assert content_units(renamed, asks(("B mail",), "A control")).tolist() == ours.tolist()


def test_rows_below_leave_the_old_rows_as_they_are() -> None:
    grown = pa.concat_tables([TABLE.slice(2), TABLE])
    assert set(content_units(TABLE, asks())) < set(content_units(grown, asks()))


def test_a_table_without_arms_has_units_too() -> None:
    assert len(set(content_units(TABLE.drop_columns("mail"), asks()))) == 6


@pytest.mark.parametrize("column", TABLE.column_names)
def test_every_cell_counts(column: str) -> None:
    rows = TABLE.to_pylist()
    rows[3][column] = rows[2 if column != "mail" else 0][column]
    changed = content_units(pa.Table.from_pylist(rows, schema=TABLE.schema), asks())
    assert changed[3].split("-")[0] != content_units(TABLE, asks())[3].split("-")[0]


def test_an_empty_table_has_no_units() -> None:
    assert len(content_units(TABLE.slice(0, 0), asks())) == 0


def test_a_unit_that_comes_twice_fails_and_a_customer_of_two_experiments_does_not() -> None:
    twice = units_check(np.array([1, 2, 2]))
    assert (twice["severity"], twice["passed"], twice["value"]) == ("hard", False, 1)
    assert units_check(np.array([1, 2, 3]))["passed"]
    several = units_check(np.array([1, 2, 2]), several=True)
    assert several["passed"]
    assert "3 rows of 2 customers" in several["detail"]
