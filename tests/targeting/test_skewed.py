import numpy as np
import pytest
from scipy import stats

from retention_lab.targeting.skewed import Comparison, total_difference


def test_without_skewness_and_with_many_rows_it_is_the_normal_interval() -> None:
    rng = np.random.default_rng(1)
    rows = comparison(rng.normal(100, 1, 40_000), share=0.5, seed=1)
    found = total_difference(rows)
    treated = rows.treated
    se = np.sqrt(treated.sum() ** 2 * (1 / treated.sum() + 1 / (~treated).sum()) * rows.outcome.var())
    assert found.se == pytest.approx(se, rel=0.01)
    assert found.high - found.low == pytest.approx(2 * 1.96 * se, rel=0.01)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(found.value) / found.se), abs=0.01)


def test_a_holdout_without_a_single_buyer_still_gets_an_honest_interval() -> None:
    outcome = np.zeros(1_000)
    outcome[100:140] = 20.0
    treated = np.arange(1_000) >= 50
    weight = np.where(treated, 1.0, 950 / 50)
    rows = Comparison(outcome, np.zeros(1_000), treated, weight, np.zeros(1_000, dtype=np.int64))
    found = total_difference(rows)
    assert found.value == 800.0
    assert found.low < 0 < found.value < found.high
    assert found.high - found.value < found.value - found.low  # buyers may have been missed, not over-counted


def test_what_does_not_vary_has_an_interval_of_one_point() -> None:
    treated = np.arange(100) >= 50
    rows = Comparison(
        np.where(treated, 3.0, 1.0), np.zeros(100), treated, np.ones(100), np.zeros(100, dtype=np.int64)
    )
    found = total_difference(rows)
    assert (found.value, found.low, found.high, found.p_value) == (100.0, 100.0, 100.0, 0.0)


def test_more_returns_than_sales_can_be_measured_too() -> None:
    rng = np.random.default_rng(3)
    spend = np.where(rng.uniform(size=2_000) < 0.2, -np.exp(rng.normal(2, 1, 2_000)), 0.0)
    found = total_difference(comparison(spend, share=0.2, seed=3))
    assert found.low < found.value < found.high
    assert np.isfinite([found.low, found.high]).all()


def comparison(outcome: np.ndarray, share: float, seed: int) -> Comparison:
    treated = np.random.default_rng(seed).uniform(size=len(outcome)) >= share
    weight = np.where(treated, 1.0, treated.sum() / (~treated).sum())
    return Comparison(
        outcome, np.zeros(len(outcome)), treated, weight, np.zeros(len(outcome), dtype=np.int64)
    )
