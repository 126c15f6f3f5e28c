from dataclasses import replace

import numpy as np
import pytest

from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.hypothesis import (
    Alternative,
    Hypothesis,
    alpha_of_each,
    non_inferiority,
)
from retention_lab.abtest.design.looks import Looks, even_looks, planned_looks
from retention_lab.abtest.design.outcome import MeanOutcome, ProportionOutcome
from retention_lab.abtest.design.power import (
    detectable_effect,
    expected_units,
    is_detectable,
    power_of,
    required_units,
)
from retention_lab.abtest.design.precision import Precision
from retention_lab.arrays import Floats
from retention_lab.errors import LabError

NORMAL = Hypothesis(distribution="normal")
MEAN = Comparison("spend", MeanOutcome(10.0, 25.0), NORMAL)
OBRIEN_FLEMING = planned_looks(even_looks(5), 2.040 / np.sqrt(even_looks(5)))


def mixture(units: Floats) -> Floats:
    """The always valid boundary of a normal mixture, tuned to 10,000 units whatever is planned."""
    ratio = 10 * units / 10_000
    return np.sqrt((1 + 1 / ratio) * np.log((1 + ratio) / 0.05**2))


PLANS = {
    "normal": MEAN,
    "t": Comparison("spend", MeanOutcome(10.0, 25.0)),
    "pooled": Comparison("spend", MeanOutcome(10.0, 25.0, 36.0), Hypothesis(pooled=True), (0.7, 0.3)),
    "proportion": Comparison("rate", ProportionOutcome(0.3), Hypothesis(), (0.8, 0.2)),
    "pooled proportion": Comparison("rate", ProportionOutcome(0.3), Hypothesis(pooled=True), (0.8, 0.2)),
    "greater": Comparison("spend", MeanOutcome(10.0, 25.0), Hypothesis(alternative="greater")),
    "non-inferior": Comparison("rate", ProportionOutcome(0.3), non_inferiority(0.03)),
    "three arms": Comparison("spend", MeanOutcome(10.0, 25.0), Hypothesis(0.025), (0.5, 0.3, 0.2)),
    "skewed": Comparison("spend", MeanOutcome(10.0, 25.0, 30.0, 5.0), shares=(0.9, 0.1)),
    "covariates": Comparison("spend", MeanOutcome(10.0, 25.0), precision=Precision(explained=0.4)),
    "clusters": Comparison("spend", MeanOutcome(10.0, 25.0), precision=Precision(0.0, 12.0, 0.5, 0.1)),
    "group sequential": Comparison("spend", MeanOutcome(10.0, 25.0), looks=OBRIEN_FLEMING),
    "always valid": Comparison("spend", MeanOutcome(10.0, 25.0), looks=Looks(even_looks(14), mixture)),
}


@pytest.mark.parametrize("plan", PLANS)
def test_units_effect_and_power_answer_each_other(plan: str) -> None:
    comparison = PLANS[plan]
    effect = 0.05 if isinstance(comparison.outcome, ProportionOutcome) else 0.7
    units = required_units(comparison, effect, 0.85)
    assert power_of(comparison, effect, units) == pytest.approx(0.85, rel=1e-11)
    assert detectable_effect(comparison, units, 0.85) == pytest.approx(effect, rel=1e-9)


def test_two_normal_means_need_the_textbooks_units() -> None:
    # 2 (z_0.975 + z_0.8)^2 25 / 0.5^2 an arm, which leaves out that the other side may reject too.
    textbook = 2 * (1.959963984540054 + 0.8416212335729143) ** 2 * 25 / 0.5**2
    one_side = replace(MEAN, hypothesis=Hypothesis(0.025, "greater", distribution="normal"))
    assert required_units(one_side, 0.5) / 2 == pytest.approx(textbook, rel=1e-12)
    assert required_units(MEAN, 0.5) / 2 == pytest.approx(textbook, rel=3e-6)


@pytest.mark.parametrize("alternative", ["two_sided", "less"])
def test_a_fall_needs_as_many_units_as_a_rise_of_a_mean(alternative: Alternative) -> None:
    falling = replace(MEAN, hypothesis=Hypothesis(alternative=alternative, distribution="normal"))
    rising = "greater" if alternative == "less" else "two_sided"
    comparison = replace(MEAN, hypothesis=Hypothesis(alternative=rising, distribution="normal"))
    assert required_units(falling, -0.5) == pytest.approx(required_units(comparison, 0.5), rel=1e-12)


def test_the_effect_looked_for_downwards_lies_below_the_null() -> None:
    less = Comparison("rate", ProportionOutcome(0.1), Hypothesis(alternative="less"))
    greater = Comparison("rate", ProportionOutcome(0.1), Hypothesis(alternative="greater"))
    fall, rise = detectable_effect(less, 5_000.0), detectable_effect(greater, 5_000.0)
    assert fall < 0 < rise
    assert -fall < rise  # below 0.1 a proportion varies less


def test_covariates_save_the_share_of_units_that_they_explain() -> None:
    adjusted = replace(MEAN, precision=Precision(explained=0.36))
    assert required_units(adjusted, 0.5) == pytest.approx(0.64 * required_units(MEAN, 0.5), rel=1e-12)


def test_covariates_and_clusters_multiply() -> None:
    both = replace(MEAN, precision=Precision(0.36, 21.0, 0.0, 0.05))
    assert required_units(both, 0.5) == pytest.approx(0.64 * 2 * required_units(MEAN, 0.5), rel=1e-12)


def test_few_clusters_cost_more_than_their_variance_says() -> None:
    precision = Precision(cluster_size=50.0, intraclass_correlation=0.2)
    normal = replace(MEAN, precision=precision)
    student = replace(normal, hypothesis=Hypothesis())
    assert required_units(student, 4.0) > 1.1 * required_units(normal, 4.0)


def test_a_margin_is_planned_like_an_effect_of_that_size() -> None:
    guard = replace(MEAN, hypothesis=non_inferiority(0.5, distribution="normal"))
    superior = replace(MEAN, hypothesis=Hypothesis(alternative="greater", distribution="normal"))
    assert required_units(guard, 0.0) == pytest.approx(required_units(superior, 0.5), rel=1e-12)
    assert required_units(guard, -0.25) == pytest.approx(4 * required_units(guard, 0.0), rel=1e-12)


def test_one_look_at_the_end_is_no_look() -> None:
    single = replace(MEAN, looks=planned_looks(np.ones(1), np.array([1.959963984540054])))
    assert required_units(single, 0.5) == pytest.approx(required_units(MEAN, 0.5), rel=1e-11)


def test_looks_cost_the_tabled_inflation_of_units() -> None:
    # Jennison and Turnbull (1999), alpha 0.05, power 0.8, five looks.
    pocock = planned_looks(even_looks(5), np.full(5, 2.413))
    for looks, inflation in ((OBRIEN_FLEMING, 1.028), (pocock, 1.229)):
        ratio = required_units(replace(MEAN, looks=looks), 0.5) / required_units(MEAN, 0.5)
        assert ratio == pytest.approx(inflation, abs=0.001)


def test_of_a_sequential_test_more_looks_never_lower_the_power() -> None:
    powers = []
    for count in (1, 5, 20):
        looks = Looks(even_looks(count), mixture)
        powers.append(power_of(replace(MEAN, looks=looks), 0.5, 6_000.0))
    assert powers == sorted(powers)
    assert powers[-1] < power_of(MEAN, 0.5, 6_000.0)  # the price of looking whenever one likes


def test_a_test_with_looks_stops_on_average_where_simulated_ones_do() -> None:
    looks = replace(MEAN, looks=OBRIEN_FLEMING)
    units = required_units(looks, 0.5)
    rng = np.random.default_rng(1)
    shift = 0.5 / looks.standard_errors(0.5, units)[0]
    steps = rng.normal(shift / 5, np.sqrt(1 / 5), (40_000, 5))
    z = np.cumsum(steps, axis=1) / np.sqrt(even_looks(5))
    crossed = np.abs(z) > 2.040 / np.sqrt(even_looks(5))
    stopped = np.where(crossed.any(axis=1), crossed.argmax(axis=1), 4)
    # The fraction has a standard deviation of some 0.2, so its mean one of 0.001.
    assert expected_units(looks, 0.5, units) / units == pytest.approx(np.mean((stopped + 1) / 5), abs=0.0035)
    assert expected_units(looks, -0.5, units) == pytest.approx(expected_units(looks, 0.5, units))
    assert expected_units(MEAN, 0.5, units) == units


def test_boundaries_for_another_alpha_are_refused_in_every_question() -> None:
    wrong = replace(MEAN, hypothesis=Hypothesis(0.01), looks=OBRIEN_FLEMING)
    for ask in (
        lambda: power_of(wrong, 0.5, 6_000.0),
        lambda: required_units(wrong, 0.5),
        lambda: detectable_effect(wrong, 6_000.0),
    ):
        with pytest.raises(LabError, match="false alarm"):
            ask()


@pytest.mark.parametrize("effect", [50.0, 1e6])
def test_a_huge_effect_needs_two_units_an_arm(effect: float) -> None:
    assert required_units(PLANS["three arms"], effect, 0.5) == PLANS["three arms"].fewest_units


@pytest.mark.parametrize("power", [0.05, 0.01, 0.0, 1.0, 1.5, float("nan")])
def test_a_power_outside_alpha_and_one_is_refused(power: float) -> None:
    with pytest.raises(LabError, match="A power of"):
        required_units(MEAN, 0.5, power)
    with pytest.raises(LabError, match="A power of"):
        detectable_effect(MEAN, 1_000.0, power)


def test_effects_that_no_units_could_find_are_refused() -> None:
    with pytest.raises(LabError, match="effect to detect is 0"):
        required_units(MEAN, 0.0)
    with pytest.raises(LabError, match="effect to detect is nan"):
        required_units(MEAN, float("nan"))
    with pytest.raises(LabError, match="other side"):
        required_units(PLANS["greater"], -0.5)
    with pytest.raises(LabError, match=r"more than 1e\+15 units"):
        required_units(MEAN, 1e-9)
    with pytest.raises(LabError, match=r"would make it 1\.1"):
        required_units(PLANS["proportion"], 0.8)


def test_too_few_units_are_refused() -> None:
    for units in (3.9, 0.0, -5.0, float("inf"), float("nan")):
        with pytest.raises(LabError, match="units of all arms were planned"):
            power_of(MEAN, 0.5, units)


def test_a_proportion_near_one_has_no_rise_that_few_units_find() -> None:
    high = Comparison("delivered", ProportionOutcome(0.95), NORMAL)
    assert not is_detectable(high, 40.0, 0.8)
    with pytest.raises(LabError, match="no effect on 'delivered'"):
        detectable_effect(high, 40.0)
    assert is_detectable(high, 4_000.0, 0.8)
    assert 0 < detectable_effect(high, 4_000.0) < 0.05
    assert not is_detectable(MEAN, 3.0, 0.8)


@pytest.mark.parametrize(("other", "at_least"), [(0.2, 0.84), (0.0, 0.797)])
def test_holm_has_at_least_the_power_of_the_bound_it_was_planned_at(other: float, at_least: float) -> None:
    hypothesis = Hypothesis(alpha_of_each(0.05, 2, "holm"), distribution="normal")
    units = required_units(Comparison("mean", MeanOutcome(0.0, 1.0), hypothesis, (0.5, 0.25, 0.25)), 0.2)
    sizes = units * np.array([0.5, 0.25, 0.25])
    mean = np.random.default_rng(1).normal(size=(100_000, 3)) / np.sqrt(sizes) + np.array([0.0, 0.2, other])
    z = np.abs(mean[:, 1:] - mean[:, :1]) / np.sqrt(1 / sizes[0] + 1 / sizes[1])
    strict, loose = 2.241402727604947, 1.959963984540054
    found = (z[:, 0] > strict) | ((z[:, 0] > loose) & (z[:, 1] > strict))
    # 0.8 as planned less 2.4 standard errors; where the other arm works too, Holm gains some five points.
    assert np.mean(found) > at_least
