from dataclasses import replace
from math import inf
from typing import get_args

import numpy as np
import pytest

from retention_lab.abtest.arm import Form
from retention_lab.abtest.lift import Rule, absolute_lift
from retention_lab.abtest.share_lift import How, share_lift
from retention_lab.abtest.simulation.lifts import as_shares, many_lifts, newcombe_ends, score_rejected
from retention_lab.abtest.simulation.sums import Layout
from retention_lab.abtest.simulation.values import ManyCompared, compare_many
from retention_lab.abtest.skewed import material_skewness, skewed_lift
from retention_lab.abtest.tails import Alternative
from tests.abtest.simulation.scalars import REPLICATIONS, added_up, numbers, one_of

RULES = [
    Rule(), Rule(normal=True), Rule(pooled=True), Rule(confidence=0.8, alternative="greater"),
    Rule(alternative="less"), Rule(reach=2.5),
]  # fmt: skip


def skewed_arms() -> ManyCompared:
    layout, centre = Layout(1, 1, powers=True), np.ones(1)
    arms = [numbers(seed, units)[:, :, :1] for seed, units in ((1, 300), (2, 40))]
    return compare_many(*(added_up(one, layout, centre) for one in arms), Form())


def converting_arms() -> ManyCompared:
    layout = Layout(1, 1, powers=True, share=True)
    arms = [numbers(seed, units)[:, :, :1] > limit for seed, units, limit in ((1, 300, 1.0), (2, 90, 2.0))]
    arms[1][0] = False  # nobody in the first replication
    return as_shares(
        compare_many(*(added_up(one.astype(float), layout, np.zeros(1)) for one in arms), Form())
    )


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("corrected", [True, False])
def test_many_lifts_are_those_made_one_by_one(rule: Rule, corrected: bool) -> None:
    found = skewed_arms()
    lifts = many_lifts(found, rule, corrected=corrected)
    low, high = lifts.ends(rule)
    for k in range(REPLICATIONS):
        control, treated = one_of(found.control, k), one_of(found.treated, k)
        skewed = corrected and not rule.pooled and rule.reach is None
        if skewed:
            assert material_skewness(control, treated)
            wanted = skewed_lift(control, treated, rule)
        else:
            wanted = absolute_lift(control, treated, rule)
        if rule.reach is None or not corrected:
            assert (lifts.value[k], lifts.se[k]) == pytest.approx((wanted.value, wanted.se), rel=1e-9)
            assert (low[k], high[k]) == pytest.approx((wanted.low, wanted.high), rel=1e-9)
            assert lifts.rejected(rule)[k] == (not wanted.low <= 0 <= wanted.high)
            for null in (wanted.low, wanted.high):
                if abs(null) < inf:
                    assert not lifts.rejected(rule, null + 1e-9 * np.sign(wanted.value - null))[k]
                    assert lifts.rejected(rule, null - 1e-9 * np.sign(wanted.value - null))[k]


@pytest.mark.parametrize("alternative", get_args(Alternative))
@pytest.mark.parametrize("how", ["newcombe", "score"])
def test_many_shares_are_compared_as_one_by_one(how: How, alternative: Alternative) -> None:
    found, rule = converting_arms(), Rule(alternative=alternative)
    for k in range(REPLICATIONS):
        wanted = share_lift(one_of(found.control, k), one_of(found.treated, k), rule, how)
        if how == "newcombe":
            low, high = newcombe_ends(found, rule)
            assert (low[k], high[k]) == pytest.approx((wanted.low, wanted.high), abs=1e-9)
        else:
            assert score_rejected(found, rule)[k] == (wanted.p_value < 0.05)
            for end, inward in ((wanted.low, 1), (wanted.high, -1)):
                if -1 < end < 1:
                    assert not score_rejected(found, rule, end + 1e-7 * inward)[k]
                    assert score_rejected(found, rule, end - 1e-7 * inward)[k]


def test_arms_that_do_not_vary_have_no_interval_and_are_not_rejected() -> None:
    found = converting_arms()
    nobody = replace(found.control, beyond=np.zeros(6), variance=np.zeros(6))
    lifts = many_lifts(replace(found, control=nobody), Rule())
    assert lifts.known.tolist() == [False, *[True] * 5]
    assert not lifts.rejected(Rule())[0]
