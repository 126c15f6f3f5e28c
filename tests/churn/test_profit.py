from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import beta

from retention_lab.churn.profit import (
    Campaign,
    Criterion,
    contacted,
    expected_maximum_profit,
    maximum_profit,
    profit_terms,
)
from retention_lab.errors import LabError
from retention_lab.estimate import mean_estimate

CAMPAIGN = Campaign(clv=200.0, contact_cost=1.0, incentive=10.0, acceptance=0.3)
RNG = np.random.default_rng(6)
RISK = RNG.beta(1, 3, 200)
LEFT = (RNG.random(200) < RISK).astype(float)
ROUNDED = np.round(RISK, 2)


def best(left: np.ndarray, score: np.ndarray, acceptance: float) -> float:
    """By trying every threshold."""
    one = Campaign(200.0, 1.0, 10.0, acceptance)
    return max(0.0, *(profit_terms(left, score >= cut, one).mean() for cut in np.unique(score)))


def test_a_contact_pays_from_the_break_even_probability_on() -> None:
    # .3 x 190 - 1 = 56 from a leaver, 11 lost on another: 11 / 67
    p = np.array([11 / 67 - 1e-6, 11 / 67 + 1e-6])
    assert contacted(p, CAMPAIGN).tolist() == [False, True]


def test_profit_of_a_few_by_hand() -> None:
    terms = profit_terms(np.array([1.0, 0.0, 1.0]), np.array([True, True, False]), CAMPAIGN)
    assert terms.tolist() == [56.0, -11.0, 0.0]


def test_customers_of_little_value_are_left_alone() -> None:
    each = Campaign(np.array([20.0, 2000.0]), 1.0, 10.0, 0.3)
    assert contacted(np.array([0.5, 0.1]), each).tolist() == [False, True]


@pytest.mark.parametrize("score", [RISK, ROUNDED])
def test_the_maximum_is_that_of_all_thresholds(score: np.ndarray) -> None:
    found = maximum_profit(LEFT, score, CAMPAIGN)
    assert found.value == pytest.approx(best(LEFT, score, 0.3))
    assert found.terms.mean() == pytest.approx(found.value)


@pytest.mark.parametrize("score", [RISK, ROUNDED])
def test_the_expected_maximum_is_the_integral_over_acceptance(score: np.ndarray) -> None:
    found = expected_maximum_profit(LEFT, score, CAMPAIGN)
    grid = np.linspace(0, 1, 202)[1:-1]
    maxima = np.array([best(LEFT, score, acceptance) for acceptance in grid])
    wanted = np.trapezoid(maxima * beta.pdf(grid, 6, 14), grid)
    assert found.value == pytest.approx(wanted, rel=2e-3)
    assert found.terms.mean() == pytest.approx(found.value)
    assert found.value >= maximum_profit(LEFT, score, CAMPAIGN).value - 1e-9  # convex in the acceptance


def test_where_nothing_pays_nobody_is_contacted() -> None:
    dear = Campaign(clv=20.0, contact_cost=50.0, incentive=10.0, acceptance=0.3)
    assert maximum_profit(LEFT, RISK, dear).value == 0
    assert expected_maximum_profit(LEFT, RISK, dear).value == 0
    assert not contacted(RISK, dear).any()


def test_where_all_accept_both_criteria_agree() -> None:
    sure = Campaign(200.0, 1.0, 10.0, 1.0)
    assert expected_maximum_profit(LEFT, RISK, sure).value == maximum_profit(LEFT, RISK, sure).value


def test_the_criteria_know_only_the_order_of_scores() -> None:
    for criterion in (maximum_profit, expected_maximum_profit):
        assert criterion(LEFT, RISK, CAMPAIGN).value == criterion(LEFT, RISK**3 - 5, CAMPAIGN).value


@pytest.mark.parametrize(
    "wrong", [{"clv": 0.0}, {"clv": np.nan}, {"contact_cost": -1.0}, {"acceptance": 0.0}, {"acceptance": 1.1}]
)
def test_an_impossible_campaign_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(LabError, match=r"Correct|Give costs"):
        Campaign(**({"clv": 200.0, "contact_cost": 1.0, "incentive": 10.0, "acceptance": 0.3} | wrong))


@pytest.mark.slow
@pytest.mark.parametrize("criterion", [maximum_profit, expected_maximum_profit])
def test_intervals_of_the_best_threshold_cover_what_it_earns_in_the_long_run(
    criterion: Callable[[np.ndarray, np.ndarray, Campaign], Criterion],
) -> None:
    truth = criterion(*_drawn(np.random.default_rng(0), 400_000), CAMPAIGN).value
    covered = 0
    for seed in range(100_000, 100_300):
        found = mean_estimate(criterion(*_drawn(np.random.default_rng(seed), 800), CAMPAIGN).terms)
        covered += found.low <= truth <= found.high
    assert abs(covered / 300 - 0.95) < 0.042  # 3.3 binomial standard errors


def _drawn(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    p = expit(rng.normal(-1, 1.2, rows))
    return (rng.random(rows) < p).astype(float), p
