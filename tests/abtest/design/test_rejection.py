import numpy as np
import pytest
from scipy.stats import nct, norm

from retention_lab.abtest.design.rejection import critical_value, rejection


@pytest.mark.parametrize("freedom", [1.0, 1.5, 3.0, 38.2, 300.0, 1e4])
@pytest.mark.parametrize("tail", [0.025, 1e-4])
def test_a_null_effect_is_rejected_at_the_level_whatever_the_freedom(freedom: float, tail: float) -> None:
    critical = critical_value(tail, freedom)
    assert rejection(0.0, critical, freedom, two_sided=False) == pytest.approx(tail, rel=1e-11)
    assert rejection(0.0, critical, freedom, two_sided=True) == pytest.approx(2 * tail, rel=1e-11)


@pytest.mark.parametrize("freedom", [2.0, 7.7, 60.0, 2_000.0])
@pytest.mark.parametrize("shift", [-1.5, 0.7, 2.8, 9.0])
def test_rejection_is_a_tail_of_the_noncentral_t(freedom: float, shift: float) -> None:
    critical = critical_value(0.025, freedom)
    above = nct.sf(critical, freedom, shift)
    below = nct.sf(critical, freedom, -shift)  # the lower tail itself is NaN far out
    assert rejection(shift, critical, freedom, two_sided=False) == pytest.approx(above, rel=1e-9)
    assert rejection(shift, critical, freedom, two_sided=True) == pytest.approx(above + below, rel=1e-9)


def test_many_degrees_of_freedom_are_the_normal_test() -> None:
    critical = critical_value(0.025, None)
    assert critical == pytest.approx(1.959963984540054, rel=1e-14)
    normal = rejection(2.8, critical, None, two_sided=True)
    assert normal == pytest.approx(norm.sf(critical - 2.8) + norm.cdf(-critical - 2.8), rel=1e-12)
    assert rejection(2.8, critical_value(0.025, 1e9), 1e9, two_sided=True) == pytest.approx(normal, rel=1e-8)


@pytest.mark.parametrize("shift", [40.0, 1e3, 1e8])
def test_a_shift_far_out_is_always_rejected_and_never_more(shift: float) -> None:
    for freedom in (3.0, 1e6):
        power = rejection(shift, critical_value(0.025, freedom), freedom, two_sided=True)
        assert power <= 1
        assert power == pytest.approx(1, abs=1e-12 if freedom > 100 else 1e-3)


def test_power_grows_with_freedom_and_with_shift() -> None:
    shifts = np.linspace(0.1, 5, 20)
    few = [rejection(s, critical_value(0.025, 5.0), 5.0, two_sided=True) for s in shifts]
    many = [rejection(s, critical_value(0.025, 50.0), 50.0, two_sided=True) for s in shifts]
    assert np.all(np.diff(few) > 0)
    assert np.all(np.array(many) > np.array(few))
