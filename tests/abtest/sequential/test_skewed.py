import numpy as np
import pytest
from scipy.stats import kurtosis, norm, skew, t

from retention_lab.abtest.sequential.skewed import DifferenceShape, difference_shape
from retention_lab.arrays import Floats
from retention_lab.errors import LabError


def moments(arms: list[Floats]) -> tuple[Floats, Floats, Floats, Floats]:
    """Units and central moments of each arm."""
    units = np.array([float(len(arm)) for arm in arms])
    two, three, four = (np.array([np.mean((arm - arm.mean()) ** k) for arm in arms]) for k in (2, 3, 4))
    return units, two, three, four


def test_the_shape_is_that_of_the_difference_of_means() -> None:
    rng = np.random.default_rng(1)
    control, treated = rng.gamma(0.5, size=(30_000, 200)), rng.gamma(2.0, size=(30_000, 60))
    difference = treated.mean(axis=1) - control.mean(axis=1)
    error = control.var(axis=1, ddof=1) / 200 + treated.var(axis=1, ddof=1) / 60
    found = difference_shape(*_true_gamma(np.array([200.0, 60.0]), np.array([0.5, 2.0])))
    assert float(found.skew) == pytest.approx(skew(difference), abs=0.03)
    assert 2 * np.mean(error) ** 2 / np.var(error) == pytest.approx(float(found.freedom), rel=0.05)


def _true_gamma(units: Floats, a: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    return units, a, 2 * a, 3 * a**2 + 6 * a


def test_normal_outcomes_have_welchs_freedom_and_no_skew() -> None:
    variance = np.array([4.0, 1.0])
    found = difference_shape(np.array([30.0, 60.0]), variance, np.zeros(2), 3 * variance**2)
    parts = variance / np.array([30.0, 60.0])
    assert float(found.freedom) == pytest.approx(parts.sum() ** 2 / np.sum(parts**2 / np.array([30, 60])))
    assert float(found.skew) == 0


def test_equal_arms_alike_have_no_skew_and_exchanging_arms_turns_it_round() -> None:
    rng = np.random.default_rng(2)
    small, large = rng.exponential(size=50), rng.exponential(size=400)
    assert float(difference_shape(*moments([small, small])).skew) == 0
    there, back = difference_shape(*moments([small, large])), difference_shape(*moments([large, small]))
    assert float(there.skew) == pytest.approx(-float(back.skew))
    assert float(there.freedom) == pytest.approx(float(back.freedom))


def test_looks_are_shaped_one_by_one() -> None:
    rng = np.random.default_rng(3)
    looks = [moments([rng.exponential(size=n), rng.exponential(size=3 * n)]) for n in (100, 200, 300)]
    together = difference_shape(*(np.array(part) for part in zip(*looks, strict=True)))
    assert together.skew.shape == (3,)
    for k, look in enumerate(looks):
        assert together.skew[k] == pytest.approx(float(difference_shape(*look).skew))


def test_without_skew_it_is_students_tail() -> None:
    shape = DifferenceShape(np.zeros(5), np.array([4.0, 9.0, 30.0, 200.0, 1e6]))
    ratio = np.array([1.0, -2.5, 4.0, 6.0, 8.0])
    on_scale = shape.on_normal_scale(ratio)
    np.testing.assert_allclose(
        norm.logsf(np.abs(on_scale)), t.logsf(np.abs(ratio), shape.freedom), rtol=1e-10
    )
    np.testing.assert_array_equal(np.sign(on_scale), np.sign(ratio))


@pytest.mark.parametrize("freedom", [4.0, 50.0, 1e5])
@pytest.mark.parametrize("g", [-0.5, -1e-12, 0.0, 1e-5, 0.3])
def test_the_way_back_is_the_way_back(g: float, freedom: float) -> None:
    shape = DifferenceShape(np.asarray(g), np.asarray(freedom))
    z = np.linspace(-6, 6, 13)
    np.testing.assert_allclose(shape.on_normal_scale(shape.in_standard_errors(z)), z, rtol=1e-7, atol=1e-7)


def test_tails_go_on_far_out_without_a_jump() -> None:
    for freedom in (5.0, 1000.0, 1e8):
        shape = DifferenceShape(np.asarray(0.0), np.asarray(freedom))
        around = shape.on_normal_scale(np.array([29.98, 29.99, 30.0, 30.01]))
        np.testing.assert_allclose(np.diff(around), np.diff(around)[0], rtol=1e-2)
        assert np.all(np.diff(shape.on_normal_scale(np.array([30.0, 100.0, 1e4, 1e6]))) > 0)


def test_a_large_sample_is_normal_already() -> None:
    shape = DifferenceShape(np.asarray(0.0), np.asarray(1e9))
    ratio = np.array([0.5, 3.0, 60.0, 200.0])
    np.testing.assert_allclose(shape.on_normal_scale(ratio), ratio, rtol=2e-5)


def test_a_critical_value_beyond_all_looks_is_infinite() -> None:
    shape = DifferenceShape(np.asarray(0.1), np.asarray(50.0))
    np.testing.assert_array_equal(shape.in_standard_errors(np.array([-90.0, 90.0])), [-np.inf, np.inf])


def test_heavy_tails_leave_few_degrees_of_freedom() -> None:
    spend = np.append(np.zeros(499), 100.0)
    heavy = difference_shape(*moments([spend, spend]))
    assert kurtosis(spend) > 400
    assert float(heavy.freedom) == pytest.approx(4.0, abs=0.1)


@pytest.mark.parametrize(("units", "variance"), [([1.0, 50.0], [1.0, 1.0]), ([50.0, 50.0], [0.0, 0.0])])
def test_arms_that_show_no_shape_are_refused(units: list[float], variance: list[float]) -> None:
    with pytest.raises(LabError, match="shape cannot be seen"):
        difference_shape(np.array(units), np.array(variance), np.zeros(2), np.ones(2))
