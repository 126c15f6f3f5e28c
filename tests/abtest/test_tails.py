import numpy as np
import pytest
from scipy import stats

from retention_lab.abtest.tails import (
    bounded,
    chi_squared_test,
    deviate,
    from_log_p,
    normal_test,
    student_test,
)
from retention_lab.errors import LabError


# log10 of the upper tail, by 50-digit arithmetic
@pytest.mark.parametrize(
    ("z", "log10_p"), [(1.5, -1.1751767216148164), (40.0, -349.43700645934584), (1e3, -217150.64004199439)]
)
def test_normal_tails_are_exact_however_far_out(z: float, log10_p: float) -> None:
    assert normal_test(z, "greater").log10_p == pytest.approx(log10_p, rel=1e-13)
    assert normal_test(-z, "less").log10_p == pytest.approx(log10_p, rel=1e-13)
    assert normal_test(-z).log10_p == pytest.approx(log10_p + np.log10(2), rel=1e-13)


@pytest.mark.parametrize(
    ("freedom", "t", "log10_p"),
    [
        (7, 2.5, -1.6883285717735399),
        (4, 30.0, -5.4345739291622761),
        (1e9, 6.0, -9.0058641790366846),
        (1e5, 29.0, -183.71737286313212),
        (3, 1e70, -209.95755924967032),
        (1, 1e300, -300.49714987269413),
        (50, 1e8, -358.77649615566074),
        (1000, 60.0, -333.22500699654503),
        (1e6, 50.0, -544.28833751047111),
    ],
)
def test_student_tails_are_exact_however_far_out(freedom: float, t: float, log10_p: float) -> None:
    assert student_test(t, freedom, "greater").log10_p == pytest.approx(log10_p, rel=1e-12)
    assert student_test(-t, freedom).log10_p == pytest.approx(log10_p + np.log10(2), rel=1e-12)


@pytest.mark.parametrize(
    ("freedom", "x", "log10_p"),
    [
        (1, 3.84, -1.3006521393247688),
        (3, 1500.0, -324.23058649574523),
        (2, 5000.0, -1085.7362047581296),
        (40, 2000.0, -394.37125408832203),
    ],
)
def test_chi_squared_tails_are_exact_however_far_out(freedom: int, x: float, log10_p: float) -> None:
    assert chi_squared_test(x, freedom).log10_p == pytest.approx(log10_p, rel=1e-12)


@pytest.mark.parametrize("freedom", [0.7, 3.0, 40.0, 5000.0, 1e8])
def test_the_tail_has_no_seam_where_its_logarithm_takes_over(freedom: float) -> None:
    # t doubled again and again: log p is concave or straight, so its steps never shrink and never jump
    t = np.geomspace(1, 1e3 if freedom > 100 else 1e290 ** (1 / max(freedom, 1)), 4000)
    logs = np.array([student_test(x, freedom, "greater").log10_p for x in t])
    steps = np.diff(logs)
    assert (steps < 0).all()
    assert (np.diff(steps) < 1e-9 * np.abs(steps[1:]) + 1e-12).all()


def test_one_sided_and_two_sided_p_values_agree() -> None:
    for z in (-2.3, -0.1, 0.0, 1.7):
        greater, less, both = (normal_test(z, side).p_value for side in ("greater", "less", "two_sided"))
        assert greater + less == pytest.approx(1)
        assert both == pytest.approx(2 * min(greater, less))
    assert normal_test(2.0).p_value == pytest.approx(2 * stats.norm.sf(2.0), rel=1e-14)


def test_a_p_value_that_underflows_keeps_its_logarithm() -> None:
    found = normal_test(50.0)
    assert found.p_value == 0.0
    assert -545 < found.log10_p < -544


def test_a_p_value_is_at_most_one() -> None:
    assert from_log_p(0.0, 1e-12).p_value == 1.0
    assert normal_test(0.0).p_value == 1.0


def test_an_interval_is_open_on_the_side_that_is_not_asked_about() -> None:
    assert bounded(-2.0, 0.3, "two_sided", (-1, 1)) == (-1, 0.3)
    assert bounded(-0.2, 0.3, "greater", (-1, 1)) == (-0.2, 1)
    assert bounded(-0.2, 0.3, "less", (-1, 1)) == (-1, 0.3)


def test_what_has_no_tail_is_refused() -> None:
    with pytest.raises(LabError, match="statistic is nan"):
        normal_test(float("nan"))
    with pytest.raises(LabError, match="statistic is inf"):
        student_test(float("inf"), 10)
    with pytest.raises(LabError, match="0 degrees of freedom"):
        student_test(1.0, 0)
    with pytest.raises(LabError, match="confidence 95"):
        deviate(95)
