import itertools

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema, numeric_features
from retention_lab.uplift.understanding.rule import RuleParams, fit_rule, rule_value

ARMS = ("none", "coupon", "points")
SCHEMA = FeatureSchema(("recency_days", "channel", "noise"), (None, ("mail", "shop", "web"), None))


def customers(rows: int, seed: int, noise: float = 1.0) -> tuple[Features, np.ndarray]:
    """The coupon pays after 60 days on the web, points before that but not in shops; else both cost."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.integers(0, 181, rows), rng.integers(0, 3, rows), rng.normal(size=rows)])
    late, channel = x[:, 0] > 60, x[:, 1]
    coupon = np.where(late & (channel == 2), 1.0, -0.3)
    points = np.where(~late & (channel != 1), 0.8, -0.2)
    gamma = np.column_stack([np.zeros(rows), coupon, points]) + noise * rng.normal(size=(rows, 3))
    return Features(x.astype(float), SCHEMA), gamma


def test_a_rule_that_is_there_is_found_and_reads_as_words() -> None:
    features, gamma = customers(4000, 1, noise=0.0)
    rule = fit_rule(features, gamma, ARMS, RuleParams(cuts=200))
    assert rule.lines == (
        "if recency_days > 60 and channel is web: coupon",
        "if recency_days > 60: none",
        "if channel is shop: none",
        "else: points",
    )
    assert str(rule) == (
        "if recency_days > 60 and channel is web: coupon, else if recency_days > 60: none, "
        "else if channel is shop: none, else points"
    )
    np.testing.assert_array_equal(rule.policy(features), np.argmax(gamma, axis=1))


def test_what_comes_last_is_not_said_twice() -> None:
    features, gamma = customers(4000, 1, noise=0.0)
    rule = fit_rule(features, gamma[:, :2], ARMS[:2])
    assert rule.lines[-1] == "else: none"
    assert len(rule.lines) == 2
    assert str(rule).startswith("if ")
    assert str(rule).endswith(": coupon, else none")


def test_where_no_question_gains_everybody_gets_the_best_arm() -> None:
    features, _ = customers(500, 1)
    rule = fit_rule(features, np.tile([0.0, -0.1, 0.2], (500, 1)), ARMS)
    assert rule.lines == ("everybody: points",)
    assert set(rule.policy(features)) == {2}
    nothing = fit_rule(features, np.zeros((500, 3)), ARMS, RuleParams(depth=1))
    assert nothing.lines == ("everybody: none",)


@pytest.mark.parametrize("depth", [1, 2])
def test_without_features_there_is_nothing_to_ask(depth: int) -> None:
    rule = fit_rule(
        numeric_features(np.empty((50, 0))), np.tile([0.0, 1.0], (50, 1)), ARMS[:2], RuleParams(depth)
    )
    assert rule.lines == ("everybody: coupon",)


def test_the_order_of_the_customers_does_not_matter() -> None:
    features, gamma = customers(2000, 3)
    order = np.random.default_rng(4).permutation(2000)
    assert fit_rule(features.rows(order), gamma[order], ARMS) == fit_rule(features, gamma, ARMS)


def test_arms_may_be_numbered_otherwise() -> None:
    features, gamma = customers(2000, 3)
    rule = fit_rule(features, gamma[:, [0, 2, 1]], ("none", "points", "coupon"))
    assert rule.lines == fit_rule(features, gamma, ARMS).lines


def test_of_many_rows_a_random_part_makes_the_same_rule_each_time() -> None:
    features, gamma = customers(6000, 5)
    one, two = (fit_rule(features, gamma, ARMS, RuleParams(rows=3000)) for _ in range(2))
    assert one == two
    assert rule_value(one, features, gamma).over["none"].low > 0


def test_of_many_columns_the_promising_ones_are_searched_in_pairs() -> None:
    features, gamma = customers(4000, 6)
    wide = numeric_features(
        np.column_stack([features.values, np.random.default_rng(7).normal(size=(4000, 20))])
    )
    screened = fit_rule(wide, gamma, ARMS, RuleParams(columns=3))
    assert (
        screened.policy(wide).tolist()
        == fit_rule(wide.rows(np.arange(4000)), gamma, ARMS).policy(wide).tolist()
    )


def test_the_value_on_other_rows_is_that_of_the_policy_with_each_step_beside_it() -> None:
    rule = fit_rule(*customers(4000, 1), ARMS)
    features, gamma = customers(20_000, 2)
    found = rule_value(rule, features, gamma)
    chosen = gamma[np.arange(20_000), rule.policy(features)]
    assert found.value.value == pytest.approx(chosen.mean())
    assert found.over["none"].value == pytest.approx((chosen - gamma[:, 0]).mean())
    assert found.over["none"].low > 0
    assert found.over[found.best_constant].low > 0
    assert sum(step.share for step in found.steps) == pytest.approx(1.0)
    by_step = sum(step.share * step.effect.value for step in found.steps if step.effect is not None)
    assert by_step == pytest.approx(found.over["none"].value)
    assert [step.effect is None for step in found.steps] == [step.arm == "none" for step in found.steps]


def test_a_rule_made_of_noise_gains_nothing_on_other_rows_as_often_as_the_interval_says() -> None:
    rng = np.random.default_rng(8)
    runs, significant = 300, 0
    for _ in range(runs):
        features = numeric_features(rng.normal(size=(400, 3)))
        gamma = rng.normal(size=(800, 2))
        rule = fit_rule(features, gamma[:400], ARMS[:2], RuleParams(cuts=10))
        other = numeric_features(rng.normal(size=(400, 3)))
        over = rule_value(rule, other, gamma[400:]).over["none"]
        significant += over.se > 0 and not over.low <= 0 <= over.high
    assert significant / runs < 0.05 + 0.041  # 3.2 binomial standard errors


def test_customers_of_one_group_count_once() -> None:
    features, gamma = customers(2000, 9)
    rule = fit_rule(features, gamma, ARMS)
    twice = np.repeat(np.arange(2000), 2)
    plain = rule_value(rule, features, gamma)
    doubled = rule_value(rule, features.rows(twice), gamma[twice], group=twice)
    assert doubled.value.se == pytest.approx(plain.value.se)
    assert all(
        a.effect is None or b.effect is None or a.effect.se == pytest.approx(b.effect.se)
        for a, b in zip(plain.steps, doubled.steps, strict=True)
    )


def test_steps_are_disjoint_in_their_order() -> None:
    features, gamma = customers(1000, 10)
    rule = fit_rule(features, gamma, ARMS)
    applies = [step.applies(features.values) for step in rule.steps]
    for i, step in enumerate(rule.step(features)[:50]):
        assert applies[step][i]
        assert not any(applies[k][i] for k in range(step))
    assert all(a.all() for a in applies[-1:])
    assert all(x != y for x, y in itertools.pairwise(rule.lines))


@pytest.mark.parametrize("depth", [0, 3])
def test_other_depths_are_refused(depth: int) -> None:
    features, gamma = customers(100, 1)
    with pytest.raises(LabError, match="depth"):
        fit_rule(features, gamma, ARMS, RuleParams(depth=depth))


def test_scores_that_do_not_fit_or_are_missing_are_refused() -> None:
    features, gamma = customers(100, 1)
    with pytest.raises(LabError, match="shape"):
        fit_rule(features, gamma[:, :2], ARMS)
    with pytest.raises(LabError, match="at least one row"):
        fit_rule(features.rows(np.arange(0)), gamma[:0], ARMS)
    gamma[3, 1] = np.nan
    with pytest.raises(LabError, match="1 rows have a missing"):
        fit_rule(features, gamma, ARMS)


def test_two_limits_of_one_number_are_said_as_the_narrower() -> None:
    x = np.random.default_rng(1).uniform(0, 100, 3000)
    best = np.where(x > 70, 2, np.where(x > 30, 1, 0))
    gamma = np.eye(3)[best]
    rule = fit_rule(numeric_features(x[:, None]), gamma, ARMS, RuleParams(cuts=200))
    assert all(len(step.conditions) <= 1 for step in rule.steps)
    np.testing.assert_array_equal(rule.policy(x[:, None])[np.abs(x - 30) > 2], best[np.abs(x - 30) > 2])
