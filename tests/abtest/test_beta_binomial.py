from math import exp, log

import numpy as np
import pytest
from scipy.special import betaln

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.bayes import effect_posterior
from retention_lab.abtest.beta_binomial import BetaPrior, share_posterior
from retention_lab.errors import LabError

ARMS = [
    (ArmCounts(10, 100), ArmCounts(18, 100)),
    (ArmCounts(1, 6), ArmCounts(6, 8)),
    (ArmCounts(0, 10), ArmCounts(0, 5)),
    (ArmCounts(130, 1000), ArmCounts(100, 1000)),
]


def chance_by_sum(control: ArmCounts, treated: ArmCounts) -> float:
    """P(treated share > control share) under uniform priors, as a finite sum."""
    a0, b0, a1, b1 = control.successes + 1, control.failures + 1, treated.successes + 1, treated.failures + 1
    terms = (betaln(a0 + i, b0 + b1) - log(b1 + i) - betaln(1 + i, b1) - betaln(a0, b0) for i in range(a1))
    return sum(exp(term) for term in terms)


@pytest.mark.parametrize(("control", "treated"), ARMS)
def test_the_chance_to_win_is_the_finite_sum(control: ArmCounts, treated: ArmCounts) -> None:
    found = share_posterior(control, treated)
    assert found.chance_to_win == pytest.approx(chance_by_sum(control, treated), rel=1e-10)
    assert found.chance_to_win + found.chance_to_lose == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(("control", "treated"), ARMS)
@pytest.mark.parametrize("prior", [None, BetaPrior(0.5, 0.5), BetaPrior(3.0, 27.0)])
def test_everything_is_what_draws_say(
    control: ArmCounts, treated: ArmCounts, prior: BetaPrior | None
) -> None:
    rng, draws = np.random.default_rng(1), 200_000
    a, b = (1.0, 1.0) if prior is None else (prior.successes, prior.failures)
    one, two = (rng.beta(arm.successes + a, arm.failures + b, draws) for arm in (control, treated))
    found, difference = share_posterior(control, treated, prior), two - one
    error = 4 * found.sd / draws**0.5
    assert found.mean == pytest.approx(difference.mean(), abs=error)
    assert found.sd == pytest.approx(difference.std(), rel=0.02)
    assert found.chance_to_win == pytest.approx(np.mean(difference > 0), abs=4 * 0.5 / draws**0.5)
    assert found.loss_if_kept == pytest.approx(np.maximum(difference, 0).mean(), abs=error)
    assert found.loss_if_shipped == pytest.approx(np.maximum(-difference, 0).mean(), abs=error)
    # a 2.5th percentile has 2.7 times the error of the mean where the tail is normal; none here is longer
    ends = np.quantile(difference, [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx(tuple(ends), abs=5 * error)


def test_limits_leave_what_they_say_to_each_side_where_a_share_reaches_its_bound() -> None:
    found = share_posterior(ArmCounts(0, 1), ArmCounts(1, 1), confidence=0.8)
    # the densities are 2 (1 - p) of control and 2 p of treated; a sum over control's shares is exact enough
    grid = np.linspace(0, 1, 4001)
    middle = (grid[1:] + grid[:-1]) / 2
    for end, chance in ((found.low, 0.9), (found.high, 0.1)):
        above = 1 - np.clip(middle + end, 0, 1) ** 2
        assert np.mean(2 * (1 - middle) * above) == pytest.approx(chance, abs=1e-6)


def test_large_arms_have_the_normal_posterior() -> None:
    control, treated = ArmCounts(500_000, 10**7), ArmCounts(500_300, 10**7)
    found = share_posterior(control, treated)
    normal = effect_posterior(found.mean, found.sd)
    assert found.chance_to_win == pytest.approx(normal.chance_to_win, abs=1e-4)
    assert (found.low, found.high) == pytest.approx((normal.low, normal.high), rel=1e-3)
    assert found.loss_if_shipped == pytest.approx(normal.loss_if_shipped, rel=1e-3)


def test_a_narrow_arm_beside_a_wide_one_loses_nothing() -> None:
    found = share_posterior(ArmCounts(5, 10), ArmCounts(400_000, 10**6))
    assert found.chance_to_win == pytest.approx(0.24650, abs=2e-5)  # P(Beta(6, 6) < 0.4)
    turned = share_posterior(ArmCounts(400_000, 10**6), ArmCounts(5, 10))
    assert turned.chance_to_lose == pytest.approx(found.chance_to_win, rel=1e-12)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), rel=1e-7)


def test_tiny_chances_keep_their_digits() -> None:
    found = share_posterior(ArmCounts(700, 1000), ArmCounts(300, 1000))
    by_sum = chance_by_sum(ArmCounts(700, 1000), ArmCounts(300, 1000))
    assert found.chance_to_win == pytest.approx(by_sum, rel=1e-8)
    assert found.chance_to_win < 1e-70
    assert 0 < found.loss_if_kept < found.chance_to_win


def test_a_metric_to_be_low_wins_where_another_loses() -> None:
    high, low = share_posterior(*ARMS[0]), share_posterior(*ARMS[0], better="lower")
    assert (high.chance_to_win, high.loss_if_kept) == (low.chance_to_lose, low.loss_if_shipped)


def test_a_prior_without_weight_is_refused() -> None:
    with pytest.raises(LabError, match="not a belief"):
        BetaPrior(0.0, 1.0)
    with pytest.raises(LabError, match="not a belief"):
        BetaPrior(1.0, float("inf"))
