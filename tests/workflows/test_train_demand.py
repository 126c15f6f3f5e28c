import json
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pytest

from retention_lab.errors import ConfigurationError, LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.models import load_version
from retention_lab.tracking.search import find_runs
from retention_lab.workflows.demand_report import DemandTrainReport
from retention_lab.workflows.evaluate import evaluate
from retention_lab.workflows.leaderboard import leaderboard
from retention_lab.workflows.project import Lab
from retention_lab.workflows.promote import PromotionRequest, promote
from retention_lab.workflows.score import score
from retention_lab.workflows.train import train
from retention_lab.workflows.train_demand import train_demand
from tests.workflows.conftest import copied, silent
from tests.workflows.demand_labs import lab_with, log_table


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, DemandTrainReport]:
    lab = lab_with(tmp_path_factory.mktemp("demand") / "lab", log_table())
    return lab, train_demand(lab, "sales", say=silent)


def test_every_candidate_is_a_run_and_the_winner_a_version(trained: tuple[Lab, DemandTrainReport]) -> None:
    lab, report = trained
    runs = find_runs(lab.open_store(), "train/sales", "tags.`lab.role` = 'candidate'")
    assert {run.id for run in runs} == {one["run_id"] for one in report.candidates}
    losses = {one["model"]: one["cross_fitted_loss"] for one in report.candidates}
    assert report.winner == min(losses, key=lambda name: losses[name])
    loaded = load_version(lab.open_store(), "sales", "@challenger")
    assert loaded.model.learner == report.winner
    assert loaded.tags["lab.kind"] == "demand"
    assert loaded.tags["lab.learned_until"] == report.learned_until


def test_a_season_under_noise_is_told_better_than_by_the_last_one(
    trained: tuple[Lab, DemandTrainReport],
) -> None:
    _, report = trained
    assert report.winner in ("holt_winters", "lightgbm")
    assert report.beats_baseline
    assert (report.baseline, report.season, report.series, report.periods) == ("seasonal_naive", 13, 6, 104)


def test_the_json_is_the_reports(trained: tuple[Lab, DemandTrainReport]) -> None:
    lab, report = trained
    [run] = find_runs(lab.open_store(), "train/sales", "tags.`lab.role` = 'parent'")
    found = json.loads(read_artifact(lab.open_store(), run, "result.json"))
    assert found == json.loads(json.dumps(report.as_json()))
    for one in found["candidates"]:
        for name in ("mase", "mase_gain", "wape", "bias", "covered"):
            assert set(one["metrics"][name]) == {"value", "ci_low", "ci_high", "p_value"}
    html = (lab.folder / report.report).read_text(encoding="utf-8")
    assert "errs less than saying" in html
    assert html.count("<svg") >= 4


def test_the_choice_does_not_look_at_the_periods_that_judge(tmp_path: Path) -> None:
    table = log_table()
    late = pc.greater_equal(
        table["week"], pa.scalar(np.datetime64("2024-07-01").astype("datetime64[D]").item())
    )
    other = pc.if_else(late, pc.multiply(table["sold"], 3.0), table["sold"])
    reports = [
        train_demand(lab_with(tmp_path / name, one), "sales", register=False, say=silent)
        for name, one in (("a", table), ("b", table.set_column(2, "sold", other)))
    ]
    one, two = ([c["cross_fitted_loss"] for c in report.candidates] for report in reports)
    assert one == two
    assert reports[0].learned_until == "2024-07-01"


def test_forecasts_lie_in_a_file_as_scores_do(trained: tuple[Lab, DemandTrainReport], tmp_path: Path) -> None:
    lab, report = trained
    written = pa_csv.read_csv(lab.folder / report.forecast)
    assert written.column_names == ["series", "period", "forecast", "low", "high"]
    assert written.num_rows == 6 * 4
    found = score(lab, "sales", table=lab.folder / "log.csv", out=tmp_path / "s.csv", id_column=None)
    assert found["rows"] == 24
    assert pa_csv.read_csv(tmp_path / "s.csv").equals(written)


def test_evaluate_judges_on_what_came_later(trained: tuple[Lab, DemandTrainReport]) -> None:
    lab, report = trained
    found = evaluate(lab, "sales", against="sales/1").as_json()
    [winner] = [one for one in report.candidates if one["model"] == report.winner]
    assert found["metrics"] == winner["metrics"]
    assert found["against"]["difference"]["mase"]["value"] == 0
    assert found["held_out"]["uses"] == 2
    assert found["learned_until"] == report.learned_until
    board = leaderboard(lab, "sales")
    assert board["candidates"][0]["model"] == report.winner


def test_a_forecast_that_beats_last_season_is_promoted(
    trained: tuple[Lab, DemandTrainReport], tmp_path: Path
) -> None:
    lab = copied(trained[0].folder, tmp_path / "lab")
    found = promote(lab, PromotionRequest("sales"))
    assert [one["name"] for one in found.gate] == ["better_than_last_season"]
    assert found.promoted
    train_demand(lab, "sales", overrides=["models=[naive]"], say=silent)
    again = promote(lab, PromotionRequest("sales"))
    assert [one["passed"] for one in again.gate] == [False, False]
    assert not again.promoted


def test_a_forecast_that_is_no_better_than_last_season_says_so_and_is_refused(tmp_path: Path) -> None:
    lab = lab_with(tmp_path / "lab", log_table(noise=0.001), models=["seasonal_naive"])
    report = train_demand(lab, "sales", say=silent)
    assert not report.beats_baseline
    [told] = [one for one in report.checks if one["name"] == "better_than_last_season"]
    assert told["passed"] is False
    assert "is not clear" in (lab.folder / report.report).read_text(encoding="utf-8")
    assert not promote(lab, PromotionRequest("sales")).passed


def test_a_season_longer_than_the_log_is_said_and_the_last_period_is_the_baseline(tmp_path: Path) -> None:
    lab = lab_with(tmp_path / "lab", log_table(length=53), season=52, models=["smoothing"])
    report = train_demand(lab, "sales", register=False, say=silent)
    assert (report.baseline, report.season) == ("naive", 1)
    [seen] = [one for one in report.checks if one["name"] == "season_seen"]
    assert seen["passed"] is False
    assert "same as last week" in seen["detail"]


def test_a_column_of_campaigns_gives_forecasts_with_and_without(tmp_path: Path) -> None:
    table = log_table(season=0.0)
    ran = np.random.default_rng(2).random(104) < 0.2
    calendar = np.tile(ran.astype(float), 6)
    table = table.append_column("promo", pa.array(calendar))
    table = table.set_column(2, "sold", pa.array(np.asarray(table["sold"]) + 50 * calendar))
    ahead = pa.table({
        "shop": [f"shop-{k}" for k in range(6)],
        "week": [date(2025, 1, 6)] * 6,
        "sold": pa.nulls(6, pa.float64()),
        "promo": [1.0] * 6,
    })  # fmt: skip
    lab = lab_with(tmp_path / "lab", pa.concat_tables([table, ahead]), campaign="promo", models=["lightgbm"])
    report = train_demand(lab, "sales", say=silent)
    found = report.campaign
    assert found["ahead"] is True
    gap = np.array(found["with_campaign"]) - np.array(found["without_campaign"])
    assert 150 < gap[1] < 450  # 50 at each of six shops, in the one week with a campaign
    np.testing.assert_array_equal(gap[[0, 2, 3]] < 100, True)
    assert found["meaning"] == "association"
    assert "not what they cause" in (lab.folder / report.report).read_text(encoding="utf-8")
    rows = pa_csv.read_csv(lab.folder / report.forecast)
    assert "without_campaign" in rows.column_names


@pytest.mark.slow
def test_the_projects_tables_are_forecast_by_category_with_what_holdouts_measured(
    simulated: tuple[Path, object], tmp_path: Path
) -> None:
    lab = copied(simulated[0], tmp_path / "lab")
    overrides = ["series=category", "models=[seasonal_naive, smoothing, autoregression]"]
    report = train_demand(lab, "demand", overrides=overrides, say=silent)
    with lab.open_tables() as tables:
        known = set(tables.query("SELECT DISTINCT category FROM products").column(0).to_pylist())
    rows = pa_csv.read_csv(lab.folder / report.forecast)
    assert set(rows["series"].to_pylist()) - {"unknown"} == known
    measured = report.campaign["measured"]
    assert measured["meaning"] == "causal"
    assert measured["contacts"] > 0
    planned = [*overrides, "planned=[{starts: 2031-01-06, contacts: 10}]"]
    again = train_demand(lab, "demand", overrides=planned, register=False, say=silent)
    assert "planned_in_reach" in [one["name"] for one in again.checks]


@pytest.mark.slow
def test_an_earlier_date_leaves_later_sales_out(simulated: tuple[Path, object], tmp_path: Path) -> None:
    lab = copied(simulated[0], tmp_path / "lab")
    at = datetime(2025, 11, 3)
    report = train_demand(
        lab, "demand", as_of=at, overrides=["models=[smoothing]"], register=False, say=silent
    )
    assert report.judged_until == "2025-11-03"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"series": "shops"}, LabError, "no column 'shops'"),
        ({"time": "sold"}, LabError, "not dates"),
        ({"value": "shop"}, LabError, "not numbers"),
        ({"horizon": 40}, LabError, "`horizon` to 17 or less"),
        ({"table": "log.parquet"}, ConfigurationError, "is not there"),
    ],
)
def test_wrong_inputs_are_refused(
    tmp_path: Path, changes: dict[str, object], error: type[LabError], message: str
) -> None:
    lab = lab_with(tmp_path / "lab", log_table(series=1), **changes)
    with pytest.raises(error, match=message):
        train(lab, "sales", say=silent)


def test_a_log_has_no_dates_to_look_back_from(trained: tuple[Lab, DemandTrainReport]) -> None:
    with pytest.raises(ConfigurationError, match="one state"):
        train(trained[0], "sales", as_of=datetime(2024, 6, 1), say=silent)


def test_a_version_that_has_seen_all_cannot_be_judged(
    trained: tuple[Lab, DemandTrainReport], tmp_path: Path
) -> None:
    lab, _ = trained
    pa_csv.write_csv(log_table(length=60), tmp_path / "early.csv")
    with pytest.raises(LabError, match="Evaluate when newer sales are there"):
        evaluate(lab, "sales", table=tmp_path / "early.csv")


def test_a_candidate_that_cannot_be_fitted_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    table = log_table(series=1, length=24)
    lab = lab_with(tmp_path / "lab", table, models=["naive", "lightgbm"], season=1)
    report = train_demand(lab, "sales", register=False, say=silent)
    assert [one["model"] for one in report.candidates] == ["naive"]
    [fitted] = [one for one in report.checks if one["name"] == "candidates_fitted"]
    assert "lightgbm" in fitted["detail"]
