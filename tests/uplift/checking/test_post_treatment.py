import numpy as np
import pytest
from scipy import stats

from retention_lab.checks import Check
from retention_lab.uplift.checking.bins import binned
from retention_lab.uplift.checking.post_treatment import post_treatment_check
from retention_lab.uplift.sample import UpliftSample, observed_propensity
from tests.uplift.checking.samples import clean, with_feature


def found_in(sample: UpliftSample, propensity: np.ndarray | None) -> Check:
    return post_treatment_check(binned(sample.features), sample.arm, propensity)


@pytest.mark.parametrize("equal_chances", [True, False])
def test_a_feature_moved_by_the_offer_is_named(equal_chances: bool) -> None:
    sample = clean(1, equal_chances=equal_chances)
    moved = with_feature(sample, 1, np.random.default_rng(2).poisson(1 + 0.5 * sample.arm))
    found = found_in(moved, sample.propensity)
    assert not found["passed"]
    assert found["detail"].startswith("x1:")


def test_chances_that_depend_on_a_feature_are_not_taken_for_a_consequence() -> None:
    sample = clean(1)
    assert found_in(sample, sample.propensity)["passed"]
    assert not found_in(sample, observed_propensity(sample.arm, 2))["passed"]


def test_equal_chances_give_pearsons_test_of_independence() -> None:
    rng = np.random.default_rng(5)
    arm, level = rng.integers(0, 3, 3000), rng.integers(0, 4, 3000)
    sample = with_feature(clean(1, 3000), 2, level)
    table = np.histogram2d(arm, level, bins=(3, 4))[0]
    pearson = stats.chi2_contingency(table, correction=False).pvalue
    only = binned(sample.features)
    only = type(only)(["c"], [only.codes[2]])
    found = post_treatment_check(only, arm, observed_propensity(arm, 3))
    assert found["value"] == pytest.approx(pearson, rel=1e-9)


@pytest.mark.parametrize("equal_chances", [True, False])
def test_clean_samples_are_suspected_as_rarely_as_the_level_says(equal_chances: bool) -> None:
    samples = (clean(seed, 1000, equal_chances=equal_chances) for seed in range(200))
    suspected = sum(not found_in(sample, sample.propensity)["passed"] for sample in samples)
    assert suspected <= 7  # two are expected; more than seven come once in 900 times


def test_an_arm_that_some_rows_could_not_get_is_no_difference() -> None:
    rng = np.random.default_rng(6)
    sample = clean(1)
    chances = np.where(sample.features.values[:, :1] > 0, [0.5, 0.5, 0.0], [0.5, 0.2, 0.3])
    arm = (rng.random((len(sample), 1)) > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
    assert post_treatment_check(binned(sample.features), arm, chances)["passed"]


def test_estimated_chances_cannot_tell_a_choice_from_a_consequence() -> None:
    assert found_in(clean(1), None)["passed"] is None
