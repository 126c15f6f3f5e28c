import pytest

from retention_lab.churn.learners.logistic import LogisticParams, fit_logistic
from retention_lab.churn.learners.protocol import ChurnModel
from retention_lab.churn.preparation import Preparing
from retention_lab.churn.sample import ChurnSample
from retention_lab.churn.tuning import tune
from retention_lab.errors import LabError
from tests.churn.populations import population


def fit(sample: ChurnSample, params: LogisticParams) -> ChurnModel:
    return fit_logistic(sample, 7, params)


def test_a_curve_is_preferred_where_the_truth_is_curved() -> None:
    choices = [
        LogisticParams(strength, Preparing(knots=knots)) for strength in (1e-4, 0.3) for knots in (0, 6)
    ]
    found = tune(population(1600).sample, fit, choices, folds=3)
    assert found.best == choices[3]
    assert [len(one.losses) for one in found.rounds] == [4, 2, 1]
    rows = [one.rows for one in found.rounds]
    assert rows == sorted(rows)
    assert rows[-1] == 1600


def test_nothing_to_choose_from_is_refused() -> None:
    with pytest.raises(LabError, match="no parameters"):
        tune(population(50).sample, fit, [])
