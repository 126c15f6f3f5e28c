import numpy as np

from retention_lab.features import Features, FeatureSchema
from retention_lab.uplift.understanding.turns import turns

SCHEMA = FeatureSchema(("recency", "tier", "noise"), (None, ("gold", "silver"), None))
ARMS = ("none", "coupon")


def choose(features: Features) -> np.ndarray:
    """A coupon for those who have been away for more than 50 days, or are silver."""
    return ((features.values[:, 0] > 50) | (features.values[:, 1] == 1)).astype(np.int64)


def others() -> Features:
    rng = np.random.default_rng(1)
    values = np.column_stack([rng.uniform(0, 100, 2_000), rng.random(2_000) < 0.2, rng.normal(size=2_000)])
    return Features(values.astype(np.float64), SCHEMA)


def one(recency: float, tier: float = 0.0) -> Features:
    return Features(np.array([[recency, tier, 0.0]]), SCHEMA)


def test_the_nearest_change_of_each_feature_that_turns_the_choice_is_found() -> None:
    found = turns(choose, one(45.0), others(), ARMS)
    assert [turn.feature for turn in found] == ["recency", "tier"]  # noise turns nothing
    assert 50 < found[0].to < 58  # type: ignore[operator]  # a twentieth of the customers lies between two tries
    assert (found[0].value, found[0].arm) == (45.0, "coupon")
    assert (found[1].to, found[1].value, found[1].arm) == ("silver", "gold", "coupon")
    assert found[0].distance < 0.15 < found[1].distance


def test_a_choice_that_rests_on_two_features_is_turned_by_neither() -> None:
    assert turns(choose, one(90.0, tier=1.0), others(), ARMS) == ()


def test_a_missing_value_may_turn_to_one_that_others_have() -> None:
    found = turns(choose, one(np.nan), others(), ARMS)
    assert found[0].feature == "recency"
    assert found[0].value is None
    assert found[0].to > 50  # type: ignore[operator]
