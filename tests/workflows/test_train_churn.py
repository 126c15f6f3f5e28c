import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest

from retention_lab.errors import ConfigurationError, LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import versions
from retention_lab.tracking.search import child_runs, get_run
from retention_lab.workflows.churn_report import ChurnReport
from retention_lab.workflows.evaluate_churn import evaluate_churn
from retention_lab.workflows.explain import explain
from retention_lab.workflows.explain_churn import ChurnExplanation
from retention_lab.workflows.leaderboard import leaderboard
from retention_lab.workflows.project import Lab
from retention_lab.workflows.promote import PromotionRequest, promote
from retention_lab.workflows.score import score
from retention_lab.workflows.train import train
from retention_lab.workflows.train_churn import train_churn
from tests.workflows.churn_labs import LEAVE, churn_lab, customers


@dataclass(frozen=True)
class Trained:
    lab: Lab
    training: ChurnReport


def silent(_: str) -> None:
    return


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    lab = churn_lab(tmp_path_factory.mktemp("churn"))
    training = train(lab, "leave", say=silent)
    assert isinstance(training, ChurnReport)
    return Trained(lab, training)


def test_a_training_is_a_parent_run_with_a_child_per_candidate(trained: Trained) -> None:
    store = trained.lab.open_store()
    parent = get_run(store, trained.training.run_id)
    assert parent.experiment == "train/leave"
    children = child_runs(store, parent)
    assert sorted(run.name for run in children) == ["hazard", "lightgbm", "logistic"]
    for run in children:
        assert {"valid.profit", "valid.auc.ci_low", "train.profit", "train.log_loss"} <= set(run.metrics)
    assert json.loads(read_artifact(store, parent, "result.json")) == trained.training.as_json()
    page = read_artifact(store, parent, "report.html").decode()
    assert "How many leavers the first calls reach" in page
    assert "How many are still there" in page


def test_the_winner_earns_most_cross_fitted_and_is_registered(trained: Trained) -> None:
    found = trained.training.as_json()
    earned = {one["model"]: one["cross_fitted_profit"] for one in found["candidates"]}
    assert found["winner"] == max(earned, key=lambda name: earned[name])
    assert found["chosen_by"] == "profit"
    assert [one.version for one in versions(trained.lab.open_store(), "leave")] == ["1"]
    assert found["metrics"]["profit"]["ci_low"] > 0
    assert found["metrics"]["auc"]["ci_low"] > 0.7


def test_tiers_are_money_and_say_what_was_lost(trained: Trained) -> None:
    tiers = trained.training.as_json()["tiers"]
    assert [one["tier"] for one in tiers] == ["high", "medium", "low"]
    assert {one["unit"] for one in tiers} == {"money"}
    assert sum(one["customers"] for one in tiers) == trained.training.held_out["rows"]
    assert tiers[0]["left"] > tiers[2]["left"]


def test_what_was_registered_is_what_evaluate_finds(trained: Trained) -> None:
    report = evaluate_churn(trained.lab, "leave/1", against="leave/1")
    assert report.rows == trained.training.held_out["rows"]
    found = report.as_json()
    for name in ("auc", "profit", "empc", "calibration_error"):
        assert found["metrics"][name] == pytest.approx(trained.training.metrics[name])
    assert found["against"]["difference"]["profit"]["value"] == 0


def test_the_gate_asks_for_profit_and_then_for_more_than_the_champions(trained: Trained) -> None:
    first = promote(trained.lab, PromotionRequest("leave", dry_run=True))
    assert [one["name"] for one in first.gate] == ["profit.nobody", "profit.everybody", "suspected_leak"]
    assert (first.passed, first.promoted) == (True, False)
    assert promote(trained.lab, PromotionRequest("leave")).promoted
    again = train_churn(trained.lab, "leave", overrides=["models=[logistic]"], say=silent)
    second = promote(trained.lab, PromotionRequest("leave", version=again.model_version))
    assert [one["name"] for one in second.gate][:2] == ["profit.nobody", "profit.champion"]
    assert not second.promoted


def test_scores_are_the_models_in_the_order_of_the_file(trained: Trained, tmp_path: Path) -> None:
    table = customers(50, seed=9)
    pa_csv.write_csv(table.drop_columns(["churn"]), tmp_path / "next.csv")
    score(trained.lab, "leave/1", table=tmp_path / "next.csv", out=tmp_path / "out.csv", id_column=None)
    found = pa_csv.read_csv(tmp_path / "out.csv")
    assert found.column_names == ["id", "probability", "tier"]
    assert found["id"].to_pylist() == table["customer"].to_pylist()
    model = load_version(trained.lab.open_store(), "leave", "/1").model
    np.testing.assert_allclose(found["probability"].to_numpy(), model.probability(table), atol=1e-12)
    assert set(found["tier"].to_pylist()) <= {"low", "medium", "high"}


def test_reasons_sum_to_the_log_odds_and_the_change_lowers_the_tier(trained: Trained) -> None:
    model = load_version(trained.lab.open_store(), "leave", "/1").model
    table = customers()
    tiers = model.predict(table)["tier"].to_pylist()
    found = explain(trained.lab, "leave/1", table["customer"][tiers.index("high")].as_py())
    assert isinstance(found, ChurnExplanation)
    assert found.tier == "high"
    assert found.base + sum(one.log_odds for one in found.reasons) == pytest.approx(found.log_odds)
    assert found.below == "medium"
    assert found.counterfactual is not None
    assert found.counterfactual.risk_then < found.counterfactual.risk_now
    assert {one.feature for one in found.counterfactual.changes} <= {"calls", "contract"}
    assert json.dumps(found.as_json())


def test_nobody_of_that_id_is_refused(trained: Trained) -> None:
    with pytest.raises(LabError, match="No customer"):
        explain(trained.lab, "leave/1", "nobody")


def test_the_leaderboard_is_sorted_by_what_was_asked_for(trained: Trained) -> None:
    found = leaderboard(trained.lab, "leave")
    assert found["kind"] == "churn"
    assert found["candidates"][0]["model"] == found["best"]


def test_without_profit_the_least_log_loss_wins_and_that_is_said(tmp_path: Path) -> None:
    plain = "\n".join(line for line in LEAVE.splitlines() if not line.startswith(("profit", "duration")))
    lab = churn_lab(tmp_path, leave=plain + "\n")
    found = train_churn(lab, "leave", register=False, say=silent)
    assert (found.chosen_by, found.model_version, found.in_money) == ("log_loss", None, False)
    losses = {one["model"]: one["cross_fitted_log_loss"] for one in found.candidates}
    assert found.winner == min(losses, key=lambda name: losses[name])
    said = {one["name"]: one["passed"] for one in found.checks}
    assert said["profit_known"] is False
    assert said["fitted.hazard"] is False
    assert "hazard" not in losses
    assert versions(lab.open_store(), "leave") == []
    assert "nobody has said what a contact costs" in (tmp_path / "reports" / "leave.html").read_text("utf-8")


def test_settings_are_looked_for_and_kept_where_asked(trained: Trained) -> None:
    asked = ["tune=true", "resampling=under", "models=[logistic]"]
    found = train_churn(trained.lab, "leave", overrides=asked, register=False, say=silent)
    assert set(found.as_json()["settings"]) == {"logistic"}
    run = get_run(trained.lab.open_store(), found.run_id)
    assert run.params["resampling"] == "under"
    assert found.metrics["calibration_error"]["value"] < 0.05


def test_a_feature_that_knows_the_answer_is_named(tmp_path: Path) -> None:
    table = customers()
    known = pa.array([value == "Yes" for value in table["churn"].to_pylist()])
    lab = churn_lab(tmp_path, table.append_column("refunded", known.cast(pa.int64())))
    found = train_churn(lab, "leave", overrides=["models=[logistic]"], register=False, say=silent)
    leak = next(one for one in found.checks if one["name"] == "suspected_leak")
    assert leak["passed"] is False
    assert "refunded" in leak["detail"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("label={column: churned, positive: 'Yes'}", "no column 'churned'"),
        ("label={column: churn, positive: Ja}", "have the label 'Ja'"),
        ("id=calls", "repeat the id"),
        ("exclude=[fees]", "no column 'fees'"),
        ("changeable=[call]", "no column 'call'"),
        ("profit={clv: {column: price}, contact_cost: 1, acceptance: 0.3}", "no column 'price'"),
        ("profit={clv: {column: contract}, contact_cost: 1, acceptance: 0.3}", "holds no numbers"),
    ],
)
def test_a_definition_that_does_not_fit_the_file_is_refused(
    trained: Trained, override: str, message: str
) -> None:
    with pytest.raises(LabError, match=message):
        train_churn(trained.lab, "leave", overrides=[override], say=silent)


def test_a_date_makes_no_sense_of_a_flat_table(trained: Trained) -> None:
    from datetime import UTC, datetime

    with pytest.raises(ConfigurationError, match="as of a date"):
        train_churn(trained.lab, "leave", as_of=datetime(2026, 1, 1, tzinfo=UTC), say=silent)
