import numpy as np
import pytest
from scipy.special import expit

from retention_lab.churn.counterfactual import changeable, counterfactual
from retention_lab.errors import ConfigurationError
from retention_lab.features import Features, FeatureSchema

SCHEMA = FeatureSchema(("calls", "plan", "age"), (None, ("month", "year"), None))
RNG = np.random.default_rng(1)
FEATURES = Features(
    np.column_stack([RNG.integers(0, 9, 400), RNG.integers(0, 2, 400), RNG.integers(20, 80, 400)]).astype(
        float
    ),
    SCHEMA,
)
ROW = np.array([6.0, 0.0, 30.0])


def risk(values: np.ndarray) -> np.ndarray:
    return np.asarray(expit(-2 + 0.4 * values[:, 0] - 1.0 * values[:, 1] - 0.05 * (values[:, 2] - 30)))


def test_the_smallest_change_is_found_by_trying_all() -> None:
    may = changeable(FEATURES, {"calls", "plan"})
    found = counterfactual(risk, ROW, may, below=0.3)
    assert found is not None
    costs = [
        abs(calls - 6) / FEATURES.values[:, 0].std() + plan
        for calls in range(9)
        for plan in (0, 1)
        if risk(np.array([[calls, plan, 30.0]]))[0] < 0.3
    ]
    assert found.distance == pytest.approx(min(costs))
    assert found.risk_then < 0.3 < found.risk_now


def test_what_cannot_change_stays_and_levels_are_named() -> None:
    found = counterfactual(risk, ROW, changeable(FEATURES, {"plan"}), below=0.5)
    assert found is not None
    assert [(one.feature, one.now, one.then) for one in found.changes] == [("plan", "month", "year")]


def test_there_may_be_no_way() -> None:
    assert counterfactual(risk, ROW, changeable(FEATURES, {"plan"}), below=0.1) is None


def test_a_low_risk_needs_no_change() -> None:
    found = counterfactual(risk, np.array([0.0, 1.0, 70.0]), changeable(FEATURES, {"plan"}), below=0.5)
    assert found is not None
    assert found.changes == ()


def test_a_feature_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'plan'"):
        changeable(FEATURES, {"plans"})
