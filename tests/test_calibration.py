import numpy as np
import pytest

from retention_lab.calibration import calibration, calibration_slope
from retention_lab.errors import LabError


def test_a_right_prediction_has_slope_one_and_groups_that_agree() -> None:
    rng = np.random.default_rng(1)
    effect = rng.normal(size=20_000)
    found = calibration(effect + rng.normal(size=20_000), effect)
    assert found.slope.low < 1 < found.slope.high
    assert len(found.groups) == 10
    for group in found.groups:
        assert abs(group.observed.value - group.predicted) < 4 * group.observed.se


def test_an_exaggerated_prediction_has_a_slope_below_one() -> None:
    rng = np.random.default_rng(1)
    effect = rng.normal(size=20_000)
    found = calibration(effect + rng.normal(size=20_000), 2 * effect)
    assert found.slope.value == pytest.approx(0.5, abs=0.02)
    assert found.slope.p_value is not None
    assert found.slope.p_value < 1e-6


def test_the_average_is_of_what_was_observed() -> None:
    e = np.array([1.0, 2.0, 3.0, 6.0])
    assert calibration(e, np.arange(4.0), groups=2).average.value == 3.0


def test_slopes_cover_the_truth_under_unequal_noise() -> None:
    rng = np.random.default_rng(3)
    covered, runs = 0, 600
    for _ in range(runs):
        effect = rng.normal(size=400)
        slope = calibration_slope(effect + rng.normal(size=400) * (0.5 + effect**2), effect)
        covered += slope.low <= 1 <= slope.high
    # 3.2 binomial standard errors, and one point more: robust errors are known to be short at 400 rows
    assert abs(covered / runs - 0.95) < 0.028 + 0.01


def test_tied_predictions_stay_in_one_group() -> None:
    effect = np.repeat([0.0, 1.0, 2.0], 40)
    found = calibration(np.arange(120.0), effect, groups=10)
    assert [group.predicted for group in found.groups] == [0.0, 1.0, 2.0]
    assert sum(group.units for group in found.groups) == 120


def test_row_order_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    e, effect, order = rng.normal(size=300), rng.normal(size=300), rng.permutation(300)
    a, b = calibration(e, effect), calibration(e[order], effect[order])
    assert a.slope.value == pytest.approx(b.slope.value)
    assert [g.units for g in a.groups] == [g.units for g in b.groups]


def test_a_constant_prediction_has_no_slope() -> None:
    with pytest.raises(LabError, match="no slope"):
        calibration_slope(np.arange(5.0), np.full(5, 0.1))
