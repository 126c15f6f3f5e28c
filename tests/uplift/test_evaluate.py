import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.evaluate import difference, evaluate
from retention_lab.uplift.groups import group_effects
from retention_lab.uplift.ranking import autoc, qini, uplift_at
from retention_lab.uplift.worth import Worth
from tests.uplift.populations import population

ARMS = ("none", "coupon", "points")


def held_out(rows: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    found = population(rows)
    return found.mean + np.random.default_rng(2).normal(size=found.mean.shape), found.effect


def test_metrics_are_named_by_arm_where_there_are_several_offers() -> None:
    gamma, effect = held_out()
    names = set(evaluate(gamma, effect, ARMS, Worth()).estimates)
    assert names == {
        *(
            f"{metric}.{arm}"
            for metric in (
                "qini",
                "autoc",
                "uplift_at_10",
                "uplift_at_20",
                "uplift_at_30",
                "calibration_slope",
                "gates_top_less_bottom",
            )
            for arm in ARMS[1:]
        ),
        "policy_value",
        *(f"policy_gain.{arm}" for arm in ARMS),
        *(f"policy_share.{arm}" for arm in ARMS),
    }


def test_metrics_have_plain_names_where_there_is_one_offer() -> None:
    gamma, effect = held_out()
    names = set(evaluate(gamma[:, :2], effect[:, :1], ARMS[:2], Worth()).estimates)
    assert {"qini", "autoc", "uplift_at_10", "calibration_slope", "policy_gain.none"} <= names


def test_the_true_effects_rank_pay_and_are_calibrated() -> None:
    found = evaluate(*held_out(), ARMS, Worth()).estimates
    for arm in ARMS[1:]:
        assert found[f"qini.{arm}"].low > 0
        assert found[f"gates_top_less_bottom.{arm}"].low > 0
        assert found[f"calibration_slope.{arm}"].low < 1 < found[f"calibration_slope.{arm}"].high
    assert all(found[f"policy_gain.{arm}"].low > 0 for arm in ARMS)


def test_money_scales_the_metrics_and_costs_come_off_the_policy() -> None:
    gamma, effect = held_out()
    plain = evaluate(gamma, effect, ARMS, Worth()).estimates
    money = evaluate(gamma, effect, ARMS, Worth(4.0, (0.0, 0.0, 100.0))).estimates
    assert money["qini.coupon"].value == pytest.approx(4 * plain["qini.coupon"].value)
    assert money["qini.points"].value == pytest.approx(4 * plain["qini.points"].value)  # a cost moves no rank
    assert money["uplift_at_10.points"].value == pytest.approx(4 * plain["uplift_at_10.points"].value - 100)
    assert money["policy_gain.points"].value > 90


def test_what_cannot_be_computed_is_null_with_a_reason() -> None:
    gamma, effect = held_out()
    found = evaluate(gamma, np.tile([0.2, 0.1], (len(effect), 1)), ARMS, Worth())
    assert set(found.reasons) == {
        f"{metric}.{arm}" for metric in ("calibration_slope", "gates_top_less_bottom") for arm in ARMS[1:]
    }
    assert not found.groups
    as_json = found.as_json()
    assert as_json["calibration_slope.coupon"]["value"] is None
    assert as_json["calibration_slope.coupon"]["reason"]
    assert as_json["qini.coupon"]["p_value"] == 1.0


def test_two_models_are_compared_on_the_same_rows() -> None:
    gamma, effect = held_out()
    blurred = effect + np.random.default_rng(3).normal(size=effect.shape)
    found = difference(gamma, effect, blurred, ARMS, Worth())
    assert set(found) == {"qini.coupon", "qini.points", "policy_value"}
    assert found["qini.coupon"].low > 0
    assert found["policy_value"].low > 0
    assert difference(gamma, effect, effect, ARMS, Worth())["policy_value"].p_value == 1.0


def test_an_offer_is_ranked_on_the_customers_who_could_get_it() -> None:
    gamma, effect = held_out()
    feasible = np.ones((len(gamma), 2), dtype=np.bool_)
    feasible[2000:, 1] = False
    found = evaluate(gamma, effect, ARMS, Worth(), feasible=feasible).estimates
    half = evaluate(gamma[:2000], effect[:2000], ARMS, Worth()).estimates
    everyone = evaluate(gamma, effect, ARMS, Worth()).estimates
    assert found["qini.points"] == half["qini.points"]
    assert found["qini.coupon"] == everyone["qini.coupon"]


def test_metrics_are_those_of_the_single_functions() -> None:
    gamma, effect = held_out(1000)
    group = np.random.default_rng(4).integers(0, 400, 1000)
    found = evaluate(gamma, effect, ARMS, Worth(), group)
    e = gamma[:, 1] - gamma[:, 0]
    assert found.estimates["qini.coupon"] == qini(e, effect[:, 0], group)
    assert found.estimates["autoc.coupon"] == autoc(e, effect[:, 0], group)
    assert found.estimates["uplift_at_20.coupon"] == uplift_at(e, effect[:, 0], 0.2, group)
    assert found.groups["coupon"] == group_effects(e, effect[:, 0], group=group)
    assert found.groups["coupon"].top_less_bottom == found.estimates["gates_top_less_bottom.coupon"]


def test_customers_may_be_named_by_text() -> None:
    gamma, effect = held_out(1000)
    group = np.random.default_rng(4).integers(0, 400, 1000)
    named = evaluate(gamma, effect, ARMS, Worth(), np.array([f"customer {g}" for g in group])).estimates
    for name, one in evaluate(gamma, effect, ARMS, Worth(), group).estimates.items():
        assert (named[name].value, named[name].se) == pytest.approx((one.value, one.se), rel=1e-12), name


def test_row_order_does_not_matter() -> None:
    gamma, effect = held_out(1000)
    rounded = np.round(effect, 1)  # with ties
    order = np.random.default_rng(5).permutation(1000)
    plain = evaluate(gamma, rounded, ARMS, Worth()).estimates
    other = evaluate(gamma[order], rounded[order], ARMS, Worth()).estimates
    for name, one in plain.items():
        assert (one.value, one.low) == pytest.approx((other[name].value, other[name].low), abs=1e-12), name


def test_gamma_without_a_row_is_refused() -> None:
    with pytest.raises(LabError):
        evaluate(np.empty((0, 3)), np.empty((0, 2)), ARMS, Worth())
