import numpy as np
import pytest

from retention_lab.abtest.arm import Form, compared
from retention_lab.abtest.moments import Sums, moments_of
from retention_lab.errors import LabError


def sums(*columns: np.ndarray) -> Sums:
    values = np.column_stack(columns)
    centre = np.full(values.shape[1], 2.0)
    found = moments_of(values, np.zeros(len(values), dtype=np.int64), 1, values.shape[1], centre)
    return found.sums_over(np.array([True]))


def two_arms(effect: float, seed: int = 1) -> list[Sums]:
    rng = np.random.default_rng(seed)
    found = []
    for n, added in ((3_000, 0.0), (1_000, effect)):
        before = rng.normal(10, 3, n)
        found.append(sums(before + added + rng.normal(0, 1, n), before))
    return found


def test_a_covariate_takes_off_what_it_explains() -> None:
    arms = two_arms(0.5)
    plain, adjusted = compared(arms, Form()), compared(arms, Form(covariates=((1, None),)))
    assert adjusted.correlation**2 == pytest.approx(0.9, abs=0.02)
    ratio = sum(one.error for one in adjusted.arms) / sum(one.error for one in plain.arms)
    assert ratio == pytest.approx(1 - adjusted.correlation**2, rel=0.05)
    assert adjusted.arms[1].value - adjusted.arms[0].value == pytest.approx(0.5, abs=0.1)


def test_one_coefficient_an_arm_is_never_less_exact() -> None:
    rng = np.random.default_rng(2)
    arms = []
    for n, slope in ((3_000, 0.0), (1_000, 2.0)):  # the covariate matters in one arm alone
        before = rng.normal(0, 1, n)
        arms.append(sums(slope * before + rng.normal(0, 1, n), before))
    form = Form(covariates=((1, None),))
    pooled, by_arm = (sum(a.error for a in compared(arms, form, how).arms) for how in ("pooled", "by_arm"))  # type: ignore[arg-type]
    assert by_arm < 0.8 * pooled


def test_the_adjusted_means_keep_the_average_of_the_covariate() -> None:
    arms = two_arms(0.0)
    adjusted = compared(arms, Form(covariates=((1, None),))).arms
    n = np.array([one.n for one in adjusted])
    plain = np.array([one.value for one in compared(arms, Form()).arms])
    assert n @ np.array([one.value for one in adjusted]) == pytest.approx(n @ plain, rel=1e-12)


def test_a_ratio_has_the_error_of_its_linear_part() -> None:
    rng = np.random.default_rng(3)
    orders = rng.poisson(3, 4_000) + 1.0
    spend = orders * rng.gamma(2, 5, 4_000)
    (found,) = compared([sums(spend, orders)], Form(below=1)).arms
    linear = (spend - found.value * orders) / orders.mean()
    assert found.value == pytest.approx(spend.sum() / orders.sum(), rel=1e-12)
    assert found.variance == pytest.approx(linear.var(ddof=1), rel=1e-9)


def test_a_ratio_of_nothing_and_an_arm_of_one_are_refused() -> None:
    with pytest.raises(LabError, match="denominator of the ratio is 0"):
        compared([sums(np.arange(5.0), np.zeros(5))], Form(below=1))
    with pytest.raises(LabError, match="1 units"):
        compared([sums(np.arange(1.0))], Form())
