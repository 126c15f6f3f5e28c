"""A real randomised experiment through the commands: 64,000 customers, two e-mails and none."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from retention_lab import catalog
from retention_lab.cli import run
from retention_lab.tracking.search import find_runs
from retention_lab.workflows.project import open_project
from tests.cli.running import lab_json
from tests.shared_data import ROOT, shared_file

# measured on this file with Welch's t-test, and published by its author
MEANS = {
    "No E-Mail": {"visit": 0.106167, "conversion": 0.005726, "spend": 0.6528},
    "Mens E-Mail": {"visit": 0.182757, "conversion": 0.012531, "spend": 1.4226},
    "Womens E-Mail": {"visit": 0.151400, "conversion": 0.008837, "spend": 1.0772},
}
EFFECTS = {
    ("Mens E-Mail", "visit"): (0.07659, 0.003386),
    ("Mens E-Mail", "conversion"): (0.006805, 0.000921),
    ("Mens E-Mail", "spend"): (0.769827, 0.145247),
    ("Womens E-Mail", "visit"): (0.045233, 0.003234),
    ("Womens E-Mail", "conversion"): (0.003111, 0.000823),
    ("Womens E-Mail", "spend"): (0.424412, 0.130333),
}
HALF_WIDTHS = 1.96  # an interval is this many standard errors on either side


@pytest.mark.slow
def test_hillstrom_through_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = shared_file("hillstrom/hillstrom.csv.gz")
    monkeypatch.setenv("RETENTION_LAB_KEY_FILE", str(tmp_path / "pseudonym.key"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert run(["init", str(tmp_path / "lab")]) == 0
    monkeypatch.chdir(tmp_path / "lab")
    shutil.copy(ROOT / "experiments" / "hillstrom.yaml", "experiments/hillstrom.yaml")
    shutil.copy(file, "data/hillstrom.csv.gz")

    code, document = lab_json(capsys, "train", "hillstrom")
    assert code == 0
    trained = document["result"]
    _check_means_and_effects(trained)
    assert trained["targeting"] in {"better", "none_better"}
    assert [one["name"] for one in trained["checks"] if one["passed"] is False] == []
    runs = find_runs(open_project(None).open_store(), "train/hillstrom")
    assert {run.id for run in runs} == {
        trained["run_id"], *(one["run_id"] for one in trained["candidates"])
    }  # fmt: skip
    assert {run.status for run in runs} == {"FINISHED"}

    code, document = lab_json(capsys, "evaluate", "hillstrom")
    evaluated = document["result"]
    assert (code, evaluated["rows"], evaluated["rows_dropped_as_trained_on"]) == (0, 19_200, 44_800)
    assert evaluated["metrics"] == trained["metrics"]
    code, document = lab_json(capsys, "promote", "hillstrom", "--dry-run")
    assert (code, document["result"]["promoted"]) == (0, False)
    code, document = lab_json(capsys, "leaderboard", "hillstrom")
    assert [one["aliases"] for one in document["result"]["versions"]] == [["challenger"]]
    assert sorted(one["model"] for one in document["result"]["candidates"]) == sorted(
        catalog.DEFAULT_LEARNERS
    )


def _check_means_and_effects(trained: dict[str, Any]) -> None:
    assert [row["arm"] for row in trained["arms"]] == list(MEANS)
    for row in trained["arms"]:
        assert row["outcome_mean"] == pytest.approx(MEANS[row["arm"]], abs=0.001)
    assert len(trained["effects"]) == len(EFFECTS)
    for row in trained["effects"]:
        value, error = EFFECTS[row["arm"], row["outcome"]]
        assert row["value"] == pytest.approx(value, abs=0.001)
        assert row["ci_high"] - row["ci_low"] == pytest.approx(2 * HALF_WIDTHS * error, rel=0.002)
