"""Segments from training to scores, over the simulated project and over a flat table."""

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
from sklearn.metrics import adjusted_rand_score

from retention_lab.config.loading import read_project
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.models import load_version
from retention_lab.tracking.search import find_runs
from retention_lab.workflows.customer_loyalty import customer_loyalty
from retention_lab.workflows.customer_segments import customer_segments
from retention_lab.workflows.evaluate import evaluate
from retention_lab.workflows.leaderboard import leaderboard
from retention_lab.workflows.project import Lab
from retention_lab.workflows.scaffold import scaffold
from retention_lab.workflows.score import score
from retention_lab.workflows.train import train
from tests.customers.shoppers import LEVELS, NAMES, shoppers
from tests.workflows.conftest import silent
from tests.workflows.small_shops import small_shop

MARCH, DECEMBER = datetime(2026, 3, 1), datetime(2025, 12, 1)
QUICK = ("k=[3, 4]", "resamples=3")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A simulated project with segments `segments` trained once."""
    lab, _ = small_shop(tmp_path_factory.mktemp("segments") / "lab")
    assert train(lab, "segments", as_of=DECEMBER, overrides=QUICK, say=silent).trusted
    return lab


def shop_table(rows: int, seed: int) -> tuple[pa.Table, np.ndarray]:
    features, planted = shoppers(rows, seed)
    ids = pa.array([f"k{i:04d}" for i in range(rows)])
    columns = {name: features.values[:, i] for i, name in enumerate(NAMES[:3])}
    region = pa.array([LEVELS[int(code)] for code in features.values[:, 3]])
    profit = 3 * features.values[:, 2] + np.random.default_rng(seed).standard_normal(rows)
    return pa.table({"kunde": ids, **columns, "region": region, "profit": profit}), planted


@pytest.fixture
def flat(tmp_path: Path) -> tuple[Lab, np.ndarray]:
    """A project with a flat table in which four groups are planted."""
    scaffold(tmp_path / "lab")
    lab = Lab(read_project(tmp_path / "lab"))
    table, planted = shop_table(400, seed=1)
    pa_csv.write_csv(table, lab.folder / "shop.csv")
    define(lab, features=list(NAMES[:3]))
    return lab, planted


def define(lab: Lab, **keys: object) -> None:
    definition = {"kind": "segments", "table": "shop.csv", "id": "kunde", "resamples": 3, **keys}
    (lab.folder / "experiments" / "shop.yaml").write_text(yaml.safe_dump(definition))


def test_a_training_is_tracked_and_the_winner_registered(lab: Lab) -> None:
    store = lab.open_store()
    runs = find_runs(store, "train/segments", "attributes.status = 'FINISHED'")
    parents = [run for run in runs if run.tags["lab.role"] == "parent"]
    assert len(parents) == 1
    assert len(runs) == 3  # and a run for each number of groups
    result = json.loads(read_artifact(store, parents[0], "result.json"))
    assert (result["kind"], result["winner"], result["model_version"]) == ("segments", "kmeans", "1")
    assert [one["groups"] for one in result["candidates"]] == [3, 4]
    taken = next(one for one in result["candidates"] if one["model"] == result["best"])
    assert taken["metrics"] == result["metrics"]
    assert sum(one["customers"] for one in result["segments"]) == result["customers"] - result["left_out"]
    assert b"<svg" in read_artifact(store, parents[0], "report.html")
    assert load_version(store, "segments").aliases == ("challenger",)


def test_whoever_has_not_ordered_is_in_no_segment(lab: Lab) -> None:
    found = customer_segments(lab, "segments", MARCH, DECEMBER)
    orders = found.state.number("orders")
    labels = np.array(found.labels, dtype=object)
    assert (labels[orders == 0] == None).all()  # noqa: E711  # elementwise
    assert all(label is not None for label in labels[orders > 0])


def test_segments_of_a_date_and_who_moved(lab: Lab, tmp_path: Path) -> None:
    found = customer_segments(lab, "segments", MARCH, DECEMBER, tmp_path / "s.parquet").as_json()
    inside = found["customers"] - found["in_no_segment"]
    assert sum(row["customers"] for row in found["rows"]) == inside
    assert sum(row["customers"] for row in found["migration"]) == found["customers"]
    assert all(row["traits"] for row in found["rows"])
    assert pq.read_table(tmp_path / "s.parquet").num_rows == found["customers"]
    # of the date that they were trained at, the sizes are those of the training
    then = customer_segments(lab, "segments", DECEMBER).as_json()
    trained = load_version(lab.open_store(), "segments").model.details["shares"]
    assert {row["segment"]: row["share"]["value"] for row in then["rows"]} == pytest.approx(trained)


def test_loyalty_is_told_by_segment(lab: Lab) -> None:
    names = load_version(lab.open_store(), "segments").model.segments.names
    levels = [one.level for one in customer_loyalty(lab, MARCH, by="segments").groups]
    assert set(levels[1:]) == {*names, None}


def test_an_evaluation_asks_whether_the_segments_still_fit(lab: Lab) -> None:
    found = evaluate(lab, "segments", as_of=MARCH, against="segments/1").as_json()
    assert 0 < found["metrics"]["agreement"]["value"] <= 1
    assert found["metrics"]["size_shift"]["value"] > 0  # three months have passed
    assert found["against"]["difference"]["agreement"]["value"] == 1
    same = evaluate(lab, "segments", as_of=DECEMBER).as_json()
    assert same["metrics"]["size_shift"]["value"] == pytest.approx(0)
    assert leaderboard(lab, "segments")["kind"] == "segments"


def test_scores_agree_with_the_commands_row_by_row(lab: Lab, tmp_path: Path) -> None:
    view = customer_segments(lab, "segments", MARCH)
    table, out = tmp_path / "next.parquet", tmp_path / "scores.csv"
    pq.write_table(view.state.rows, table)
    assert score(lab, "segments", table=table, out=out, id_column=None)["rows"] == len(view.state)
    found = pa_csv.read_csv(out, convert_options=pa_csv.ConvertOptions(strings_can_be_null=True))
    assert found.column_names == ["id", "segment"]
    assert found["id"].to_pylist() == view.state.ids.tolist()
    assert found["segment"].to_pylist() == view.labels


def test_rfm_cells_are_segments_too(lab: Lab) -> None:
    found = train(
        lab, "segments", as_of=MARCH, overrides=["method=rfm", "resamples=3"], register=False, say=silent
    )
    assert found.as_json()["model_version"] is None
    assert {one["segment"] for one in found.as_json()["segments"]} >= {"champions", "hibernating"}


@pytest.mark.parametrize("method", ["kmeans", "ward"])
def test_planted_groups_of_a_flat_table_are_found(flat: tuple[Lab, np.ndarray], method: str) -> None:
    lab, planted = flat
    found = train(lab, "shop", overrides=[f"method={method}", "k=[3, 5]"], say=silent).as_json()
    assert found["best"] == f"{method} 4"
    model = load_version(lab.open_store(), "shop").model
    again = model.assign(pa_csv.read_csv(lab.folder / "shop.csv"))
    assert adjusted_rand_score(planted, again) > 0.99


def test_the_order_of_a_flat_table_decides_nothing(flat: tuple[Lab, np.ndarray]) -> None:
    lab, _ = flat
    first = train(lab, "shop", overrides=["k=4"], register=False, say=silent).as_json()
    table = pa_csv.read_csv(lab.folder / "shop.csv")
    turned = np.random.default_rng(3).permutation(table.num_rows)
    pa_csv.write_csv(table.take(pa.array(turned)), lab.folder / "shop.csv")
    second = train(lab, "shop", overrides=["k=4"], register=False, say=silent).as_json()
    assert second["segments"] == first["segments"]
    assert second["metrics"] == first["metrics"]


def test_lasso_picks_the_features_that_tell_the_target(flat: tuple[Lab, np.ndarray]) -> None:
    lab, _ = flat
    define(lab, target="profit", k=3)
    found = train(lab, "shop", register=False, say=silent).as_json()
    assert found["features"][0] == "spend"
    assert list(found["chosen_by"]) == list(found["features"])
    assert "region" not in found["features"]
    assert "LASSO" in (lab.folder / found["report"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"features": ["spend", "spent"]}, "no column 'spent'"),
        ({"id": "customer"}, "no column 'customer'"),
        ({"target": "region"}, "not numbers"),
        ({"method": "rfm"}, "no column 'recency_days'|no column 'revenue'"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(
    flat: tuple[Lab, np.ndarray], keys: dict[str, object], message: str
) -> None:
    define(flat[0], **keys)
    with pytest.raises(LabError, match=message):
        train(flat[0], "shop", say=silent)


def test_a_flat_table_has_no_date(flat: tuple[Lab, np.ndarray]) -> None:
    with pytest.raises(ConfigurationError, match="one state"):
        train(flat[0], "shop", as_of=MARCH, say=silent)


def test_segments_that_were_not_trained_are_missed_by_name(lab: Lab) -> None:
    with pytest.raises(LabError, match="groups"):
        customer_segments(lab, "groups", MARCH)


@pytest.mark.slow
def test_a_fresh_process_that_refuses_pickle_finds_the_same_segments(lab: Lab, tmp_path: Path) -> None:
    rows = customer_segments(lab, "segments", MARCH).state.rows
    columns = load_version(lab.open_store(), "segments").model.segments.schema.names
    numbers = [rows.column(name).cast(pa.float64()) for name in columns]
    pq.write_table(
        pa.table([rows["customer_id"], *numbers], names=["customer_id", *columns]), tmp_path / "a.parquet"
    )
    code = (
        "import sys, mlflow, pandas as pd\n"
        "mlflow.set_tracking_uri(sys.argv[1])\n"
        "model = mlflow.pyfunc.load_model('models:/segments@challenger')\n"
        "model.predict(pd.read_parquet(sys.argv[2])).to_parquet(sys.argv[3])\n"
    )
    uri = f"sqlite:///{lab.folder / 'mlruns' / 'mlflow.db'}"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, uri, tmp_path / "a.parquet", tmp_path / "b.parquet"],
        check=True,
        env={**os.environ, "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        timeout=120,
    )
    theirs = pq.read_table(tmp_path / "b.parquet")
    ours = load_version(lab.open_store(), "segments").model.predict(rows)
    assert theirs["id"].to_pylist() == ours["id"].to_pylist()
    assert theirs["segment"].to_pylist() == ours["segment"].to_pylist()
