from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
import yaml

from retention_lab.errors import LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.models import load_version
from retention_lab.tracking.search import find_runs
from retention_lab.workflows.evaluate import evaluate
from retention_lab.workflows.explain import explain
from retention_lab.workflows.leaderboard import leaderboard
from retention_lab.workflows.project import Lab, open_project
from retention_lab.workflows.promote import PromotionRequest, promote
from retention_lab.workflows.recommend_report import RecommendEvaluateReport, RecommendTrainReport
from retention_lab.workflows.score import score
from retention_lab.workflows.train import train
from tests.recommend.tastes import shelf_of, taste_table
from tests.workflows.conftest import silent

DEFINITION = {
    "kind": "recommend",
    "table": "log.csv",
    "customer": "user",
    "item": "item",
    "time": "time",
    "models": ["decayed_popular", "item_knn", "ease", "content"],
    "k": [5, 10],
}


def lab_with(folder: Path, **changes: object) -> Lab:
    (folder / "experiments").mkdir(parents=True)
    (folder / "lab.yaml").write_text("name: test\ncurrency: EUR\n", encoding="utf-8")
    definition = {**DEFINITION, **changes}
    (folder / "experiments" / "offers.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    pa_csv.write_csv(taste_table(200), folder / "log.csv")
    return open_project(folder)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, RecommendTrainReport]:
    lab = lab_with(tmp_path_factory.mktemp("recommend"))
    report = train(lab, "offers", say=silent)
    assert isinstance(report, RecommendTrainReport)
    return lab, report


def test_the_winner_beats_what_sells_best_and_says_by_how_much(
    trained: tuple[Lab, RecommendTrainReport],
) -> None:
    _, report = trained
    assert report.winner in ("item_knn", "ease")
    assert report.gain["ndcg_at_10"].low > 0
    assert {"ndcg_at_5", "recall_at_10", "coverage_at_10"} <= set(report.candidates[0]["metrics"])
    told = {one["name"]: one for one in report.checks}
    assert told["candidates_fitted"]["passed"] is False  # nothing is written about these items
    assert "content" in told["candidates_fitted"]["detail"]


def test_candidates_are_ordered_by_what_chose(trained: tuple[Lab, RecommendTrainReport]) -> None:
    lab, report = trained
    found = leaderboard(lab, "offers")
    assert found["candidates"][0]["model"] == found["best"] == report.winner


def test_evaluation_finds_the_figures_of_the_training_again(
    trained: tuple[Lab, RecommendTrainReport],
) -> None:
    lab, report = trained
    found = evaluate(lab, "offers@challenger", against="offers@challenger")
    assert isinstance(found, RecommendEvaluateReport)
    winner = next(one for one in report.candidates if one["model"] == report.winner)
    assert found.evidence["ndcg_at_10"].value == pytest.approx(winner["metrics"]["ndcg_at_10"]["value"])
    assert found.gain["ndcg_at_10"].value == pytest.approx(report.gain["ndcg_at_10"].value)
    assert found.difference["ndcg_at_10"].value == 0


def test_the_gate_lets_it_pass_and_refuses_what_sells_best(tmp_path: Path) -> None:
    lab = lab_with(tmp_path / "better", models=["item_knn"])
    train(lab, "offers", say=silent)
    assert promote(lab, PromotionRequest("offers", dry_run=True)).passed
    same = lab_with(tmp_path / "same", models=["decayed_popular"])
    train(same, "offers", say=silent)
    found = promote(same, PromotionRequest("offers"))
    assert not found.promoted
    assert found.gate[0]["name"] == "better_than_decayed_popular"


def test_scores_are_ten_rows_a_customer_of_unseen_items(
    trained: tuple[Lab, RecommendTrainReport],
) -> None:
    lab, _ = trained
    out = lab.folder / "offers.csv"
    found = score(lab, "offers", table=lab.folder / "log.csv", out=out, id_column=None)
    table = pa_csv.read_csv(out)
    assert table.column_names == ["id", "rank", "item", "score"]
    assert found["rows"] == table.num_rows == 2_000
    bought = taste_table(200)
    pairs = set(zip(bought["user"].to_pylist(), bought["item"].to_pylist(), strict=True))
    assert not pairs & set(zip(table["id"].to_pylist(), table["item"].to_pylist(), strict=True))


def test_a_customer_is_told_what_and_because_of_what(trained: tuple[Lab, RecommendTrainReport]) -> None:
    lab, _ = trained
    document = explain(lab, "offers", "u2").as_json()
    assert [one["rank"] for one in document["offers"]] == list(range(1, 11))
    first = document["offers"][0]
    assert shelf_of(int(first["item"][1:])) == 2
    assert all(one["share"] > 0 for one in first["because"])
    with pytest.raises(LabError, match="No customer"):
        explain(lab, "offers", "nobody")


def test_what_is_registered_and_tracked_names_no_customer(
    trained: tuple[Lab, RecommendTrainReport],
) -> None:
    lab, report = trained
    store = lab.open_store()
    files = load_version(store, "offers").files
    run = find_runs(store, "train/offers", "tags.`lab.role` = 'parent'")[0]
    page = read_artifact(store, run, "report.html")
    texts = [*files.values(), str(report.as_json()).encode(), page]
    assert not any(b"u117" in text for text in texts)


def test_without_times_a_random_cut_judges_and_times_are_asked_for_elsewhere(tmp_path: Path) -> None:
    lab = lab_with(
        tmp_path / "a", time=None, split={"random_per_user": 0.25}, models=["popular", "item_knn", "rerank"]
    )
    report = train(lab, "offers", say=silent)
    assert isinstance(report, RecommendTrainReport)
    assert report.winner == "item_knn"
    assert promote(lab, PromotionRequest("offers", dry_run=True)).passed
    pa_csv.write_csv(taste_table(150), lab.folder / "log.csv")
    with pytest.raises(LabError, match="rows have changed"):
        evaluate(lab, "offers@challenger")


def test_a_version_that_knows_fewer_items_is_judged_on_the_new_table(
    trained: tuple[Lab, RecommendTrainReport], tmp_path: Path
) -> None:
    lab, _ = trained
    later = taste_table(200, seed=9)
    later = later.set_column(2, "time", pa.array(later["time"].to_numpy() + 60))
    extra = pa.table({"user": ["u1", "u1"], "item": ["a new one", "a new one"], "time": [150.0, 150.5]})
    pa_csv.write_csv(pa.concat_tables([later, extra]), tmp_path / "later.csv")
    found = evaluate(lab, "offers@challenger", table=tmp_path / "later.csv")
    assert isinstance(found, RecommendEvaluateReport)
    assert found.rows > 100
    assert found.gain["ndcg_at_10"].low > 0
