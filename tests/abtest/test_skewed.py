from dataclasses import replace

import numpy as np
import pytest

from retention_lab.abtest.arm import ArmValue, Form
from retention_lab.abtest.lift import Rule, absolute_lift
from retention_lab.abtest.simulation.lifts import many_lifts
from retention_lab.abtest.simulation.sums import Layout, ManySums
from retention_lab.abtest.simulation.values import compare_many
from retention_lab.abtest.skewed import (
    arm_skewness,
    material_skewness,
    skewed,
    skewed_lift,
    skewness_of,
    symmetric,
)
from retention_lab.arrays import Floats

LAYOUT, CENTRE = Layout(1, 1, powers=True), np.zeros(1)


def arm(values: Floats) -> ArmValue:
    deviation = values - values.mean()
    third, fourth = np.mean(deviation**3), np.mean(deviation**4)
    return ArmValue(float(values.mean()), float(values.var(ddof=1)), len(values), float(third), float(fourth))


def spend(rng: np.random.Generator, units: int, share: float = 0.1) -> Floats:
    return np.where(rng.random(units) < share, rng.lognormal(0.0, 1.0, units), 0.0)


def many_spends(rng: np.random.Generator, tests: int, units: int) -> ManySums:
    """Sums of units of whom a tenth buys: nothing but buyers has to be drawn."""
    buyers = rng.binomial(units, 0.1, tests)
    place = np.repeat(np.arange(tests), buyers)
    rows = LAYOUT.columns(rng.lognormal(0.0, 1.0, (buyers.sum(), 1)), CENTRE)
    sums = np.column_stack([np.bincount(place, column, tests) for column in rows.T])
    sums[:, 0] = units
    return LAYOUT.sums(sums, CENTRE)


def test_arms_of_one_size_keep_welchs_interval_however_large_one_order_is() -> None:
    rng = np.random.default_rng(1)
    control, treated = spend(rng, 1000), spend(rng, 1000)
    treated[0] = 60.0
    assert not material_skewness(arm(control), arm(treated))


def test_skewness_is_that_of_the_difference_of_means() -> None:
    rng = np.random.default_rng(2)
    control, treated = rng.gamma(0.5, size=4000), rng.gamma(0.5, size=1000)
    found = skewness_of(arm(control), arm(treated))
    own = 2 / np.sqrt(0.5)  # of one unit
    wanted = own * (1 / 1000**2 - 1 / 4000**2) / (1 / 1000 + 1 / 4000) ** 1.5
    assert found == pytest.approx(wanted, rel=0.15)


def test_an_arms_skewness_is_that_of_the_smaller_ones_mean() -> None:
    rng = np.random.default_rng(8)
    arms = [arm(rng.gamma(0.5, size=count)) for count in (4000, 1000)]
    found = arm_skewness(*np.array([(one.n, one.variance, one.third) for one in arms]).T)
    assert found == pytest.approx(2 / np.sqrt(0.5) / np.sqrt(1000), rel=0.15)
    assert arm_skewness(np.array([9.0, 9.0]), np.zeros(2), np.zeros(2)) == 0.0


def test_where_one_arm_has_nothing_but_zeros_the_others_skewness_is_the_differences() -> None:
    treated = arm(spend(np.random.default_rng(3), 100_000))
    nothing = ArmValue(0.0, 0.0, 100_000, 0.0, 0.0)
    assert treated.third is not None
    wanted = treated.third / treated.variance**1.5 / np.sqrt(100_000)
    assert skewness_of(nothing, treated) == pytest.approx(wanted, rel=0.1)
    assert skewness_of(nothing, nothing) is None


@pytest.mark.parametrize(("control", "treated"), [(9000, 1000), (1000, 9000), (4500, 500)])
def test_small_arms_of_spend_reject_no_more_often_than_they_say_where_welch_does(
    control: int, treated: int
) -> None:
    rng = np.random.default_rng(4)
    found = compare_many(many_spends(rng, 4000, control), many_spends(rng, 4000, treated), Form())
    welch, corrected = (many_lifts(found, Rule(), corrected=one).rejected(Rule()) for one in (False, True))
    assert welch.mean() > 0.05 + 0.0114  # 3.3 binomial standard errors
    assert 0.03 < corrected.mean() < 0.05 + 0.0114


def test_the_p_value_is_below_the_level_exactly_where_the_interval_leaves_the_null_out() -> None:
    rng = np.random.default_rng(5)
    control, treated = arm(spend(rng, 3000)), arm(spend(rng, 300))
    for rule in (Rule(), Rule(normal=True), Rule(confidence=0.9, alternative="greater")):
        found = skewed_lift(control, treated, rule)
        at_end = skewed_lift(control, replace(treated, value=treated.value - found.low), rule)
        assert at_end.p_value == pytest.approx(1 - rule.confidence, abs=1e-9)


def test_the_interval_is_longer_on_the_side_of_the_tail_and_turns_round_with_the_arms() -> None:
    rng = np.random.default_rng(6)
    control, treated = arm(spend(rng, 9000)), arm(spend(rng, 1000))
    found, turned = skewed_lift(control, treated, Rule()), skewed_lift(treated, control, Rule())
    assert found.high - found.value > found.value - found.low
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), rel=1e-9)
    plain = absolute_lift(control, treated)
    assert (found.value, found.se, found.freedom) == (plain.value, plain.se, plain.freedom)


@pytest.mark.parametrize("skew", [0.0, 1e-13, 0.05, -0.7])
def test_the_way_back_from_symmetry_is_the_way_there(skew: float) -> None:
    t = np.linspace(-6, 6, 25)
    np.testing.assert_allclose(skewed(symmetric(t, skew), skew), t, atol=1e-12)
    assert np.all(np.diff(symmetric(t, skew)) >= 0)
