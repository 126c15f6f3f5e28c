import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
import yaml

from retention_lab.clv.learners import Window
from retention_lab.clv.purchase_days import PurchaseDays
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.models import load_version
from retention_lab.tracking.search import find_runs
from retention_lab.workflows.clv_report import ClvTrainReport
from retention_lab.workflows.clv_training import earlier_loss
from retention_lab.workflows.evaluate import evaluate
from retention_lab.workflows.leaderboard import leaderboard
from retention_lab.workflows.project import Lab, open_project
from retention_lab.workflows.promote import PromotionRequest, promote
from retention_lab.workflows.score import score
from retention_lab.workflows.train import train
from retention_lab.workflows.train_clv import train_clv
from tests.clv.test_value_model import log_of
from tests.workflows.conftest import silent

START = date(2025, 1, 1)
DEFINITION = {
    "kind": "clv",
    "table": "log.csv",
    "customer": "who",
    "time": "day",
    "amount": "paid",
    "models": ["beta_geo", "value_model"],
    "horizon_days": 180,
}


def log_table(customers: int = 800, *, leaving: bool = False) -> pa.Table:
    """leaving: two customers of three stop for good on day 100."""
    days = log_of(customers, 3)
    kept = (days.customer % 3 == 0) | (days.day <= 100) | (not leaving)
    days = PurchaseDays(days.ids, days.customer[kept], days.day[kept], days.value[kept])
    return pa.table({
        "who": pa.array(days.ids[days.customer], pa.string()),
        "day": [START + timedelta(days=int(day)) for day in days.day],
        "paid": days.value,
    })  # fmt: skip


def lab_with(folder: Path, table: pa.Table, **changes: object) -> Lab:
    (folder / "experiments").mkdir(parents=True)
    (folder / "lab.yaml").write_text("name: test\ncurrency: EUR\n", encoding="utf-8")
    definition = {**DEFINITION, **changes}
    (folder / "experiments" / "value.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    pa_csv.write_csv(table, folder / "log.csv")
    return open_project(folder)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, ClvTrainReport]:
    lab = lab_with(tmp_path_factory.mktemp("clv") / "lab", log_table())
    return lab, train_clv(lab, "value", say=silent)


def test_the_choice_is_made_inside_the_calibration() -> None:
    days = log_of(800, 3)
    seen = Window(days, 300, 7.0, 14.0, amounts=True)
    blind = Window(days.before(301), 300, 7.0, 14.0, amounts=True)
    for name in ("beta_geo", "value_model"):
        assert earlier_loss(name, seen) == earlier_loss(name, blind)


def test_every_candidate_is_a_run_and_the_winner_a_version(trained: tuple[Lab, ClvTrainReport]) -> None:
    lab, report = trained
    runs = find_runs(lab.open_store(), "train/value", "tags.`lab.role` = 'candidate'")
    assert {run.id for run in runs} == {one["run_id"] for one in report.candidates}
    losses = {one["model"]: one["cross_fitted_loss"] for one in report.candidates}
    assert report.winner == min(losses, key=lambda name: losses[name])
    loaded = load_version(lab.open_store(), "value", "@challenger")
    assert loaded.model.learner == report.winner
    assert loaded.tags["lab.kind"] == "clv"
    assert loaded.tags["lab.calibration_end"] == report.calibration_end


def test_the_json_is_the_contracts(trained: tuple[Lab, ClvTrainReport]) -> None:
    lab, report = trained
    [run] = find_runs(lab.open_store(), "train/value", "tags.`lab.role` = 'parent'")
    found = json.loads(read_artifact(lab.open_store(), run, "result.json"))
    assert found == json.loads(json.dumps(report.as_json()))
    assert found["kind"] == "clv"
    assert found["targeting"] is None
    for one in (*found["candidates"], *found["baselines"]):
        assert set(one["metrics"]["mae"]) == {"value", "ci_low", "ci_high", "p_value"}
    assert "<html" in (lab.folder / found["report"]).read_text(encoding="utf-8")


def test_evaluate_judges_on_what_came_later(trained: tuple[Lab, ClvTrainReport]) -> None:
    lab, report = trained
    found = evaluate(lab, "value", against="value/1").as_json()
    [winner] = [one for one in report.candidates if one["model"] == report.winner]
    assert found["metrics"]["mae"] == winner["metrics"]["mae"]
    assert found["against"]["difference"]["mae"]["value"] == 0
    assert found["held_out"]["uses"] == 2
    board = leaderboard(lab, "value")
    assert board["winner"] == report.winner
    assert board["candidates"][0]["model"] == report.winner


def test_scores_are_a_row_a_customer(trained: tuple[Lab, ClvTrainReport], tmp_path: Path) -> None:
    lab, _ = trained
    found = score(lab, "value", table=lab.folder / "log.csv", out=tmp_path / "s.csv", id_column=None)
    rows = pa_csv.read_csv(tmp_path / "s.csv")
    assert rows.column_names == ["id", "expected_purchases", "probability_alive", "clv"]
    assert found["rows"] == rows.num_rows == len(set(log_table()["who"].to_pylist()))


def test_a_model_that_beats_the_same_rate_is_promoted(tmp_path: Path) -> None:
    lab = lab_with(tmp_path / "lab", log_table(2_000, leaving=True), models=["pareto_nbd"])
    train(lab, "value", say=silent)
    found = promote(lab, PromotionRequest("value"))
    assert [one["name"] for one in found.gate] == ["better_than_same_rate"]
    assert found.promoted == (float(found.gate[0]["value"] or 0) < 0)
    assert found.promoted


def test_a_model_that_does_not_is_refused(tmp_path: Path) -> None:
    lab = lab_with(tmp_path / "lab", log_table(), models=["beta_geometric"])
    train(lab, "value", say=silent)
    found = promote(lab, PromotionRequest("value"))
    assert not found.promoted
    assert not found.passed


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"customer": "whom"}, LabError, "no column 'whom'"),
        ({"time": "paid"}, LabError, "not dates"),
        ({"amount": "who"}, LabError, "not numbers"),
        ({"calibration_end": "2030-01-01"}, ConfigurationError, "leaves nothing to learn"),
        ({"calibration_end": "2024-01-01"}, ConfigurationError, "leaves nothing to learn"),
    ],
)
def test_wrong_inputs_are_refused(
    tmp_path: Path, changes: dict[str, object], error: type[LabError], message: str
) -> None:
    lab = lab_with(tmp_path / "lab", log_table(60), **changes)
    with pytest.raises(error, match=message):
        train(lab, "value", say=silent)


def test_a_candidate_that_cannot_be_fitted_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    lab = lab_with(tmp_path / "lab", log_table(120))
    report = train_clv(lab, "value", register=False, say=silent)
    assert [one["model"] for one in report.candidates] == ["beta_geo"]
    [fitted] = [one for one in report.checks if one["name"] == "candidates_fitted"]
    assert fitted["passed"] is False
    assert "value_model" in fitted["detail"]
    assert report.model_version is None


def test_a_log_has_no_dates_to_look_back_from(tmp_path: Path) -> None:
    from datetime import datetime

    lab = lab_with(tmp_path / "lab", log_table(60))
    with pytest.raises(ConfigurationError, match="one state"):
        train(lab, "value", as_of=datetime(2025, 6, 1), say=silent)


def test_amounts_are_not_needed(tmp_path: Path) -> None:
    lab = lab_with(tmp_path / "lab", log_table().drop(["paid"]), amount=None, models=["beta_geo"])
    report = train_clv(lab, "value", say=silent)
    assert "value_mae" not in report.candidates[0]["metrics"]
    score(lab, "value", table=lab.folder / "log.csv", out=tmp_path / "s.parquet", id_column=None)


def test_no_customer_is_named_on_the_page(trained: tuple[Lab, ClvTrainReport]) -> None:
    lab, report = trained
    text = (lab.folder / report.report).read_text(encoding="utf-8")
    assert not any(f">{who}<" in text for who in np.unique(log_table()["who"].to_numpy(zero_copy_only=False)))
