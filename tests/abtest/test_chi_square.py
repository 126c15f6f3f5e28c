import numpy as np
import pytest
from scipy.special import log_ndtr
from scipy.stats import chi2

from retention_lab.abtest.chi_square import log_chi_square_tail


@pytest.mark.parametrize("freedom", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("statistic", [0.01, 1.0, 10.0, 300.0, 1200.0])
def test_tails_are_those_of_scipy(statistic: float, freedom: int) -> None:
    tail = log_chi_square_tail(statistic, freedom)
    assert tail == pytest.approx(float(chi2.logsf(statistic, freedom)), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("z", [25.0, 40.0, 1000.0, 1e6])
def test_one_degree_of_freedom_is_the_square_of_a_normal_however_far_out(z: float) -> None:
    assert log_chi_square_tail(z**2, 1) == pytest.approx(np.log(2) + float(log_ndtr(-z)), rel=1e-13)


def test_the_tail_does_not_jump_where_the_method_changes() -> None:
    statistics = np.linspace(1100, 1200, 2001)
    tails = np.array([log_chi_square_tail(float(x), 5) for x in statistics])
    assert np.ptp(np.diff(tails)) < 1e-5
