from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.config.loading import read_definition
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.workflows.effect_rows import arm_rows, effect_rows
from retention_lab.workflows.flat_rows import read_flat_rows
from retention_lab.workflows.uplift_rows import UpliftRows
from retention_lab.workflows.uplift_training import SplitRule
from tests.workflows.flat_labs import customers, flat_lab

RULE = SplitRule(share=0.3, folds=2, seed=1)


def rows_of(folder: Path, table: pa.Table, **changes: object) -> UpliftRows:
    lab = flat_lab(folder, table, **changes)
    definition = read_definition(lab.project, "mail")
    assert isinstance(definition, UpliftDefinition)
    return read_flat_rows(lab.project, definition)


def test_effects_of_a_randomised_test_are_differences_of_means(tmp_path: Path) -> None:
    table = customers(2000)
    found = effect_rows(rows_of(tmp_path, table), RULE)
    mailed = np.array(table["arm"].to_pylist()) == "coupon"
    for one in found:
        values = np.array(table[one.outcome].to_pylist(), dtype=float)
        assert one.effect.value == pytest.approx(values[mailed].mean() - values[~mailed].mean(), abs=1e-9)
    assert [(one.arm, one.outcome) for one in found] == [("coupon", "bought"), ("coupon", "spend")]


def test_the_arms_say_how_many_rows_and_what_share_they_have(tmp_path: Path) -> None:
    table = customers(2000, offers=("letter", "coupon"))
    found = arm_rows(rows_of(tmp_path, table, planned_shares={"none": 0.4, "letter": 0.3, "coupon": 0.3}))
    assert sum(one["rows"] for one in found) == 2000
    assert sum(one["share"] for one in found) == pytest.approx(1)
    assert found[0]["arm"] == "none"
    assert {one["arm"]: one["planned"] for one in found} == {"none": 0.4, "letter": 0.3, "coupon": 0.3}
    assert all(set(one["outcome_mean"]) == {"bought", "spend"} for one in found)


def test_where_older_customers_were_chosen_the_effect_is_adjusted(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    age = rng.integers(18, 82, 6000)
    mailed = rng.random(6000) < np.where(age > 50, 0.8, 0.2)
    bought = rng.random(6000) < np.where(age > 50, 0.6, 0.2)  # the mail itself does nothing
    table = pa.table(
        {
            "customer": [f"c{i:05d}" for i in range(6000)],
            "age": age,
            "arm": np.where(mailed, "coupon", "none"),
            "bought": bought.astype(np.int64),
        }
    )
    rows = rows_of(tmp_path, table, propensity="estimate", outcomes={"bought": "binary"})
    (found,) = effect_rows(rows, RULE)
    naive = bought[mailed].mean() - bought[~mailed].mean()
    assert naive > 0.2
    assert abs(found.effect.value) < 4 * found.effect.se < 0.1
