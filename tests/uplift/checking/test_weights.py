import numpy as np
import pytest

from retention_lab.uplift.checking.weights import balance_check, weights_check
from tests.uplift.checking.samples import clean


def test_equal_chances_cost_nothing() -> None:
    sample = clean(1, equal_chances=True)
    found = weights_check(sample.arm, sample.propensity)
    assert found["passed"]
    assert found["value"] == pytest.approx(1.0)


def test_few_rows_that_carry_most_of_the_weight_are_told() -> None:
    arm = np.repeat([0, 1], 1000)
    chance = np.full((2000, 2), 0.5)
    chance[1000:1020] = [0.995, 0.005]
    found = weights_check(arm, chance)
    assert (found["passed"], found["severity"]) == (False, "soft")
    weight = np.concatenate([np.full(20, 200.0), np.full(980, 2.0)])
    assert found["value"] == pytest.approx(weight.sum() ** 2 / (weight**2).sum() / 1000)


def test_one_row_that_decides_by_itself_is_told() -> None:
    arm = np.repeat([0, 1], 1000)
    chance = np.full((2000, 2), 0.5)
    chance[1500] = [0.99, 0.01]
    assert weights_check(arm, chance)["passed"]
    chance[1500] = [0.999, 0.001]
    assert not weights_check(arm, chance)["passed"]


def test_an_arm_of_few_rows_is_no_fault_of_its_weights() -> None:
    arm = np.repeat([0, 1], [1000, 10])
    assert weights_check(arm, np.tile([0.99, 0.01], (1010, 1)))["passed"]


def test_true_chances_balance_the_arms_and_shares_do_not() -> None:
    sample = clean(1, 8000)
    assert sample.propensity is not None
    assert balance_check(sample.features, sample.arm, sample.propensity)["passed"]
    ignored = balance_check(sample.features, sample.arm, np.full((8000, 2), 0.5))
    assert (ignored["passed"], ignored["severity"]) == (False, "soft")
    assert ignored["detail"].startswith("x0 (")


def test_a_gap_and_a_level_that_one_arm_has_oftener_are_told() -> None:
    sample = clean(1, 4000, equal_chances=True)
    values = sample.features.values
    for j, unlike in ((1, np.isnan(values[:, 1])), (2, values[:, 2] < 5)):
        arm = np.where(unlike, sample.arm, np.random.default_rng(1).random(4000) < 0.2).astype(int)
        found = balance_check(sample.features, arm, np.full((4000, 2), 0.5))
        assert sample.features.schema.names[j] in found["detail"]


def test_nothing_is_said_before_propensities_are_known() -> None:
    sample = clean(1)
    assert weights_check(sample.arm, None)["passed"] is None
    assert balance_check(sample.features, sample.arm, None)["passed"] is None
