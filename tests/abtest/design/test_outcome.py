import numpy as np
import pytest

from retention_lab.abtest.design.outcome import (
    MeanOutcome,
    ProportionOutcome,
    outcome_of_ratio,
    outcome_of_values,
    ratio_influence,
)
from retention_lab.errors import LabError


def test_a_proportion_is_the_mean_of_its_zeros_and_ones() -> None:
    values = np.repeat([1.0, 0.0], [300, 700])
    found, rate = outcome_of_values(values), ProportionOutcome(0.3)
    assert found.baseline == pytest.approx(0.3)
    assert found.variance * 999 / 1000 == pytest.approx(rate.variances(0.0)[0], rel=1e-12)


def test_each_arm_of_a_proportion_has_its_own_variance() -> None:
    assert ProportionOutcome(0.1).variances(0.1) == pytest.approx((0.09, 0.16))
    assert ProportionOutcome(0.1).pooled_variance(0.1, 0.5) == pytest.approx(0.15 * 0.85)


def test_a_ratio_over_ones_is_a_mean() -> None:
    numerator = np.random.default_rng(1).exponential(size=500)
    ratio, mean = outcome_of_ratio(numerator, np.ones(500)), outcome_of_values(numerator)
    assert ratio.baseline == pytest.approx(mean.baseline, rel=1e-14)
    assert ratio.variance == pytest.approx(mean.variance, rel=1e-12)


def test_a_ratio_does_not_care_in_which_unit_its_denominator_is() -> None:
    rng = np.random.default_rng(2)
    numerator, denominator = rng.exponential(size=500), rng.poisson(3, 500) + 1.0
    per_unit = outcome_of_ratio(numerator, denominator)
    per_thousand = outcome_of_ratio(numerator, denominator / 1_000)
    assert per_thousand.baseline == pytest.approx(1_000 * per_unit.baseline)
    assert per_thousand.variance == pytest.approx(1e6 * per_unit.variance)
    assert np.mean(ratio_influence(numerator, denominator)[1]) == pytest.approx(0, abs=1e-14)


def test_the_variance_of_a_treated_arm_is_the_controls_unless_it_is_given() -> None:
    assert MeanOutcome(5.0, 4.0).variances(1.0) == (4.0, 4.0)
    assert MeanOutcome(5.0, 4.0, 9.0).variances(1.0) == (4.0, 9.0)
    assert MeanOutcome(5.0, 4.0, 9.0).pooled_variance(1.0, 0.25) == pytest.approx(5.25)


@pytest.mark.parametrize("values", [np.full(5, 0.1), np.full(9, 1e9)])
def test_values_that_do_not_vary_are_refused(values: np.ndarray) -> None:
    with pytest.raises(LabError, match="variance of one unit is 0"):
        outcome_of_values(values)


def test_a_ratio_that_is_the_same_for_every_unit_is_refused() -> None:
    denominator = np.arange(1.0, 50.0)
    with pytest.raises(LabError, match="variance of one unit is 0"):
        outcome_of_ratio(0.1 * denominator, denominator)


def test_histories_that_cannot_say_anything_are_refused() -> None:
    with pytest.raises(LabError, match="1 past units"):
        outcome_of_values(np.ones(1))
    with pytest.raises(LabError, match="Row 2"):
        outcome_of_values(np.array([1.0, np.nan, 2.0]))
    with pytest.raises(LabError, match="sum to 0"):
        outcome_of_ratio(np.array([1.0, 2.0]), np.array([-1.0, 1.0]))


def test_impossible_baselines_and_effects_are_refused() -> None:
    for rate in (0.0, 1.0, -0.1, 1.2, float("nan")):
        with pytest.raises(LabError, match="between 0 and 1"):
            ProportionOutcome(rate)
    with pytest.raises(LabError, match=r"would make it 1\.1"):
        ProportionOutcome(0.5).variances(0.6)
    with pytest.raises(LabError, match="baseline is nan"):
        MeanOutcome(float("nan"), 1.0)
    with pytest.raises(LabError, match="variance of one unit is -1"):
        MeanOutcome(1.0, 1.0, -1.0)
