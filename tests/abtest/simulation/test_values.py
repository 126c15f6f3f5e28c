from typing import get_args

import numpy as np
import pytest

from retention_lab.abtest.arm import Adjustment, Form, compared
from retention_lab.abtest.simulation.sums import Layout
from retention_lab.abtest.simulation.values import compare_many, compare_strata
from retention_lab.abtest.stratify import stratified
from tests.abtest.simulation.scalars import REPLICATIONS, added_up, numbers, one_of

FORMS = {
    "mean": Form(),
    "mean with a covariate": Form(covariates=((2, None),)),
    "mean with three covariates": Form(covariates=((1, None), (2, None), (3, None))),
    "ratio": Form(below=1),
    "ratio with its own past": Form(below=1, covariates=((2, 3),)),
    "ratio with a covariate and its own past": Form(below=1, covariates=((2, None), (2, 3))),
}
CENTRE = np.array([1.0, 3.0, 0.5, 4.0])
LAYOUT = Layout(4, 2, powers=True)


@pytest.mark.parametrize("adjustment", get_args(Adjustment))
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_many_comparisons_are_those_made_one_by_one(form: Form, adjustment: Adjustment) -> None:
    control, treated = (added_up(numbers(seed), LAYOUT, CENTRE) for seed in (1, 2))
    found = compare_many(control, treated, form, adjustment)
    for k in range(REPLICATIONS):
        wanted = compared([control.at(k), treated.at(k)], form, adjustment)
        for mine, theirs in zip((found.control, found.treated), wanted.arms, strict=True):
            one = one_of(mine, k)
            assert (one.value, one.variance, one.n) == pytest.approx(
                (theirs.value, theirs.variance, theirs.n), rel=1e-9
            )
            assert (one.third is None) == (theirs.third is None)


@pytest.mark.parametrize("adjustment", get_args(Adjustment))
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_many_stratified_comparisons_are_those_made_one_by_one(form: Form, adjustment: Adjustment) -> None:
    strata = [[added_up(numbers(10 * s + a), LAYOUT, CENTRE) for s in range(3)] for a in (1, 2)]
    found = compare_strata(*strata, form, adjustment)
    for k in range(REPLICATIONS):
        wanted = stratified([[arm[s].at(k) for arm in strata] for s in range(3)], form, adjustment)
        for mine, theirs in zip((found.control, found.treated), wanted.arms, strict=True):
            one = one_of(mine, k)
            assert (one.value, one.variance, one.n) == pytest.approx(
                (theirs.value, theirs.variance, theirs.n), rel=1e-9
            )
            if form == Form():
                assert (one.third, one.fourth) == pytest.approx((theirs.third, theirs.fourth), rel=1e-9)
        assert found.covariance[k] == pytest.approx(wanted.covariance[1], rel=1e-8)


def test_a_covariate_that_says_nothing_new_is_left_out_as_it_is_one_by_one() -> None:
    rows = [numbers(seed) for seed in (1, 2)]
    for one in rows:
        one[:, :, 1], one[:, :, 3] = 7.0, 2 * one[:, :, 2]  # a constant, and a copy
    form = FORMS["mean with three covariates"]
    control, treated = (added_up(one, LAYOUT, CENTRE) for one in rows)
    found = compare_many(control, treated, form)
    alone = compare_many(control, treated, FORMS["mean with a covariate"])
    np.testing.assert_allclose(found.treated.value, alone.treated.value, rtol=1e-9)
    assert found.treated.value[0] == pytest.approx(
        compared([control.at(0), treated.at(0)], form).arms[1].value
    )


def test_too_few_units_or_nothing_to_divide_by_is_not_known() -> None:
    rows = numbers(1)
    rows[0, 1:, 0] = np.nan  # one unit is left
    rows[1, :, 1] = 0.0
    control, treated = added_up(rows, LAYOUT, CENTRE), added_up(numbers(2), LAYOUT, CENTRE)
    assert compare_many(control, treated, FORMS["ratio"]).known.tolist() == [False, False, *[True] * 4]
    assert compare_strata([control, treated], [treated, treated], FORMS["mean"]).known.tolist() == [
        False, *[True] * 5
    ]  # fmt: skip
