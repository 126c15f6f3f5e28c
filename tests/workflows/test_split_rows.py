from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.config.loading import read_definition
from retention_lab.errors import LabError
from retention_lab.workflows.flat_rows import read_flat_rows
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_uplift import read_rows, uplift_definition
from retention_lab.workflows.uplift_rows import UpliftRows
from retention_lab.workflows.uplift_training import SplitRule, split_rows
from tests.workflows.flat_labs import customers, flat_lab

RULE = SplitRule(share=0.3, folds=2, seed=1)


def dated(folder: Path) -> UpliftRows:
    days = np.datetime64("2026-01-01") + np.random.default_rng(11).integers(0, 60, 2000)
    lab = flat_lab(folder, customers(2000).append_column("sent", pa.array(days)), time="sent")
    return read_flat_rows(lab.project, read_definition(lab.project, "mail"))  # type: ignore[arg-type]


def test_no_row_of_the_training_part_is_later_than_the_first_held_out_one(tmp_path: Path) -> None:
    rows = dated(tmp_path)
    parts = split_rows(rows, RULE)
    assert rows.time is not None
    assert rows.time[parts.training].max() < rows.time[parts.validation].min()
    assert parts.validation.mean() == pytest.approx(0.3, abs=0.03)  # rows of one day stay on one side
    assert (parts.training | parts.validation).all()


def test_an_early_row_of_a_customer_who_is_held_out_later_is_not_learned_from(tmp_path: Path) -> None:
    rows = dated(tmp_path)
    assert rows.time is not None
    unit = rows.unit.copy()
    first, last = int(np.argmin(rows.time)), int(np.argmax(rows.time))
    unit[first] = unit[last]
    parts = split_rows(replace(rows, unit=unit), RULE)
    assert parts.validation[last]
    assert not parts.training[first]
    assert not parts.validation[first]


def test_customers_of_several_experiments_are_on_one_side(lab: Lab) -> None:
    rows, _ = read_rows(lab, uplift_definition(lab, "winback-uplift"), None)
    parts = split_rows(rows, RULE)
    assert len(np.unique(rows.unit)) < len(rows)
    assert not set(rows.unit[parts.training]) & set(rows.unit[parts.validation])


def test_a_part_without_an_arm_is_refused(tmp_path: Path) -> None:
    rows = dated(tmp_path)
    assert rows.time is not None
    late = rows.time >= np.sort(rows.time)[1400]
    with pytest.raises(LabError, match="The training part has 0 rows in the arm 'coupon'"):
        split_rows(replace(rows, arm=late.astype(np.int64)), RULE)
