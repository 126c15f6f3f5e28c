from collections.abc import Callable

import numpy as np
import pytest

from retention_lab.estimate import mean_estimate
from retention_lab.skewness import shape

Draw = Callable[[np.random.Generator, int], np.ndarray]


def spend(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Nine customers in ten spend nothing; the mean is 4."""
    return np.where(rng.random(rows) < 0.1, rng.lognormal(np.log(40) - 0.5, 1.0, rows), 0.0)


def heavy(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Symmetric about 4, with tails so heavy that single rows look like skewness."""
    return 4 + rng.standard_t(4, rows)


def rare(rng: np.random.Generator, rows: int) -> np.ndarray:
    """One in fifty has an outcome of 200."""
    return 200.0 * (rng.random(rows) < 0.02)


@pytest.mark.parametrize(("draw", "rows"), [(spend, 3000), (heavy, 200), (rare, 1500)])
def test_intervals_of_odd_shapes_cover_as_often_as_they_say(draw: Draw, rows: int) -> None:
    rng = np.random.default_rng(11)
    found = [mean_estimate(draw(rng, rows)) for _ in range(1500)]
    covered = np.mean([one.low <= 4 <= one.high for one in found])
    assert abs(covered - 0.95) < 0.019  # 3.3 binomial standard errors


def test_misses_of_skewed_means_are_less_one_sided_than_those_of_normal_intervals() -> None:
    rng = np.random.default_rng(12)
    found = [mean_estimate(spend(rng, 1000)) for _ in range(2000)]
    above = np.mean([one.high < 4 for one in found])
    normal = np.mean([one.value + 1.959964 * one.se < 4 for one in found])
    assert above < 0.75 * normal


def test_the_p_value_is_below_alpha_exactly_where_the_interval_leaves_the_null_out() -> None:
    rng = np.random.default_rng(13)
    for _ in range(50):
        scores = rng.exponential(size=30)
        found = mean_estimate(scores)
        for end in (found.low, found.high):
            assert mean_estimate(scores, null=end).p_value == pytest.approx(0.05, abs=1e-9)


def test_turning_the_scores_round_turns_the_interval_round() -> None:
    scores = np.random.default_rng(14).exponential(size=60)
    plain, turned = mean_estimate(scores), mean_estimate(-scores)
    assert (turned.low, turned.high) == pytest.approx((-plain.high, -plain.low), rel=1e-12)
    assert plain.high - plain.value > plain.value - plain.low  # the large ones that were missed lie above


def test_large_samples_have_the_normal_interval() -> None:
    found = shape(np.random.default_rng(15).normal(size=200_000))
    assert found.ends(0.95) == pytest.approx((1.959964, 1.959964), abs=0.01)
    assert found.p_value(1.959964) == pytest.approx(0.05, abs=1e-3)


def test_the_unit_of_the_scores_does_not_matter() -> None:
    residual = np.random.default_rng(16).exponential(size=40) - 1
    assert shape(1e60 * residual).skew == pytest.approx(shape(residual).skew)


def test_a_single_huge_number_is_no_proof_of_skewness() -> None:
    rng = np.random.default_rng(17)
    many, one = rng.exponential(size=400), np.append(rng.normal(size=399), 60.0)
    raw = [float(np.mean((x - x.mean()) ** 3) / np.std(x) ** 3 / 20) for x in (many, one)]
    kept = [shape(x - x.mean()).skew / r for x, r in zip((many, one), raw, strict=True)]
    assert kept[0] > 0.9
    assert kept[1] < 0.55


def test_two_units_have_one_degree_of_freedom() -> None:
    found = mean_estimate(np.array([0.0, 2.0]))
    assert found.high == pytest.approx(1 + 12.7062, abs=1e-3)
