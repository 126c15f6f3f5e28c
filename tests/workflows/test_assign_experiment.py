from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from retention_lab.abtest.assign import HashDesign, assign
from retention_lab.data.experiments import experiment_rows
from retention_lab.errors import ConfigurationError, LabError, UsageError
from retention_lab.hashing import unit_interval
from retention_lab.simulate import Retailer
from retention_lab.tracking.search import find_runs
from retention_lab.workflows.analyze_experiment import analyze_experiment
from retention_lab.workflows.assign_experiment import AssignReport, AssignRequest, assign_experiment
from retention_lab.workflows.campaign_audience import default_as_of
from retention_lab.workflows.project import Lab
from tests.workflows.abtest_labs import abtest_lab, define, players
from tests.workflows.conftest import copied, silent

HOLDOUT = "global_holdout: {share: 0.2, salt: acme, from: 2026-01-01, until: 2026-07-01}\n"
INSIDE, AFTER = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
OWN: dict[str, Any] = {
    **dict.fromkeys(("table", "unit", "arm", "control"), None),
    "experiment": "spring",
    "planned_shares": {"none": 0.5, "coupon_10": 0.3, "points_200": 0.2},
    "metrics": [{"name": "revenue", "type": "mean", "column": "revenue", "role": "primary"}],
}


def arms(lab: Lab, out: str = "arms.csv", **asked: Any) -> AssignReport:
    request = AssignRequest(lab.folder / "players.csv", lab.folder / out, **asked)
    return assign_experiment(lab, "gate", request)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("out", ["arms.csv", "arms.csv.gz", "arms.parquet"])
def test_every_unit_gets_the_arm_of_its_hash_in_the_order_of_the_file(tmp_path: Path, out: str) -> None:
    lab = abtest_lab(tmp_path)
    report = arms(lab, out)
    file = tmp_path / out
    rows = pq.read_table(file) if out.endswith("parquet") else pa_csv.read_csv(file)
    ids = players()["player"].to_pylist()
    assert [str(one) for one in rows["id"].to_pylist()] == [str(one) for one in ids]
    own = np.array(["30", "40"])[assign(ids, HashDesign("gate", (0.5, 0.5))).arm]
    assert [str(one) for one in rows["arm"].to_pylist()] == own.tolist()
    assert (rows["p.30"].to_numpy() == 0.5).all()
    assert report.drawn.counts == {"30": int((own == "30").sum()), "40": int((own == "40").sum())}
    assert (report.files, report.run_id) == ((str(file),), None)
    assert not (tmp_path / "mlruns").exists()


def test_a_file_of_arms_is_written_again_but_never_changed(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path)
    arms(lab)
    before = contents(tmp_path)
    arms(lab)
    assert contents(tmp_path) == before
    for other in ({"salt": "gate-2"}, {"coverage": 0.5}, {"version": 3}):
        with pytest.raises(LabError, match="holds other assignments"):
            arms(lab, **other)
    assert contents(tmp_path) == before


def test_the_holdout_is_the_campaigns_and_only_while_it_lasts(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, settings=HOLDOUT)
    found = arms(lab, starts=INSIDE).drawn
    held = unit_interval([str(one) for one in players()["player"].to_pylist()], "acme") < 0.2
    np.testing.assert_array_equal(~found.inside, held)
    assert found.left_out == {"global_holdout": int(held.sum())}
    assert arms(lab, "later.csv", starts=AFTER).drawn.inside.all()


def test_tests_of_one_layer_share_nobody_and_may_not_overlap(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, layer={"name": "home", "start": 0.0, "end": 0.5})
    define(tmp_path, "other", layer={"name": "home", "start": 0.5, "end": 1.0})
    request = AssignRequest(tmp_path / "players.csv", tmp_path / "other.csv")
    here, there = arms(lab).drawn, assign_experiment(lab, "other", request).drawn
    assert not (here.inside & there.inside).any()
    assert (here.inside | there.inside).all()
    define(tmp_path, "third", layer={"name": "home", "start": 0.4, "end": 0.6})
    with pytest.raises(ConfigurationError, match="'third' has part of the same slice") as caught:
        arms(lab)
    assert caught.value.key == "layer"


def test_strata_are_dealt_out_evenly(tmp_path: Path) -> None:
    report = arms(abtest_lab(tmp_path), strata=("country", "spend_before"), blocks=4)
    rows = pa_csv.read_csv(tmp_path / "arms.csv").group_by(["stratum", "arm"]).aggregate([("id", "count")])
    assert report.strata == 12
    assert report.as_json()["method"] == "within strata"
    by_stratum = {
        label: [row["id_count"] for row in rows.to_pylist() if row["stratum"] == label]
        for label in set(rows["stratum"].to_pylist())
    }
    assert all(max(counts) - min(counts) <= 1 for counts in by_stratum.values())


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path)
    before = contents(tmp_path)
    report = arms(lab, dry_run=True)
    assert sum(report.drawn.counts.values()) == 4_000
    assert (report.files, contents(tmp_path)) == ((), before)


@pytest.fixture
def own(simulated: tuple[Path, Retailer], tmp_path: Path) -> Lab:
    """The simulated project with a test over its own tables, and a file of its customers."""
    lab = copied(simulated[0], tmp_path / "lab")
    define(lab.folder, "gate", **OWN)
    with lab.open_tables() as tables:
        ids = tables.query("SELECT customer_id FROM customers ORDER BY customer_id")
    pa_csv.write_csv(ids, lab.folder / "list.csv")
    return lab


def a_month_ago(lab: Lab) -> datetime:
    with lab.open_tables() as tables:
        return default_as_of(lab, tables) - timedelta(days=31)


def test_assignments_of_the_project_are_written_once_and_analyzed(own: Lab) -> None:
    starts = a_month_ago(own)
    request = AssignRequest(own.folder / "list.csv", starts=starts, version=3)
    report = assign_experiment(own, "gate", request)
    assert report.files == ("data/assignments/spring.parquet",)
    with own.open_tables() as tables:
        rows = experiment_rows(tables, ["spring"], 30)
        earlier = tables.query(
            "SELECT DISTINCT customer_id FROM assignments WHERE experiment <> 'spring' "
            "AND assigned_at <= $at AND date_diff('day', assigned_at, $at) < 30",
            {"at": starts},
        )
    assert rows.num_rows == int(report.drawn.inside.sum())
    assert report.drawn.left_out.get("open_campaign", 0) == earlier.num_rows
    assert set(rows["role"].to_pylist()) == {"exploration"}
    assert rows["intended_arm"].null_count == rows.num_rows
    np.testing.assert_allclose(rows["p.none"].to_numpy(), 0.5)
    assert {one.tags["lab.role"] for one in find_runs(own.open_store(), "assign/gate")} == {"assign"}
    found = analyze_experiment(own, "gate", say=silent)
    assert found.trustworthy
    assert [one.arm for one in found.analysis.metrics] == ["coupon_10", "points_200"]
    assert (
        sum(one.n_arm for one in found.analysis.metrics) + found.analysis.metrics[0].n_control
        == rows.num_rows
    )
    assert (
        analyze_experiment(own, "gate", say=silent).analysis.metrics == found.analysis.metrics
    )  # from what is stored
    with pytest.raises(LabError, match="assignments are never changed") as caught:
        assign_experiment(own, "gate", request)
    assert caught.value.key == "experiment"


def test_customers_of_an_open_test_are_left_out_of_the_next(own: Lab) -> None:
    starts = a_month_ago(own)
    assign_experiment(
        own, "gate", AssignRequest(own.folder / "list.csv", starts=starts, coverage=0.5, version=3)
    )
    define(own.folder, "gate", **(OWN | {"experiment": "summer"}))
    request = AssignRequest(
        own.folder / "list.csv", starts=starts + timedelta(days=20), salt="summer", dry_run=True
    )
    first = pq.read_table(own.folder / "data/assignments/spring.parquet")["customer_id"]
    second = assign_experiment(own, "gate", request).drawn
    inside = pa.array(second.ids.texts()).filter(pa.array(second.inside))
    assert not pc.any(pc.is_in(inside, value_set=first.combine_chunks())).as_py()


def test_strata_are_kept_with_the_assignments(own: Lab) -> None:
    with own.open_tables() as tables:
        rows = tables.query("SELECT customer_id, region FROM customers ORDER BY customer_id")
    pa_csv.write_csv(rows, own.folder / "list.csv")
    request = AssignRequest(own.folder / "list.csv", starts=a_month_ago(own), strata=("region",))
    assign_experiment(own, "gate", request)
    kept = pq.read_table(own.folder / "data/assignments/spring.parquet")
    assert all(label.startswith("region") for label in kept["stratum"].to_pylist())


@pytest.mark.parametrize(
    ("changes", "starts", "words", "key"),
    [
        ({"planned_shares": {"none": 0.5, "coupon": 0.5}}, None, "not in the offers table", "planned_shares"),
        ({"experiment": "spring sale"}, None, "cannot name an experiment", "experiment"),
        ({"planned_shares": None}, None, "No shares are planned", "planned_shares"),
        ({}, datetime(2999, 1, 1, tzinfo=UTC), "lies in the future", "--as-of"),
    ],
)
def test_assignments_that_could_not_be_read_are_not_written(
    own: Lab, changes: dict[str, Any], starts: datetime | None, words: str, key: str
) -> None:
    define(own.folder, "gate", **(OWN | changes))
    before = contents(own.folder)
    with pytest.raises(LabError, match=words) as caught:
        assign_experiment(own, "gate", AssignRequest(own.folder / "list.csv", starts=starts))
    assert caught.value.key == key
    assert contents(own.folder) == before


@pytest.mark.parametrize(
    ("table", "asked", "words"),
    [
        ("player,spend\n1,2\n1,3\n", {}, "Rows 1 and 2 are the same unit"),
        ("player,spend\n1,2\n,3\n", {}, "has no id"),
        ("customer,spend\n1,2\n", {}, "no column 'player' for --id"),
        ("player,spend\n", {}, "no units to assign"),
        ("player,spend\n1,2\n2,3\n", {"strata": ("spent",)}, "no column 'spent' for --strata"),
        ("player,spend\n1,2\n2,3\n", {"coverage": 0.0}, "The coverage is 0"),
        ("player,spend\n1,2\n2,3\n", {"coverage": 1e-5}, "None of the 2 units may enter"),
    ],
)
def test_lists_that_do_not_fit_are_refused_and_nothing_is_written(
    tmp_path: Path, table: str, asked: dict[str, Any], words: str
) -> None:
    lab = abtest_lab(tmp_path)
    (tmp_path / "players.csv").write_text(table)
    before = contents(tmp_path)
    with pytest.raises(LabError, match=words) as caught:
        arms(lab, **asked)
    assert str(caught.value.file).endswith("players.csv")
    assert contents(tmp_path) == before


def test_a_test_without_ids_needs_a_column_to_assign_by(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path)
    file = tmp_path / "experiments" / "gate.yaml"
    file.write_text(file.read_text().replace("unit: player", "unit: null"))
    with pytest.raises(ConfigurationError, match="names no column of ids"):
        arms(lab)
    assert arms(lab, id_column="player").drawn.inside.all()


def test_words_that_contradict_each_other_are_usage_errors(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path)
    table = tmp_path / "players.csv"
    with pytest.raises(UsageError, match="dealt out, not hashed"):
        AssignRequest(table, table, strata=("country",), version=3)
    with pytest.raises(UsageError, match="cuts the columns of --strata"):
        AssignRequest(table, table, blocks=4)
    with pytest.raises(UsageError, match=r"arms\.xlsx is no kind of file"):
        AssignRequest(table, tmp_path / "arms.xlsx")
    with pytest.raises(UsageError, match="Nothing says where the arms go"):
        assign_experiment(lab, "gate", AssignRequest(table))
    with pytest.raises(UsageError, match="would replace the units"):
        assign_experiment(lab, "gate", AssignRequest(table, table))
    with pytest.raises(UsageError, match="holds numbers or times"):
        arms(lab, strata=("country",), blocks=4)
