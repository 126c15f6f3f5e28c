from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest

from retention_lab.errors import LabError
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.workflows.evaluate_uplift import evaluate_uplift
from retention_lab.workflows.keys import CustomerKeys
from retention_lab.workflows.seen_rows import ROWS_BY_TAG, rows_by, same_customers, seen_rows
from retention_lab.workflows.trained_on import TRAINED_ON_FILE, TrainedOn
from tests.workflows.flat_labs import customers, flat_lab, trained

KEYS = CustomerKeys(np.array([1, 2, 3], dtype=np.uint64), "key")
UNITS = np.array(["1", "2", "3"])


def version(tags: dict[str, str]) -> Any:
    """A version that was trained on customer 2."""
    file = TrainedOn(np.array([2], dtype=np.uint64), "key").to_file()
    return SimpleNamespace(name="mail", version="1", files={TRAINED_ON_FILE: file}, tags=tags)


def units(*contents: str) -> np.ndarray:
    seen: dict[str, int] = {}
    found = []
    for content in contents:
        found.append(f"{content}-{seen.get(content, 0)}")
        seen[content] = seen.get(content, 0) + 1
    return np.array(found)


def test_a_customer_is_recognised_by_id_also_by_versions_that_do_not_say_how() -> None:
    for tags in ({ROWS_BY_TAG: rows_by("customer")}, {}):
        assert seen_rows(version(tags), KEYS, UNITS, "customer").tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("tags", "id_column", "said"),
    [
        ({}, None, "went by their number"),
        ({ROWS_BY_TAG: "id"}, None, "knew its rows by their id"),
        ({ROWS_BY_TAG: "content"}, "customer", "knew its rows by their content"),
    ],
)
def test_rows_that_cannot_be_recognised_are_refused(
    tags: dict[str, str], id_column: str | None, said: str
) -> None:
    with pytest.raises(LabError, match=said):
        seen_rows(version(tags), KEYS, UNITS, id_column)


def test_the_trainings_own_table_is_recognised_however_much_its_rows_resemble_each_other() -> None:
    unit = units("a", "a", "a", "b", "b", "b")
    seen = np.array([True, False, True, True, False, False])
    assert same_customers(seen, 3, unit).tolist() == seen.tolist()


def test_part_of_the_trainings_table_is_recognised_where_rows_tell_themselves_apart() -> None:
    unit = units(*"abcdefghij", "k", "k")
    seen = np.array([True] * 6 + [False] * 6)
    assert same_customers(seen, 100, unit).tolist() == seen.tolist()


def test_other_customers_who_look_like_the_training_are_kept() -> None:
    unit = units(*"abcdefgh", *"kkkkkkkk")
    seen = np.array([True] + [False] * 7 + [True] * 4 + [False] * 4)  # 1 of 8 alone; half resemble another
    assert not same_customers(seen, 100, unit).any()


def coarse(rows: int, seed: int) -> pa.Table:
    """Customers without an id of whom most look like another: age in decades, and two columns more."""
    table = customers(rows, seed=seed).select(["age", "city", "arm", "bought"])
    decade = pa.array(np.asarray(table["age"].to_numpy()) // 10)
    return table.set_column(0, "age", decade)


def test_a_table_that_was_sorted_and_extended_still_has_its_old_rows(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, coarse(4000, 1), id=None, outcomes={"bought": "binary"})
    trained(lab)
    assert evaluate_uplift(lab, "mail").dropped == 2800
    grown = pa.concat_tables([coarse(700, 2), coarse(4000, 1)]).sort_by("age")
    pa_csv.write_csv(grown, tmp_path / "mail.csv")
    report = evaluate_uplift(lab, "mail")
    assert (report.rows, report.dropped) == (1900, 2800)


def test_new_customers_without_an_id_are_not_taken_for_old_ones_who_look_alike(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, coarse(4000, 1), id=None, outcomes={"bought": "binary"})
    trained(lab)
    pa_csv.write_csv(coarse(1500, 2), tmp_path / "new.csv")
    report = evaluate_uplift(lab, "mail", table=tmp_path / "new.csv")
    assert (report.rows, report.dropped) == (1500, 0)


def test_half_of_the_old_table_is_recognised_in_another_file(tmp_path: Path) -> None:
    table = customers().drop_columns("customer")
    lab = flat_lab(tmp_path, table, id=None)
    trained(lab)
    other = pa.concat_tables([customers(1500, seed=2).drop_columns("customer"), table.slice(0, 2000)])
    pa_csv.write_csv(other, tmp_path / "other.csv")
    report = evaluate_uplift(lab, "mail", table=tmp_path / "other.csv")
    assert report.rows + report.dropped == 3500
    assert abs(report.dropped - 1400) < 70  # .7 of 2,000: 3.4 standard errors of the draw without replacement


def test_a_version_says_how_it_knows_its_rows(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers())
    trained(lab)
    found: Loaded = load_version(lab.open_store(), "mail", "/1")
    assert found.tags[ROWS_BY_TAG] == "id"
