"""Someone with one CSV from a German shop system, who has read the first page of the manual."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from retention_lab.cli import run
from tests.workflows.flat_files import write_german_csv


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_LAB_KEY_FILE", str(tmp_path / "pseudonym.key"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.mark.slow
def test_four_commands_lead_from_a_csv_to_a_report_and_then_to_a_send_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_german_csv(tmp_path / "test.csv", 20_000, seed=3)
    write_german_csv(tmp_path / "next.csv", 3_000, seed=4, columns=4, first=20_000)
    monkeypatch.chdir(tmp_path)
    assert run(["init", "shop"]) == 0
    monkeypatch.chdir(tmp_path / "shop")
    assert run(["new", "uplift", "mailing", "--table", "../test.csv"]) == 0
    assert "Seiten: it differs between the arms" in capsys.readouterr().out
    assert run(["train", "mailing"]) == 0
    said = capsys.readouterr().out
    assert "has the best cross-fitted evidence" in said
    assert "reports/mailing.html" in said
    page = Path("reports/mailing.html").read_text("utf-8")
    assert "mailing" in page
    assert "Seiten" not in page  # measured after the offer was sent

    assert run(["promote", "mailing"]) == 0
    assert run(["new", "campaign", "next", "--table", "../next.csv", "--model", "mailing"]) == 0
    capsys.readouterr()
    for words in (["plan"], ["launch"], ["export"]):
        assert run(["campaign", *words, "next"]) == 0, capsys.readouterr().err
    (file,) = Path("campaigns/next/send").glob("*.csv")
    with file.open(encoding="utf-8", newline="") as opened:
        sent = list(csv.DictReader(opened))
    ids = {row["customer_id"] for row in sent}
    assert 0 < len(ids) == len(sent) < 3_000
    assert ids <= {f"K{i:06d}" for i in range(20_000, 23_000)}
    assert {row["offer"] for row in sent} == {"1"}
    assert _mean_age(tmp_path / "next.csv", ids) > _mean_age(tmp_path / "next.csv", None) + 5


@pytest.mark.slow
def test_a_shuffled_treatment_shows_nothing_and_promotes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_german_csv(tmp_path / "real.csv", 8_000, seed=3, columns=7)
    head, *rows = (tmp_path / "real.csv").read_text("utf-8-sig").splitlines()
    cells = np.array([row.split(";") for row in rows])
    cells[:, 4] = np.random.default_rng(9).permutation(cells[:, 4])
    (tmp_path / "test.csv").write_text("\n".join([head, *(";".join(row) for row in cells)]), "utf-8-sig")
    monkeypatch.chdir(tmp_path)
    assert run(["init", "."]) == 0
    assert run(["new", "uplift", "mailing", "--table", "test.csv"]) == 0
    capsys.readouterr()
    assert run(["train", "mailing", "--json"]) == 0
    trained = json.loads(capsys.readouterr().out)["result"]
    assert (trained["targeting"], trained["winner"]) == ("none_better", "constant")
    assert run(["promote", "mailing", "--json"]) == 1
    promotion = json.loads(capsys.readouterr().out)["result"]
    assert (promotion["promoted"], promotion["previous"]) == (False, None)


def _mean_age(file: Path, ids: set[str] | None) -> float:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.DictReader(opened, delimiter=";")
        return float(np.mean([int(row["Alter"]) for row in rows if ids is None or row["Kundennr"] in ids]))
