import numpy as np
import pytest

from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.hypothesis import Hypothesis
from retention_lab.abtest.design.outcome import MeanOutcome, ProportionOutcome, outcome_of_values
from retention_lab.abtest.design.power import power_of, required_units
from retention_lab.abtest.design.skewed_power import skewed_shift

SKEWED = MeanOutcome(10.0, 400.0, skewness=6.0)
PLAIN = MeanOutcome(10.0, 400.0)


def test_a_symmetric_effect_needs_no_other_shift() -> None:
    assert skewed_shift(2.8, 0.025, 0.0) == 2.8


def test_under_the_null_it_is_halls_expansion_of_a_studentised_mean() -> None:
    # P(T > z) = 1 - Phi(z) - skewness (2 z^2 + 1) phi(z) / 6; with small skewness the first order is all.
    z, g = 1.959963984540054, 1e-6
    assert (skewed_shift(0.0, 0.025, g)) / g == pytest.approx(-(2 * z**2 + 1) / 6, rel=1e-5)


def test_equal_arms_are_not_moved() -> None:
    assert Comparison("spend", SKEWED).skewness(1.0, 1_000.0) == 0
    assert power_of(Comparison("spend", SKEWED), 1.0, 9_000.0) == power_of(
        Comparison("spend", PLAIN), 1.0, 9_000.0
    )


def test_a_small_treated_arm_helps_a_rise_and_a_small_control_hinders_it() -> None:
    def units(outcome: MeanOutcome, control: float, effect: float) -> float:
        return required_units(Comparison("spend", outcome, shares=(control, 1 - control)), effect)

    assert units(SKEWED, 0.9, 3.0) < units(PLAIN, 0.9, 3.0) < units(SKEWED, 0.1, 3.0)
    assert units(SKEWED, 0.1, -3.0) == pytest.approx(units(SKEWED, 0.9, 3.0), rel=1e-12)


def test_a_metric_turned_round_needs_the_same_units() -> None:
    turned = MeanOutcome(-10.0, 400.0, skewness=-6.0)
    up = Comparison("spend", SKEWED, Hypothesis(alternative="greater"), (0.8, 0.2))
    down = Comparison("cost", turned, Hypothesis(alternative="less"), (0.8, 0.2))
    assert required_units(down, -3.0) == pytest.approx(required_units(up, 3.0), rel=1e-12)


def test_only_welchs_test_knows_of_skewness() -> None:
    for hypothesis in (Hypothesis(distribution="normal"), Hypothesis(pooled=True)):
        comparison = Comparison("spend", SKEWED, hypothesis, (0.8, 0.2))
        assert comparison.skewness(3.0, 1_000.0) == 0


def test_a_rare_proportion_is_skewed_like_its_zeros_and_ones() -> None:
    values = np.repeat([1.0, 0.0], [50, 950])
    rate, mean = ProportionOutcome(0.05), outcome_of_values(values)
    assert mean.skewness == pytest.approx(0.9 / (0.05 * 0.95) ** 0.5, rel=2e-3)
    shares = (0.2, 0.8)
    assert Comparison("rate", rate, shares=shares).skewness(0.0, 1_000.0) == pytest.approx(
        Comparison("rate", mean, shares=shares).skewness(0.0, 1_000.0), rel=1e-2
    )


@pytest.mark.parametrize("skewness", [-50.0, -0.6, 0.6, 50.0])
def test_power_rises_with_the_effect_whatever_the_skewness(skewness: float) -> None:
    shifts = np.linspace(-6, 8, 400)
    moved = [skewed_shift(float(shift), 0.025, skewness) for shift in shifts]
    assert np.all(np.diff(moved) > 0)
