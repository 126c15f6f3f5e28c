import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
import yaml

from retention_lab.config.loading import read_project
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.models import load_version
from retention_lab.tracking.search import find_runs
from retention_lab.workflows.evaluate import evaluate
from retention_lab.workflows.leaderboard import leaderboard
from retention_lab.workflows.project import Lab
from retention_lab.workflows.scaffold import scaffold
from retention_lab.workflows.score import score
from retention_lab.workflows.train import train
from retention_lab.workflows.validate import validate
from tests.shared_data import ROOT, shared_file
from tests.workflows.conftest import silent
from tests.workflows.small_shops import small_shop

MARCH, DECEMBER = datetime(2026, 3, 1), datetime(2025, 12, 1)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A simulated project with the ready definition `rules` trained once."""
    lab, _ = small_shop(tmp_path_factory.mktemp("rules") / "lab")
    assert train(lab, "rules", as_of=DECEMBER, say=silent).trusted
    return lab


@pytest.fixture
def flat(tmp_path: Path) -> Lab:
    """A project with a file of baskets in which who takes a adds b, half the time."""
    scaffold(tmp_path / "lab")
    lab = Lab(read_project(tmp_path / "lab"))
    write_baskets(lab.folder / "baskets.csv", seed=1)
    define(lab, table="baskets.csv", basket="order", item="sku")
    return lab


def write_baskets(path: Path, seed: int, count: int = 900) -> None:
    rng = np.random.default_rng(seed)
    names = np.array(list("abcdefgh"))
    held = rng.random((count, 8)) < 0.2
    held[:, 1] |= held[:, 0] & (rng.random(count) < 0.5)
    held[:, 7] |= ~held.any(axis=1)
    order, code = np.nonzero(held)
    pa_csv.write_csv(pa.table({"order": order + 1000 * seed, "sku": names[code]}), path)


def define(lab: Lab, **keys: object) -> None:
    definition = {"kind": "rules", "min_support": 0.02, "min_confidence": 0.2, **keys}
    (lab.folder / "experiments" / "baskets.yaml").write_text(yaml.safe_dump(definition))


def test_a_training_is_tracked_and_the_rules_are_registered(lab: Lab) -> None:
    store = lab.open_store()
    runs = find_runs(store, "train/rules", "attributes.status = 'FINISHED'")
    parents = [run for run in runs if run.tags["lab.role"] == "parent"]
    assert len(parents) == 1
    assert len(runs) == 4  # and a run for each way to rank suggestions
    result = json.loads(read_artifact(store, parents[0], "result.json"))
    assert (result["kind"], result["model_version"]) == ("rules", "1")
    assert result["rules"] > 0
    assert result["confirmed"] <= result["looked_up"]
    assert {one["model"] for one in result["candidates"]} == {"confidence", "lift", "popular"}
    assert load_version(store, "rules").aliases == ("challenger",)
    assert leaderboard(lab, "rules")["best"] == result["best"]


def test_orders_since_the_training_judge_the_version(lab: Lab) -> None:
    found = evaluate(lab, "rules", as_of=MARCH).as_json()
    assert found["basis"] == "other_baskets"
    assert 0 < found["rows"] < found["rows_dropped_as_trained_on"]
    assert found["metrics"]["held_out_lift"]["value"] > 1
    beside = evaluate(lab, "rules", as_of=MARCH, against="rules/1").as_json()
    assert beside["against"]["difference"]["ndcg_at_5"]["value"] == 0


def test_without_other_orders_the_held_out_ones_judge(lab: Lab) -> None:
    found = evaluate(lab, "rules", as_of=DECEMBER)
    trained = json.loads(
        read_artifact(
            lab.open_store(),
            find_runs(lab.open_store(), "train/rules", "tags.`lab.role` = 'parent'")[0],
            "result.json",
        )
    )
    assert found.as_json()["basis"] == "held_out"
    assert found.as_json()["metrics"] == trained["metrics"]  # the same evidence as the training's
    with pytest.raises(LabError, match="mined from these baskets"):
        evaluate(lab, "rules", as_of=DECEMBER, against="rules/1")


def test_planted_rules_are_found_hold_elsewhere_and_suggest(flat: Lab, tmp_path: Path) -> None:
    report = train(flat, "baskets", say=silent).as_json()
    first = report["strongest"][0]
    assert {*first["antecedent"], *first["consequent"]} >= {"a", "b"}
    assert first["confirmed"]
    assert first["held_out_low"] > 1
    assert report["targeting"] == "better"
    table, out = tmp_path / "next.csv", tmp_path / "out.csv"
    table.write_text("order,sku\nx,a\ny,c\nx,c\nz,never seen\n")
    assert score(flat, "baskets", table=table, out=out, id_column=None)["rows"] == 15
    found = pa_csv.read_csv(out).to_pylist()
    assert [(one["id"], one["rank"]) for one in found] == [(i, r) for i in "xyz" for r in range(1, 6)]
    assert next(one["item"] for one in found if one["id"] == "x") == "b"
    assert not {"a", "c"} & {one["item"] for one in found if one["id"] == "x"}
    # nothing is known of what lies in z: what sells best is all that can be said
    scores = [one["score"] for one in found if one["id"] == "z"]
    assert scores == sorted(scores, reverse=True)


def test_another_file_judges_a_version(flat: Lab) -> None:
    train(flat, "baskets", say=silent)
    write_baskets(flat.folder / "more.csv", seed=2)
    found = evaluate(flat, "baskets", table=flat.folder / "more.csv").as_json()
    assert (found["basis"], found["rows"], found["rows_dropped_as_trained_on"]) == ("other_baskets", 900, 0)
    assert found["metrics"]["lift_kept"]["value"] > 0.5


def test_the_order_of_rows_decides_nothing(flat: Lab) -> None:
    first = train(flat, "baskets", register=False, say=silent).as_json()
    path = flat.folder / "baskets.csv"
    table = pa_csv.read_csv(path)
    pa_csv.write_csv(table.take(pa.array(np.random.default_rng(3).permutation(table.num_rows))), path)
    second = train(flat, "baskets", register=False, say=silent).as_json()
    assert second["strongest"] == first["strongest"]
    assert second["metrics"] == first["metrics"]


def test_where_nothing_goes_together_it_is_said_and_best_sellers_are_suggested(flat: Lab) -> None:
    report = train(flat, "baskets", overrides=["min_confidence=1"], say=silent).as_json()
    assert (report["rules"], report["targeting"], report["looked_up"]) == (0, "none_better", 0)
    failed = {one["name"] for one in report["checks"] if one["passed"] is False}
    assert failed == {"rules_found", "suggestions_better_than_best_sellers"}
    assert "often and surely enough" in (flat.folder / report["report"]).read_text(encoding="utf-8")


def test_groceries_train_from_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = shared_file("groceries/groceries_baskets.csv.gz")
    monkeypatch.setenv("RETENTION_LAB_DATA", str(file.parents[1]))
    scaffold(tmp_path / "lab")
    lab = Lab(read_project(tmp_path / "lab"))
    (lab.folder / "experiments" / "groceries.yaml").write_bytes(
        (ROOT / "experiments" / "groceries.yaml").read_bytes()
    )
    assert validate(lab.project, ["groceries"]).exit_code == 0
    report = train(lab, "groceries", say=silent).as_json()
    assert (report["baskets"], report["items"]) == (9_835, 169)
    assert (report["rules"], report["single"]) == (467, 463)
    assert report["metrics"]["lift_kept"]["value"] > 0.9
    assert report["targeting"] == "better"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"basket": "basket", "item": "sku"}, "no column 'basket'"),
        ({"basket": "order", "item": "product"}, "no column 'product'"),
        ({"basket": None, "item": "sku"}, "needs its `basket` column"),
        ({"layout": "lines", "item": "sku"}, "has no columns"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(flat: Lab, keys: dict[str, object], message: str) -> None:
    define(flat, table="baskets.csv", **keys)
    with pytest.raises(LabError, match=message):
        train(flat, "baskets", say=silent)


def test_a_file_has_no_date(flat: Lab) -> None:
    with pytest.raises(ConfigurationError, match="one state"):
        train(flat, "baskets", as_of=MARCH, say=silent)


@pytest.mark.slow
def test_a_fresh_process_that_refuses_pickle_suggests_the_same(flat: Lab, tmp_path: Path) -> None:
    train(flat, "baskets", say=silent)
    rows = pa.table({"order": ["x", "y"], "sku": ["a", "c"]})
    pq.write_table(rows, tmp_path / "a.parquet")
    code = (
        "import sys, mlflow, pandas as pd\n"
        "mlflow.set_tracking_uri(sys.argv[1])\n"
        "model = mlflow.pyfunc.load_model('models:/baskets@challenger')\n"
        "model.predict(pd.read_parquet(sys.argv[2]), {'k': 3}).to_parquet(sys.argv[3])\n"
    )
    uri = f"sqlite:///{flat.folder / 'mlruns' / 'mlflow.db'}"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, uri, tmp_path / "a.parquet", tmp_path / "b.parquet"],
        check=True,
        env={**os.environ, "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        timeout=120,
    )
    ours = load_version(flat.open_store(), "baskets").model.predict(rows, {"k": 3})
    assert pq.read_table(tmp_path / "b.parquet").to_pydict() == ours.to_pydict()
