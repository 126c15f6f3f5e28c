import numpy as np
import pytest

from retention_lab.features import Features, FeatureSchema, numeric_features
from retention_lab.uplift.understanding.conditions import Above, AtMost, IsMissing, OneOf, questions


def test_a_missing_value_meets_no_condition_but_that_it_is_missing() -> None:
    values = np.array([[np.nan], [1.0], [3.0]])
    found = [c.holds(values).tolist() for c in (Above(0, "x", 2), AtMost(0, "x", 2), IsMissing(0, "x"))]
    assert found == [[False, False, True], [False, True, False], [True, False, False]]
    assert OneOf(0, "x", (1, 3), ("b", "d")).holds(values).tolist() == [False, True, True]


def test_conditions_read_as_words() -> None:
    said = [str(Above(0, "spend", 12.5)), str(AtMost(0, "days", 60.0)), str(IsMissing(0, "tier"))]
    assert said == ["spend > 12.5", "days <= 60", "tier is missing"]
    assert str(OneOf(0, "channel", (1,), ("web",))) == "channel is web"
    assert str(OneOf(0, "channel", (1, 2), ("web", "shop"))) == "channel is one of web, shop"


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("levels", [None, 8, 60])
def test_the_bins_say_of_every_row_what_the_condition_itself_says(missing: bool, levels: int | None) -> None:
    rng = np.random.default_rng(1)
    x = rng.lognormal(size=(1000, 1)) if levels is None else rng.integers(0, levels, (1000, 1)).astype(float)
    if missing:
        x[rng.random(1000) < 0.2] = np.nan
    names = None if levels is None else tuple(f"l{i}" for i in range(levels))
    found = questions(Features(x, FeatureSchema(("x",), (names,))), 0, rng.normal(size=(1000, 2)), cuts=10)
    assert len(found.conditions) > 5
    for condition, holds in zip(found.conditions, found.holds, strict=True):
        np.testing.assert_array_equal(condition.holds(x), holds[found.bins] > 0)


def test_limits_are_round_and_not_too_many() -> None:
    x = np.random.default_rng(1).uniform(0, 365.25, size=(5000, 1))
    limits = [c.limit for c in questions(numeric_features(x), 0, np.zeros((5000, 1)), 30).conditions]  # type: ignore[union-attr]
    assert len(limits) == 30
    assert all(limit == round(limit) for limit in limits)


def test_a_flag_has_one_question_and_a_constant_none() -> None:
    x = np.column_stack([np.arange(10) % 2, np.ones(10)]).astype(float)
    features = numeric_features(x)
    assert [str(c) for c in questions(features, 0, np.zeros((10, 1)), 30).conditions] == ["x0 > 0"]
    assert questions(features, 1, np.zeros((10, 1)), 30).conditions == ()


def test_the_best_levels_are_asked_for_together() -> None:
    code = np.tile(np.arange(6), 50).astype(float)
    advantage = np.isin(code, [1, 4, 5]).astype(float)[:, None]
    features = Features(code[:, None], FeatureSchema(("c",), (tuple("abcdef"),)))
    asked = {c.levels for c in questions(features, 0, advantage, 30).conditions}  # type: ignore[union-attr]
    assert ("b", "e", "f") in asked
    assert all(len(levels) <= 5 for levels in asked)


def test_rare_levels_are_named_by_no_question() -> None:
    code = np.concatenate([np.repeat(np.arange(3), 100), np.arange(3, 40)]).astype(float)
    features = Features(code[:, None], FeatureSchema(("c",), (tuple(f"l{i}" for i in range(40)),)))
    asked = questions(features, 0, np.zeros((len(code), 1)), cuts=3).conditions
    assert {level for c in asked for level in c.levels} == {"l0", "l1", "l2"}  # type: ignore[union-attr]
