from math import log

import numpy as np
import pytest
from scipy.special import log_ndtr
from scipy.stats import norm

from retention_lab.abtest.sequential.group_sequential import (
    GroupSequential,
    group_sequential,
    looks_that_count,
)
from retention_lab.abtest.sequential.spending import Spending, obrien_fleming, pocock, power_family
from retention_lab.abtest.sides import Alternative
from retention_lab.errors import LabError
from tests.abtest.reference import expected, inputs

LOOKS = np.array([2_500.0, 5_000.0, 7_500.0, 10_000.0])


def test_one_look_at_the_planned_end_is_the_fixed_test() -> None:
    found = group_sequential(np.array([400.0]), 400).estimate(2.5, 1.0)
    assert found.p_value == pytest.approx(2 * norm.sf(2.5), rel=1e-9)
    assert found.high - found.value == pytest.approx(norm.isf(0.025), rel=1e-12)


@pytest.mark.parametrize("alternative", ["two_sided", "greater", "less"])
@pytest.mark.parametrize("spending", [obrien_fleming, pocock, power_family(2.0)])
def test_the_p_value_is_alpha_on_the_boundary(alternative: Alternative, spending: Spending) -> None:
    for alpha in (0.2, 0.05, 1e-4):
        for looks in (LOOKS[:2], LOOKS):
            test = group_sequential(looks, 10_000, alpha=alpha, alternative=alternative, spending=spending)
            edge = test.critical_values()[-1] * (-1 if alternative == "less" else 1)
            assert test.log_p_value(float(edge)) == pytest.approx(log(alpha), abs=1e-9)


def test_intervals_of_all_looks_hold_the_truth_together_as_often_as_they_say() -> None:
    critical = group_sequential(LOOKS, 10_000, spending=pocock).critical_values()
    share = LOOKS / 10_000
    rng = np.random.default_rng(3)
    score = np.cumsum(rng.normal(size=(40_000, 4)) * np.sqrt(0.25), axis=1)
    missed = np.mean(np.any(np.abs(score) / np.sqrt(share) > critical, axis=1))
    assert abs(missed - 0.05) < 0.0035  # 3.2 binomial standard errors


def test_power_is_nearly_that_of_a_fixed_test() -> None:
    critical = group_sequential(LOOKS, 10_000).critical_values()
    share = LOOKS / 10_000
    rng = np.random.default_rng(4)
    score = np.cumsum(rng.normal(size=(40_000, 4)) * np.sqrt(0.25), axis=1) + 2.8 * share
    power = np.mean(np.any(np.abs(score) / np.sqrt(share) > critical, axis=1))
    assert 0.77 < power < 0.80  # a fixed test has 0.80


def test_a_look_beyond_the_plan_spends_what_is_left_with_the_information_it_has() -> None:
    over = group_sequential(np.array([5_000.0, 14_000.0]), 10_000)
    on_plan = group_sequential(np.array([5_000.0, 10_000.0]), 10_000)
    assert over.critical_values()[0] == on_plan.critical_values()[0]
    assert over.critical_values()[1] > on_plan.critical_values()[1]  # the looks resemble each other less
    rng = np.random.default_rng(6)
    first = rng.normal(size=400_000)
    last = np.sqrt(5 / 14) * first + np.sqrt(9 / 14) * rng.normal(size=400_000)
    one, two = over.critical_values()
    assert abs(np.mean((np.abs(first) > one) | (np.abs(last) > two)) - 0.05) < 0.0011  # 3.2 standard errors


def test_ending_early_spends_the_rest_then() -> None:
    early = group_sequential(LOOKS[:3], 10_000, ended=True).critical_values()
    going = group_sequential(LOOKS[:3], 10_000).critical_values()
    np.testing.assert_array_equal(early[:2], going[:2])
    assert norm.isf(0.025) < early[2] < going[2]


def test_spotifys_looks_at_the_daily_table_come_out_the_same() -> None:
    daily = inputs("daily").set_index(["variant", "day"])
    n, converted = (
        np.array([daily.loc[arm, name].cumsum()[[7, 14, 21, 28]].to_numpy(dtype=float) for arm in (0, 1)])
        for name in ("n", "conversions")
    )
    rate = converted / n
    value = rate[1] - rate[0]
    cases = expected("spotify_confidence")["group_sequential"]
    assert len(cases) == 2
    for case in cases:
        planned = case["final_expected_sample_size"]
        test = group_sequential(n.sum(axis=0), planned, spending=power_family(2.0))
        for k, row in enumerate(case["rows"]):
            assert value[k] == pytest.approx(row["difference"], rel=1e-9)
            so_far = GroupSequential(test.information[: k + 1], spending=power_family(2.0))
            mine = so_far.estimate(float(value[k]), (row["ci_upper"] - row["ci_lower"]) / 2 / norm.isf(0.025))
            # Their grid is coarse (see the boundaries), and they mirror the one-sided test of alpha / 2.
            tolerance = 1e-9 if k == 0 else 6e-5
            half = row["adjusted ci_upper"] - row["difference"]
            assert mine.high - mine.value == pytest.approx(half, rel=tolerance)
            assert (mine.low > 0) == row["is_significant"]
            assert mine.p_value is not None
            assert (mine.p_value < 0.05) == row["is_significant"]


def test_p_values_too_small_for_a_double_are_found() -> None:
    test = group_sequential(LOOKS, 10_000)
    for z in (40.0, 60.0, 200.0):
        fixed = log(2) + log_ndtr(-z)
        assert fixed * (1 + 1e-12) <= test.log_p_value(z) < fixed + 1


def test_stronger_effects_have_smaller_p_values_down_from_1() -> None:
    test = group_sequential(LOOKS[:3], 10_000, alternative="greater")
    log_p = [test.log_p_value(z) for z in np.linspace(-6, 6, 25)]
    assert log_p[0] == 0.0
    assert np.all(np.diff(log_p) <= 0)
    assert log_p[-1] < log(1e-6)


def test_looks_count_up_to_the_first_at_the_planned_end() -> None:
    assert [looks_that_count(LOOKS, planned) for planned in (1_000, 2_500, 5_001, 10_000, 20_000)] == [
        1,
        1,
        3,
        4,
        4,
    ]
    units = np.array([5_000.0, 9_999.0, 10_400.0, 12_000.0])
    assert len(group_sequential(units[: looks_that_count(units, 10_000)], 10_000).critical_values()) == 3


def test_looks_after_the_planned_end_are_refused_with_the_look_that_counts() -> None:
    with pytest.raises(LabError, match="Look 2 reached the plan"):
        group_sequential(np.array([5_000.0, 10_000.0, 12_000.0]), 10_000)


@pytest.mark.parametrize(
    ("planned", "alpha", "says"),
    [(0.0, 0.05, "0 units"), (np.inf, 0.05, "inf units"), (1e4, 0.0, "level is 0")],
)
def test_a_plan_without_units_or_level_is_refused(planned: float, alpha: float, says: str) -> None:
    with pytest.raises(LabError, match=says):
        group_sequential(LOOKS, planned, alpha=alpha)


def test_an_effect_without_spread_is_refused() -> None:
    with pytest.raises(LabError, match="standard error"):
        group_sequential(LOOKS, 10_000).estimate(1.0, 0.0)
