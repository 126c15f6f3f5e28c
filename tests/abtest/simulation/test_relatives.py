from typing import get_args

import numpy as np
import pytest

from retention_lab.abtest.arm import Form
from retention_lab.abtest.lift import Rule
from retention_lab.abtest.relative import Relative, relative_lift
from retention_lab.abtest.simulation.relatives import many_relatives
from retention_lab.abtest.simulation.sums import Layout
from retention_lab.abtest.simulation.values import ManyCompared, compare_many, compare_strata
from retention_lab.abtest.skewed import skewed_relative
from retention_lab.errors import LabError
from tests.abtest.simulation.scalars import REPLICATIONS, added_up, numbers, one_of
from tests.abtest.simulation.test_lifts import RULES

LAYOUT, CENTRE = Layout(4, 2, powers=True), np.zeros(4)


def sharing_arms() -> ManyCompared:
    """Strata, whose random sizes the arms share."""
    strata = [[added_up(numbers(10 * s + a), LAYOUT, CENTRE) for s in range(3)] for a in (1, 2)]
    return compare_strata(*strata, Form())


@pytest.mark.parametrize("how", get_args(Relative))
@pytest.mark.parametrize("rule", RULES)
def test_many_relative_effects_are_those_made_one_by_one(how: Relative, rule: Rule) -> None:
    found = sharing_arms()
    relatives = many_relatives(found, rule, how)
    for k in range(REPLICATIONS):
        wanted = relative_lift(
            one_of(found.control, k), one_of(found.treated, k), rule, how, float(found.covariance[k])
        )
        assert relatives.known[k]
        assert (relatives.low[k], relatives.high[k]) == pytest.approx((wanted.low, wanted.high), rel=1e-9)


@pytest.mark.parametrize("how", get_args(Relative))
@pytest.mark.parametrize("rule", [RULES[0], RULES[3]])
def test_skewed_ones_too(how: Relative, rule: Rule) -> None:
    found, skew = sharing_arms(), np.array([0.3, -0.2, 0.05, 0.1, 0.4, -0.4])
    relatives = many_relatives(found, rule, how, skew)
    for k in range(REPLICATIONS):
        arms = one_of(found.control, k), one_of(found.treated, k)
        wanted = skewed_relative(*arms, rule, how, float(found.covariance[k]), float(skew[k]))
        assert (relatives.low[k], relatives.high[k]) == pytest.approx((wanted.low, wanted.high), rel=1e-9)


@pytest.mark.parametrize("how", get_args(Relative))
def test_a_share_of_next_to_nothing_is_refused_in_both_ways(how: Relative) -> None:
    rows = numbers(1)
    rows[0, :, 0] -= rows[0, :, 0].mean()
    found = compare_many(*(added_up(one, LAYOUT, CENTRE) for one in (rows, numbers(2))), Form())
    assert many_relatives(found, Rule(), how).known.tolist() == [False, *[True] * 5]
    with pytest.raises(LabError, match="not clearly above 0"):
        relative_lift(one_of(found.control, 0), one_of(found.treated, 0), Rule(), how)
