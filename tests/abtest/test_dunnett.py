from math import inf, log

import numpy as np
import pytest
from scipy import stats
from scipy.special import log_ndtr

from retention_lab.abtest.dunnett import _Joint, control_loading, dunnett
from retention_lab.abtest.sides import Alternative
from retention_lab.errors import LabError

EQUAL = np.sqrt(0.5)  # the loading of arms of one size with one variance: they correlate by a half


@pytest.mark.parametrize(
    ("alternative", "freedom", "published"),  # for 1 to 5 arms beside the control, at 5 %
    [
        ("greater", 5, [2.02, 2.44, 2.68, 2.85, 2.98]),  # Dunnett (1955), table 1a
        ("greater", 20, [1.72, 2.03, 2.19, 2.30, 2.39]),
        ("greater", inf, [1.64, 1.92, 2.06, 2.16, 2.23]),
        ("two_sided", 5, [2.57, 3.03, 3.29, 3.48, 3.62]),  # Dunnett (1964), Biometrics 20, table II
        ("two_sided", 20, [2.09, 2.38, 2.54, 2.65, 2.73]),
        ("two_sided", inf, [1.96, 2.21, 2.35, 2.44, 2.51]),
    ],
)
def test_critical_values_are_those_of_the_published_tables(
    alternative: Alternative, freedom: float, published: list[float]
) -> None:
    for arms, value in enumerate(published, start=1):
        found = dunnett(
            np.zeros(arms), np.ones(arms), np.full(arms, EQUAL), freedom=freedom, alternative=alternative
        )
        assert np.all(np.abs(found.critical - value) <= 0.0051)


@pytest.mark.parametrize("alternative", ["two_sided", "greater", "less"])
def test_adjusted_p_values_are_those_of_scipy(alternative: Alternative) -> None:
    rng = np.random.default_rng(1)
    control = rng.normal(size=20)
    arms = [rng.normal(0.4 * k, 1, size=10 + 5 * k) for k in range(3)]
    theirs = stats.dunnett(*arms, control=control, alternative=alternative.replace("_", "-"), rng=2)
    groups = [control, *arms]
    freedom = sum(len(group) for group in groups) - len(groups)
    pooled = np.sqrt(sum((len(group) - 1) * np.var(group, ddof=1) for group in groups) / freedom)
    se = pooled * np.sqrt([1 / len(control) + 1 / len(arm) for arm in arms])
    effects = np.array([np.mean(arm) - np.mean(control) for arm in arms])
    loading = control_loading(se, pooled / np.sqrt(len(control)))
    mine = dunnett(effects, se, loading, freedom=freedom, alternative=alternative)
    np.testing.assert_allclose(effects / se, theirs.statistic, rtol=1e-12)
    p_values = np.array([estimate.p_value for estimate in mine.estimates])
    np.testing.assert_allclose(p_values, theirs.pvalue, atol=2e-4)  # theirs are simulated
    ends = theirs.confidence_interval(0.95)
    for side in ("low", "high"):
        ours = np.array([getattr(estimate, side) for estimate in mine.estimates])
        np.testing.assert_allclose(ours, np.broadcast_to(getattr(ends, side), 3), atol=0.01)


def test_three_arms_are_the_multivariate_normal() -> None:
    loading = np.array([0.3, 0.6, 0.8])
    correlation = np.outer(loading, loading)
    np.fill_diagonal(correlation, 1)
    kept = stats.multivariate_normal.cdf(
        np.full(3, 1.5), np.zeros(3), correlation, abseps=1e-7, releps=1e-7, maxpts=1_000_000
    )
    assert np.exp(_Joint(loading, inf, False).log_any_beyond(1.5)) == pytest.approx(1 - kept, abs=2e-6)


@pytest.mark.parametrize("freedom", [1, 3, 30, 1000])
def test_one_arm_is_students_test(freedom: float) -> None:
    for z in (-2.0, 0.5, 7.0):
        found = dunnett(np.array([z]), np.ones(1), np.array([0.7]), freedom=freedom)
        assert found.estimates[0].p_value == pytest.approx(2 * stats.t.sf(abs(z), freedom), rel=1e-9)
        assert found.critical[0] == pytest.approx(stats.t.isf(0.025, freedom), rel=1e-9)


def test_arms_that_share_nothing_are_sidaks() -> None:
    found = dunnett(np.array([2.0, 3.0]), np.ones(2), np.zeros(2))
    p_values = [estimate.p_value for estimate in found.estimates]
    assert p_values == pytest.approx([1 - (1 - 2 * stats.norm.sf(z)) ** 2 for z in (2.0, 3.0)], rel=1e-10)


def test_arms_that_share_nearly_everything_are_nearly_one() -> None:
    found = dunnett(np.full(4, 2.0), np.ones(4), np.full(4, 0.9999))
    assert found.critical[0] == pytest.approx(1.98, abs=0.02)
    assert found.estimates[0].p_value == pytest.approx(2 * stats.norm.sf(2.0), rel=0.1)


@pytest.mark.parametrize("freedom", [inf, 12.0])
@pytest.mark.parametrize("alternative", ["two_sided", "greater", "less"])
def test_p_value_and_interval_say_the_same(alternative: Alternative, freedom: float) -> None:
    se, loading = np.array([1.0, 2.0, 0.5]), np.array([0.5, 0.2, 0.9])
    sign = -1 if alternative == "less" else 1
    critical = dunnett(np.zeros(3), se, loading, freedom=freedom, alternative=alternative).critical
    on_edge = dunnett(sign * critical * se, se, loading, freedom=freedom, alternative=alternative)
    for estimate in on_edge.estimates:
        assert estimate.p_value == pytest.approx(0.05, rel=1e-8)
        assert min(abs(estimate.low), abs(estimate.high)) == pytest.approx(0, abs=1e-12)


def test_intervals_hold_together_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    control = rng.normal(size=(40_000, 1)) * 0.5
    arms = rng.normal(size=(40_000, 3)) * np.array([1.0, 0.7, 0.4])
    se = np.sqrt(0.25 + np.array([1.0, 0.49, 0.16]))
    critical = dunnett(np.zeros(3), se, control_loading(se, 0.5)).critical
    missed = np.mean(np.any(np.abs(arms - control) / se > critical, axis=1))
    assert abs(missed - 0.05) < 0.0035  # 3.2 binomial standard errors


def test_it_is_between_no_correction_and_bonferronis() -> None:
    found = dunnett(np.array([2.4, -1.0, 0.3]), np.ones(3), np.array([0.8, 0.7, 0.75]))
    for z, estimate in zip([2.4, 1.0, 0.3], found.estimates, strict=True):
        alone = 2 * stats.norm.sf(z)
        assert estimate.p_value is not None
        assert alone < estimate.p_value < 3 * alone


def test_each_comparison_uses_its_own_degrees_of_freedom() -> None:
    found = dunnett(np.full(2, 2.5), np.ones(2), np.full(2, EQUAL), freedom=np.array([8.0, 500.0]))
    for k, freedom in enumerate((8.0, 500.0)):
        both = dunnett(np.full(2, 2.5), np.ones(2), np.full(2, EQUAL), freedom=freedom)
        assert found.critical[k] == both.critical[k]
        assert found.log10_p[k] == both.log10_p[k]


def test_p_values_too_small_for_a_double_come_with_their_logarithm() -> None:
    found = dunnett(np.array([60.0, 50.0]), np.ones(2), np.full(2, EQUAL))
    assert found.estimates[0].p_value == 0.0
    both_alone = (log(4) + float(log_ndtr(-60.0))) / log(10)
    assert found.log10_p[0] == pytest.approx(both_alone, rel=1e-9)


def test_the_control_cannot_be_noisier_than_the_difference_from_it() -> None:
    with pytest.raises(LabError, match="larger than that of either mean"):
        control_loading(np.array([1.0, 0.4]), 0.5)


@pytest.mark.parametrize(
    ("effects", "se", "loading", "says"),
    [
        ([], [], [], "0 effects"),
        ([1.0, 2.0], [1.0], [0.5], "2 effects came with 1"),
        ([np.nan], [1.0], [0.5], "not a number"),
        ([1.0], [0.0], [0.5], "not above 0"),
        ([1.0], [1.0], [1.0], "Loadings reach 1"),
    ],
)
def test_comparisons_that_cannot_be_made_are_refused(
    effects: list[float], se: list[float], loading: list[float], says: str
) -> None:
    with pytest.raises(LabError, match=says):
        dunnett(np.array(effects), np.array(se), np.array(loading))
