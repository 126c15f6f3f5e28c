import numpy as np
import pytest
from scipy.special import expit

from retention_lab.churn.learners.hazard import HazardModel, fit_hazard, person_periods
from retention_lab.churn.sample import ChurnSample
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema, numeric_features

SCHEMA = FeatureSchema(("age", "risky"), (None, None))
MOST = 24


def true_hazard(age: np.ndarray, risky: np.ndarray) -> np.ndarray:
    return np.asarray(expit(-2.6 - 0.08 * age + 0.9 * risky))


def spells(customers: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """duration, left, risky: each followed from the start until leaving, or for at most MOST periods."""
    rng = np.random.default_rng(seed)
    risky = (rng.random(customers) < 0.5).astype(float)
    leaves = rng.random((customers, MOST)) < true_hazard(np.arange(MOST)[None, :], risky[:, None])
    left = leaves.any(axis=1)
    duration = np.where(left, leaves.argmax(axis=1) + 1, MOST)
    return duration, left.astype(float), risky


def fitted(learner: str) -> HazardModel:
    duration, left, risky = spells(2500)
    rows = person_periods(duration, left)
    values = np.column_stack([rows.period.astype(float), risky[rows.row]])
    return fit_hazard(ChurnSample(Features(values, SCHEMA), rows.left, rows.row), 0, learner=learner)


@pytest.mark.parametrize("learner", ["logistic", "lightgbm"])
def test_the_survival_curve_is_the_true_one(learner: str) -> None:
    found = fitted(learner).survival(np.array([[0.0, 0.0], [0.0, 1.0]]), MOST)
    age = np.arange(MOST)
    for row, risky in enumerate((0.0, 1.0)):
        true = np.concatenate([[1.0], np.cumprod(1 - true_hazard(age, np.full(MOST, risky)))])
        np.testing.assert_allclose(found[row], true, atol=0.05)


def test_who_has_stayed_long_is_asked_from_there_on() -> None:
    model = fitted("logistic")
    whole = model.survival(np.array([[0.0, 1.0]]), 12)[0]
    later = model.survival(np.array([[6.0, 1.0]]), 6)[0]
    np.testing.assert_allclose(later, whole[6:] / whole[6])
    assert later[1] == pytest.approx(1 - model.probability(np.array([[6.0, 1.0]]))[0])


@pytest.mark.parametrize("learner", ["logistic", "lightgbm"])
def test_what_is_saved_predicts_the_same(learner: str) -> None:
    model = fitted(learner)
    again = HazardModel.from_files(model.to_files())
    values = np.array([[3.0, 0.0], [20.0, 1.0]])
    np.testing.assert_allclose(again.survival(values, 5), model.survival(values, 5), rtol=0, atol=1e-12)
    assert (again.clock, again.step) == (0, 1.0)


def test_spells_are_taken_apart_into_periods_at_risk() -> None:
    rows = person_periods(np.array([3, 1, 2]), np.array([1.0, 0.0, 1.0]))
    assert rows.row.tolist() == [0, 0, 0, 1, 2, 2]
    assert rows.period.tolist() == [0, 1, 2, 0, 0, 1]
    assert rows.left.tolist() == [0, 0, 1, 0, 0, 1]


def test_a_spell_of_no_period_and_a_clock_with_gaps_are_refused() -> None:
    with pytest.raises(LabError, match="less than one period"):
        person_periods(np.array([0]), np.array([1.0]))
    gaps = ChurnSample(numeric_features(np.array([[np.nan], [1.0]])), np.array([0.0, 1.0]))
    with pytest.raises(LabError, match="cannot be a clock"):
        fit_hazard(gaps, 0)
