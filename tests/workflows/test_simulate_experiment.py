from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
import yaml

from retention_lab.cli import run
from tests.cli.running import lab_json
from tests.workflows.flat_labs import SETTINGS

TEST: dict[str, Any] = {
    "kind": "abtest",
    "table": "players.csv",
    "unit": "player",
    "arm": "gate",
    "control": 30,
    "planned_shares": {30: 0.5, 40: 0.5},
    "metrics": [
        {"name": "stayed", "type": "proportion", "column": "stayed", "role": "primary"},
        {"name": "spend", "type": "mean", "column": "spend"},
    ],
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lab with 1,000 players, of whom a few spend much."""
    rng = np.random.default_rng(1)
    columns = {
        "player": np.arange(1000),
        "gate": rng.choice([30, 40], 1000),
        "stayed": (rng.random(1000) < 0.3).astype(int),
        "spend": np.where(rng.random(1000) < 0.05, rng.lognormal(2.0, 1.5, 1000), 0.0),
    }
    (tmp_path / "lab.yaml").write_text(SETTINGS)
    pa_csv.write_csv(pa.table(columns), tmp_path / "players.csv")
    define(tmp_path, {})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def define(folder: Path, changes: dict[str, Any]) -> None:
    (folder / "experiments").mkdir(exist_ok=True)
    (folder / "experiments" / "gate.yaml").write_text(yaml.safe_dump({**TEST, **changes}))


def test_the_command_answers_by_the_contract(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("experiment", "simulate", "gate", "--replications", "500", "--effect", "10%", "--looks", "3")
    code, document = lab_json(capsys, *words)
    assert (code, document["command"]) == (0, "experiment simulate")
    found = document["result"]
    assert (found["name"], found["replications"], found["units"], found["looks"]) == ("gate", 500, 1000, 3)
    assert found["shares"] == {"30": 0.5, "40": 0.5}
    stayed = found["metrics"][0]
    assert set(stayed["false_positives"]) == {"value", "nominal", "band_low", "band_high"}
    assert stayed["false_positives"]["nominal"] == 0.05
    assert stayed["coverage"]["nominal"] == 0.95
    assert set(stayed["looks"]) == {"always_valid", "group_sequential", "fixed"}
    assert 0 < stayed["power"] < 1
    assert stayed["holds"] is found["holds"] is True


def test_people_read_a_sentence_for_each_metric(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiment", "simulate", "gate", "--replications", "200", "--units", "400"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("200 tests of 400 units without an effect (30 50%, 40 50%).\n")
    assert "stayed in 40: the level holds." in text
    assert "group sequential" in text


def test_a_broken_promise_ends_with_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    define(project, {"planned_shares": {30: 0.95, 40: 0.05}, "analysis": {"skewness": "ignored"}})
    code, document = lab_json(capsys, "experiment", "simulate", "gate", "--replications", "1000")
    assert (code, document["result"]["holds"]) == (1, False)
    assert "the level does not hold" in document["result"]["metrics"][1]["sentence"]


def test_an_effect_that_cannot_be_planted_ends_with_three(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = lab_json(capsys, "experiment", "simulate", "gate", "--effect", "lots")
    assert code == 3
    assert document["error"]["key"] == "effect"
