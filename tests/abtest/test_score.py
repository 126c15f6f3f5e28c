import numpy as np
import pytest

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.score import (
    difference_score,
    difference_scores,
    odds_ratio_score,
    ratio_score,
    restricted_shares,
)

ARMS = [
    (ArmCounts(672, 1034), ArmCounts(666, 966)),
    (ArmCounts(0, 12), ArmCounts(4, 9)),
    (ArmCounts(5, 5), ArmCounts(4, 9)),
    (ArmCounts(0, 12), ArmCounts(0, 9)),
    (ArmCounts(3, 100_000), ArmCounts(11, 90_000)),
]


def log_likelihood(control: ArmCounts, treated: ArmCounts, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    total = np.zeros_like(one)
    for x, p in (
        (control.successes, one),
        (control.failures, 1 - one),
        (treated.successes, two),
        (treated.failures, 1 - two),
    ):
        total = total + (x * np.log(np.maximum(p, 1e-300)) if x else 0.0)
    return total


@pytest.mark.parametrize(("control", "treated"), ARMS)
@pytest.mark.parametrize("difference", [-0.9, -0.02, -0.001, 0.0, 0.0005, 0.08, 0.7])
def test_restricted_shares_are_the_likeliest(
    control: ArmCounts, treated: ArmCounts, difference: float
) -> None:
    counts = control.successes, control.units, treated.successes, treated.units
    one, two = restricted_shares(*counts, difference)
    assert two - one == pytest.approx(difference, abs=1e-12)
    grid = np.linspace(max(0, -difference), min(1, 1 - difference), 20_001)
    near = np.clip(one + np.linspace(-1e-4, 1e-4, 2001), grid[0], grid[-1])
    best = log_likelihood(control, treated, one, two)
    for shares in (grid, near):
        others = log_likelihood(control, treated, shares, np.clip(shares + difference, 0, 1))
        assert others.max() <= best + 1e-9 * max(1, abs(float(best)))


@pytest.mark.parametrize(("control", "treated"), ARMS[:3])
def test_scores_of_no_difference_are_the_pooled_z_on_every_scale(
    control: ArmCounts, treated: ArmCounts
) -> None:
    n = control.units + treated.units
    pooled = (control.successes + treated.successes) / n
    error = np.sqrt(pooled * (1 - pooled) * (1 / control.units + 1 / treated.units) * n / (n - 1))
    z = (treated.share - control.share) / error
    assert difference_score(control, treated, 0.0) == pytest.approx(z, rel=1e-12)
    assert ratio_score(control, treated, 1.0) == pytest.approx(z, rel=1e-12)
    assert odds_ratio_score(control, treated, 1.0) == pytest.approx(z, rel=1e-12)


@pytest.mark.parametrize(("control", "treated"), ARMS)
def test_scores_fall_as_the_null_rises(control: ArmCounts, treated: ArmCounts) -> None:
    differences = [difference_score(control, treated, d) for d in np.linspace(-0.999, 0.999, 200)]
    ratios = [ratio_score(control, treated, r) for r in np.geomspace(1e-6, 1e6, 200)]
    assert (np.diff(differences) < 0).all()
    assert (np.diff(ratios) <= 1e-12).all()
    if control.successes + treated.successes:
        odds = [odds_ratio_score(control, treated, r) for r in np.geomspace(1e-6, 1e6, 200)]
        assert (np.diff(odds) <= 1e-9).all()


def test_swapped_arms_and_swapped_outcomes_turn_the_sign() -> None:
    control, treated = ARMS[0]
    z = difference_score(control, treated, 0.03)
    assert difference_score(treated, control, -0.03) == pytest.approx(-z, rel=1e-12)
    failed = [ArmCounts(arm.failures, arm.units) for arm in (control, treated)]
    assert difference_score(failed[0], failed[1], -0.03) == pytest.approx(-z, rel=1e-12)
    odds = odds_ratio_score(control, treated, 1.4)
    assert odds_ratio_score(treated, control, 1 / 1.4) == pytest.approx(-odds, rel=1e-9)


def test_the_score_rises_with_treated_successes_at_every_null() -> None:
    # the exact tests lean on it: outcomes as strong as one are, in a row, all those beyond a bound
    for n0, n1 in ((7, 5), (12, 30)):
        for difference in (-0.6, -0.1, 0.0, 0.05, 0.5):
            z = difference_scores(np.arange(n0 + 1)[:, None], n0, np.arange(n1 + 1)[None, :], n1, difference)
            assert (np.diff(z, axis=1) > -1e-9).all()
            assert (np.diff(z, axis=0) < 1e-9).all()


def test_nobody_converted_is_no_difference_and_an_impossible_one_is_infinitely_far() -> None:
    none = ArmCounts(0, 10)
    assert difference_score(none, none, 0.0) == 0.0
    assert difference_score(none, none, 1.0) == -np.inf
