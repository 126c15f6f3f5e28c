import numpy as np
import pytest
from scipy.special import expit, logit

from retention_lab.calibration_error import Binning, calibration_error

RNG = np.random.default_rng(8)


def drawn(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.02, 0.9, rows)
    return (rng.random(rows) < p).astype(float), p


def test_two_groups_by_hand() -> None:
    found = calibration_error(np.array([0.0, 1.0, 1.0, 1.0]), np.array([0.2, 0.2, 0.7, 0.7]), groups=2)
    assert found.estimate.value == pytest.approx((0.3 + 0.3) / 2)


@pytest.mark.parametrize("binning", ["equal_size", "equal_width"])
def test_probabilities_that_keep_their_word_show_what_chance_gives(binning: Binning) -> None:
    found = [calibration_error(*drawn(2000, seed), binning=binning) for seed in range(60)]
    mean = np.mean([one.estimate.value for one in found])
    assert mean == pytest.approx(np.mean([one.if_perfect for one in found]), rel=0.08)
    assert all(one.estimate.low == 0 for one in found)
    assert abs(np.mean([one.squared for one in found])) < 1e-4


def test_a_shift_is_found_at_its_size() -> None:
    left, p = drawn(200_000, 1)
    found = calibration_error(left, p + 0.05)
    assert found.estimate.value == pytest.approx(0.05, abs=0.005)
    assert found.estimate.low > 0.04
    assert found.squared == pytest.approx(0.05**2, rel=0.1)


def test_equal_predictions_are_one_group() -> None:
    left = (np.arange(100) % 4 == 0).astype(float)
    assert calibration_error(left, np.full(100, 0.25)).estimate.value == pytest.approx(0.0)


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_intervals_cover_the_error_of_a_bold_model_at_least_as_often_as_they_say(shift: float) -> None:
    def bold(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        p = expit(rng.normal(-1, 1.2, rows))
        return (rng.random(rows) < p).astype(float), expit(1.4 * logit(p) + shift), p

    _, told, true = bold(400_000, 0)
    groups = np.array_split(np.argsort(told), 10)
    truth = np.mean([abs((told[group] - true[group]).mean()) for group in groups])
    covered = 0
    for seed in range(100_000, 100_300):
        left, probability, _ = bold(800, seed)
        found = calibration_error(left, probability).estimate
        covered += found.low <= truth <= found.high
    assert covered / 300 > 0.95 - 0.042  # it may cover more: the bias is not known, only that it is bounded
