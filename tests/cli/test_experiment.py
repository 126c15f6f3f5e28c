"""The commands about A/B tests: on a generated project, and on two public experiments."""

import shutil
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pytest

from retention_lab.cli import run
from tests.cli.running import lab_json
from tests.shared_data import ROOT, shared_file
from tests.workflows.abtest_labs import SETTINGS, abtest_lab, players

CHECK = {"name", "severity", "passed", "value", "threshold", "detail"}
DESIGN = {"metric", "baseline", "mde_absolute", "mde_relative", "n_per_arm", "days", "power", "alpha"}
DATED = {"exposed_at": "entered", "window_days": 7}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def result(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, Any]:
    found, document = lab_json(capsys, *words)
    assert found == code, document
    assert document["command"] == " ".join(words[: 2 if words[0] == "experiment" else 1])
    return document["result"]


def spoken(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert run(words) == code
    return capsys.readouterr().out


def test_a_test_from_its_file_to_its_verdict(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pa_csv.write_csv(players(effect=0.15), here / "players.csv")
    (here / "lab.yaml").write_text(SETTINGS)
    given = ("--treatment", "gate", "--control", "30", "--id", "player")
    drafted = result(capsys, "new", "abtest", "gate", "--table", "players.csv", *given)
    assert (drafted["kind"], drafted["next"]) == ("abtest", "lab experiment check gate")
    validated = result(capsys, "validate")
    assert [one["status"] for one in validated["definitions"]] == ["ready"]

    designed = result(capsys, "experiment", "design", "gate", "--relative-mde", "10%")
    assert set(designed) >= DESIGN | {"table", "by_days", "units", "history"}
    assert designed["mde_relative"] == pytest.approx(0.1)
    assert designed["days"] is None
    assert designed["reason"]

    assigned = result(capsys, "experiment", "assign", "gate", "--table", "players.csv", "--out", "arms.csv")
    assert set(assigned) >= {"experiment", "assigned", "file", "sample_ratio", "left_out"}
    assert (assigned["experiment"], assigned["file"]) == ("gate", "arms.csv")
    assert sum(assigned["assigned"].values()) == 4_000
    assert pa_csv.read_csv(here / "arms.csv").num_rows == 4_000

    listed = result(capsys, "experiment", "list")["experiments"]
    assert [(one["name"], one["verdict"]) for one in listed] == [("gate", None)]
    checked = result(capsys, "experiment", "check", "gate")
    assert checked["trustworthy"]
    assert all(set(one) == CHECK for one in checked["checks"])
    analyzed = result(capsys, "experiment", "analyze", "gate")
    assert analyzed["decision"]["verdict"] == "ship"
    assert analyzed["checks"] == checked["checks"]
    listed = result(capsys, "experiment", "list")["experiments"]
    assert [(one["verdict"], one["run_id"]) for one in listed] == [("ship", analyzed["run_id"])]


def test_people_are_told_the_same(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    abtest_lab(here, planned_shares={"30": 0.4, "40": 0.6}, analysis={"sequential": "always_valid"}, **DATED)
    designed = spoken(capsys, "experiment", "design", "gate", "--mde", "0.05", "--power", "0.9")
    for words in ("effect of +0.05", "power of 90%", "days until", "28 looks", "What each length finds"):
        assert words in designed
    assigned = spoken(capsys, "experiment", "assign", "gate", "--table", "players.csv", "--dry-run")
    for words in ("4,000 of 4,000 units are in", "hash version 2, salt 'gate'", "Nothing was written"):
        assert words in assigned
    checked = spoken(capsys, "experiment", "check", "gate", code=1)
    assert "Do not trust this test." in checked
    assert "✗ sample_ratio (hard)" in checked
    assert "lab experiment analyze gate" in spoken(capsys, "experiment", "list")


def test_a_test_that_is_not_to_be_trusted_leaves_with_1_and_no_run(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    abtest_lab(here, planned_shares={"30": 0.4, "40": 0.6})
    checked = result(capsys, "experiment", "check", "gate", code=1)
    assert not checked["trustworthy"]
    assert checked["sample_ratio"]["p_value"] < 1e-9
    assert not (here / "mlruns").exists()


WRONG: dict[str, tuple[tuple[str, ...], dict[str, Any], str]] = {
    # what is wrong -> the command, the definition's changes, what the error names
    "an unknown metric": (("design", "gate", "--metric", "kpt"), {}, "gate.yaml"),
    "days without times": (("design", "gate", "--days", "14"), {}, "exposed_at"),
    "a missing history": (("design", "gate", "--history", "no.csv"), {}, "no.csv"),
    "a column that is not there": (("design", "gate"), {"cluster": "town"}, "town"),
    "an effect that cannot be": (("design", "gate", "--mde", "0.9"), {}, "gate.yaml"),
    "a missing list": (("assign", "gate", "--table", "no.csv", "--out", "a.csv"), {}, "no.csv"),
    "a missing id": (("assign", "gate", "--table", "players.csv", "--id", "no", "--out", "a.csv"), {}, "no"),
    "units that come twice": (
        ("assign", "gate", "--table", "players.csv", "--id", "country", "--out", "a.csv"), {}, "players.csv",
    ),
    "no planned shares": (
        ("assign", "gate", "--table", "players.csv", "--out", "a.csv"),
        {"planned_shares": None}, "planned_shares",
    ),
    "an arm that was not planned": (("check", "gate"), {"planned_shares": {"30": 0.5, "50": 0.5}}, "arm"),
    "a missing table": (("check", "gate"), {"table": "no.csv"}, "no.csv"),
    "a missing unit": (("check", "gate"), {"unit": "customer"}, "customer"),
    "an unknown key": (("check", "gate"), {"unti": "player"}, "unti"),
    "another kind": (("check", "mail"), {}, "mail.yaml"),
    "a name that is not there": (("design", "gat"), {}, "gat"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_inputs_leave_with_3_name_the_place_and_change_nothing(
    wrong: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, changes, place = WRONG[wrong]
    abtest_lab(here, **changes)
    (here / "experiments" / "mail.yaml").write_text("kind: uplift\n")
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    code, document = lab_json(capsys, "experiment", *words)
    error = document["error"]
    assert code == 3, document
    assert place in f"{error['file']} {error['key']} {error['message']}"
    assert len(error["next"]) > 10
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "words",
    [
        ("design", "gate", "--relative-mde", "two"),
        ("design", "gate", "--relative-mde", "5"),
        ("design", "gate", "--mde", "0.1", "--n", "100"),
        ("design", "gate", "--n", "0"),
        ("assign", "gate", "--table", "players.csv"),
        ("assign", "gate", "--table", "players.csv", "--out", "a.csv", "--version", "1"),
        ("assign", "gate", "--table", "players.csv", "--out", "a.xlsx"),
        ("assign", "gate", "--table", "players.csv", "--out", "a.csv", "--blocks", "4"),
    ],
)
def test_words_that_make_no_command_leave_with_2(
    words: tuple[str, ...], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    abtest_lab(here)
    code, document = lab_json(capsys, "experiment", *words)
    assert (code, document["error"]["kind"]) == (2, "usage")


def test_cookie_cats_has_a_soft_warning_of_its_sample_ratio(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = shared_file("cookie_cats/cookie_cats.csv.gz")
    (here / "experiments").mkdir()
    (here / "data").mkdir()
    (here / "lab.yaml").write_text(SETTINGS)
    shutil.copy(ROOT / "experiments" / "gate.yaml", "experiments/gate.yaml")
    shutil.copy(file, "data/cookie_cats.csv.gz")
    checked = result(capsys, "experiment", "check", "gate")
    ratio = next(one for one in checked["checks"] if one["name"] == "sample_ratio")
    # Pearson's chi-square of 44,700 and 45,489 is 6.902: p 0.0086
    assert (ratio["severity"], ratio["passed"]) == ("soft", False)
    assert checked["sample_ratio"]["p_value"] == pytest.approx(0.0086, abs=5e-5)
    assert checked["units"] == {"gate_30": 44_700, "gate_40": 45_489}
    designed = result(capsys, "experiment", "design", "gate", "--relative-mde", "5%")
    assert designed["baseline"] == pytest.approx(0.190201, abs=1e-6)
    p, level, power = 0.190201, 2.39398, 0.841621  # normal deviates of 0.05 / 6 and 0.8
    spread = p * (1 - p) + 1.05 * p * (1 - 1.05 * p)
    assert designed["n_per_arm"] == pytest.approx((level + power) ** 2 * spread / (0.05 * p) ** 2, rel=1e-3)


def test_hillstrom_is_designed_and_checked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = shared_file("hillstrom/hillstrom.csv.gz")
    (here / "experiments").mkdir()
    (here / "data").mkdir()
    (here / "lab.yaml").write_text(SETTINGS)
    shutil.copy(ROOT / "experiments" / "hillstrom-test.yaml", "experiments/mail.yaml")
    shutil.copy(file, "data/hillstrom.csv.gz")
    checked = result(capsys, "experiment", "check", "mail")
    assert checked["units"] == {"No E-Mail": 21_306, "Mens E-Mail": 21_307, "Womens E-Mail": 21_387}
    assert checked["sample_ratio"]["p_value"] == pytest.approx(0.9036, abs=1e-3)
    designed = result(capsys, "experiment", "design", "mail", "--metric", "visit", "--mde", "0.01")
    assert designed["baseline"] == pytest.approx(0.106168, abs=1e-6)
    assert designed["alpha"] == pytest.approx(0.05 / 8)  # four metrics, two arms besides control
    assert len(designed["units"]) == 3
    assert designed["history"]["explained"] > 0
