from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.config.loading import read_definition
from retention_lab.errors import LabError
from retention_lab.workflows.flat_rows import read_flat_rows
from retention_lab.workflows.uplift_rows import UpliftRows
from tests.workflows.flat_labs import customers, define, flat_lab


def rows_of(folder: Path, table: pa.Table, **changes: object) -> UpliftRows:
    lab = flat_lab(folder, table.slice(0, 0))
    define(folder, table="mail.parquet", **changes)
    pq.write_table(table, folder / "mail.parquet")
    definition = read_definition(lab.project, "mail")
    return read_flat_rows(lab.project, definition)  # type: ignore[arg-type]


def with_column(name: str, change: Callable[[list[object]], object]) -> pa.Table:
    table = customers(200)
    values = table[name].to_pylist()
    change(values)
    return table.set_column(table.column_names.index(name), name, pa.array(values))


def set_first(value: object) -> Callable[[list[object]], None]:
    def change(values: list[object]) -> None:
        values[0] = value

    return change


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("bought", None, "missing or infinite, row 1 first"),
        ("spend", float("inf"), "missing or infinite, row 1 first"),
        ("bought", 2, "neither 0 nor 1, row 1 first"),
        ("arm", None, "no treatment, row 1 first"),
        ("customer", None, "no id, row 1 first"),
        ("customer", "c000005", "repeat the id of an earlier row, row 6 first"),
    ],
)
def test_a_cell_that_cannot_be_is_named_by_row_and_column(
    tmp_path: Path, name: str, value: object, said: str
) -> None:
    with pytest.raises(LabError, match=said) as error:
        rows_of(tmp_path, with_column(name, set_first(value)))
    assert error.value.key == name
    assert "c000005" not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "kunde"}, "no column 'kunde'"),
        ({"treatment": {"column": "arm", "control": "nothing"}}, "No row is in the control arm 'nothing'"),
        ({"arms": ["none", "cupon"]}, "No row is in the arm 'cupon'"),
        ({"exclude": ["agee"]}, "no column 'agee'"),
        ({"planned_shares": {"none": 0.5, "letter": 0.5}}, "No row is in the arm 'letter'"),
        ({"value": {"outcome": "spend", "cost": {"cupon": 1.0}}}, "No row is in the arm 'cupon'"),
        ({"time": "city"}, "not every cell is a time"),
        ({"propensity": {"column": "age"}}, "are no probabilities"),
    ],
)
def test_a_definition_that_does_not_fit_the_table_is_refused(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(LabError, match=said):
        rows_of(tmp_path, customers(200), **changes)


def test_times_to_come_are_refused(tmp_path: Path) -> None:
    days = np.datetime64("today") + np.arange(200) - 150
    with pytest.raises(LabError, match="48 rows have a time in the future, row 153 first"):
        rows_of(tmp_path, customers(200).append_column("sent", pa.array(days)), time="sent")


def test_one_arm_alone_shows_nothing(tmp_path: Path) -> None:
    table = customers(200)
    only = table.set_column(4, "arm", pa.array(["none"] * 200))
    with pytest.raises(LabError, match="All rows are in the control arm"):
        rows_of(tmp_path, only)


def test_an_arm_that_is_left_out_may_hold_anything(tmp_path: Path) -> None:
    table = customers(600, offers=("coupon", "letter"))
    arm = np.array(table["arm"].to_pylist())
    bought = pa.array(
        [None if a == "letter" else b for a, b in zip(arm, table["bought"].to_pylist(), strict=True)]
    )
    rows = rows_of(tmp_path, table.set_column(5, "bought", bought), arms=["coupon"])
    assert rows.arms == ("none", "coupon")
    assert len(rows) == int((arm != "letter").sum())
    assert rows.unit.tolist() == sorted(rows.unit.tolist())


def test_probabilities_of_the_arms_in_use_are_those_given_that_one_of_them_was_drawn(tmp_path: Path) -> None:
    table = customers(600, offers=("coupon", "letter"))
    for name, p in (("p0", 0.5), ("p1", 0.3), ("p2", 0.2)):
        table = table.append_column(name, pa.array([p] * 600))
    columns = {"columns": {"none": "p0", "coupon": "p1", "letter": "p2"}}
    rows = rows_of(tmp_path, table, propensity=columns, arms=["coupon"])
    assert rows.propensity is not None
    np.testing.assert_allclose(rows.propensity, np.tile([0.625, 0.375], (len(rows), 1)))
    assert not {"p0", "p1", "p2"} & set(rows.table.column_names)


def test_arms_are_compared_as_text_with_control_first(tmp_path: Path) -> None:
    table = customers(200)
    codes = pa.array([1.0 if a == "coupon" else 0.0 for a in table["arm"].to_pylist()])
    rows = rows_of(tmp_path, table.set_column(4, "arm", codes), treatment={"column": "arm", "control": 1})
    assert rows.arms == ("1", "0")


def test_the_cost_of_control_counts(tmp_path: Path) -> None:
    value = {"outcome": "bought", "per_unit": 10.0, "cost": {"none": 0.5, "coupon": 2.0}}
    rows = rows_of(tmp_path, customers(200), value=value)
    assert rows.worth.cost == (0.5, 2.0)
    assert rows.worth.per_unit == 10.0
