import numpy as np
import pyarrow as pa
import pytest

from retention_lab.calibrators import Calibrator
from retention_lab.churn.learners.calibrated import Calibrated
from retention_lab.churn.learners.logistic import fit_logistic
from retention_lab.churn.scorer import ChurnScorer, Worth, from_files
from retention_lab.churn.tiers import Tiers
from retention_lab.errors import LabError
from tests.churn.populations import population

SAMPLE = population(400).sample
SCHEMA = SAMPLE.features.schema


def table() -> pa.Table:
    values = SAMPLE.features.values
    plans = [str(SCHEMA.levels[2][int(code)]) for code in values[:, 2]]  # type: ignore[index]
    columns = {"spend": values[:, 0], "swing": values[:, 1], "plan": plans, "noise": values[:, 3]}
    return pa.table({"id": [f"c{i}" for i in range(400)], **columns})


def scorer(worth: Worth | None = None) -> ChurnScorer:
    model = Calibrated(fit_logistic(SAMPLE), Calibrator("platt", (0.1, 0.9)))
    return ChurnScorer(
        "logistic", model, SCHEMA, Tiers(("low", "high"), (20.0 if worth else 0.3,)), worth, "id"
    )


def test_a_score_is_an_id_a_probability_and_a_tier() -> None:
    found = scorer().predict(table())
    assert found.schema == scorer().output_schema()
    high = found["probability"].to_numpy() >= 0.3
    assert found["tier"].to_pylist() == np.where(high, "high", "low").tolist()


def test_tiers_go_by_money_where_the_worth_is_a_column() -> None:
    worth = Worth(1.0, 10.0, 0.3, column="spend", times=100.0)
    found = scorer(worth).predict(table())
    value = np.maximum(100 * np.nan_to_num(SAMPLE.features.values[:, 0]), 0)
    expected = found["probability"].to_numpy() * value
    assert found["tier"].to_pylist() == np.where(expected >= 20, "high", "low").tolist()


def test_what_is_saved_predicts_the_same() -> None:
    one = scorer(Worth(1.0, 10.0, 0.3, clv=200.0))
    again = from_files(one.to_files())
    assert again.predict(table()).equals(one.predict(table()))
    assert again.worth == one.worth


def test_parameters_and_a_missing_column_are_refused() -> None:
    with pytest.raises(LabError, match="no parameter 'arm'"):
        scorer().predict(table(), {"arm": "x"})
    with pytest.raises(LabError, match="lacks 1 of the model's columns"):
        scorer().predict(table().drop_columns(["plan"]))
    with pytest.raises(LabError, match="no column 'fee'"):
        scorer(Worth(1.0, 10.0, 0.3, column="fee")).predict(table())
