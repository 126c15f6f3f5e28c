"""What the commands of the customer view print for people, and by the contract."""

from pathlib import Path

import pytest

from retention_lab.cli import run
from tests.cli.running import lab_json
from tests.workflows.small_shops import small_shop

QUICK = ("--set", "k=[3, 4]", "--set", "resamples=3")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with 300 customers; segments are trained by the first test that needs them."""
    found, _ = small_shop(tmp_path_factory.mktemp("customers") / "lab", customers=300, seed=5)
    return found.folder


def printed(capsys: pytest.CaptureFixture[str], lab: Path, *words: str) -> str:
    capsys.readouterr()
    assert run([*words, "--project", str(lab)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("rfm", ["champions", "hibernating", "F5", "R1", "share of revenue"]),
        ("lifecycle", ["prospect", "at risk", "From 2025-12-01 (rows) to now", "not known"]),
        ("cohorts", ["2025-06", "months after", "ordered [95 % interval]"]),
        ("loyalty", ["repeat purchase rate", "kept", "channel used: web", "ordered otherwise"]),
    ],
)
def test_tables_say_what_they_show(
    lab: Path, capsys: pytest.CaptureFixture[str], command: str, told: list[str]
) -> None:
    text = printed(capsys, lab, "customers", command, "--as-of", "2026-03-01")
    for words in told:
        assert words in text
    assert "nan" not in text.lower().split()


@pytest.mark.parametrize("command", ["rfm", "lifecycle", "cohorts", "loyalty"])
def test_documents_have_rows_with_their_customers(
    lab: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    code, document = lab_json(capsys, "customers", command, "--project", str(lab))
    assert code == 0
    assert document["command"] == f"customers {command}"
    rows = document["result"]["rows"]
    assert rows
    assert all(isinstance(row["customers"], int) for row in rows)


def test_segments_are_trained_shown_and_evaluated(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = ("--project", str(lab))
    code, document = lab_json(capsys, "train", "segments", *QUICK, *here)
    assert code == 0
    trained = document["result"]
    assert {"name", "kind", "winner", "run_id", "model_version", "checks", "candidates"} <= set(trained)
    text = printed(capsys, lab, "train", "segments", *QUICK)
    assert "Registered as version 2, challenger." in text
    assert "stable_segments" in text
    shown = printed(capsys, lab, "customers", "segments", "segments/1")
    assert all(one["segment"] in shown for one in trained["segments"])
    rows = lab_json(capsys, "customers", "segments", "segments/1", *here)[1]["result"]["rows"]
    assert sum(row["customers"] for row in rows) == trained["customers"] - trained["left_out"]
    judged = printed(capsys, lab, "evaluate", "segments", "--against", "segments/1")
    assert "agreement with segments made anew" in judged
    assert "Agreement with version 1" in judged
    assert "found again (.8 and more)" in printed(capsys, lab, "leaderboard", "segments")


def test_a_page_is_written_and_named(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, lab, "customers", "report") == "Page: reports/customers.html\n"
    assert (lab / "reports" / "customers.html").is_file()


def test_a_profile_is_a_table_of_facts(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, lab, "customers", "profile", "C000012")
    for words in ("recency days", "above this share of customers", "RFM: "):
        assert words in text


def test_nobody_is_missed_without_saying_who_was_asked_for(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = lab_json(capsys, "customers", "profile", "anna@example.org", "--project", str(lab))
    assert code == 3
    assert document["error"]["key"] == "customer_id"
    assert "anna" not in str(document)


def test_an_output_file_needs_an_ending_that_is_known(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = lab_json(capsys, "customers", "rfm", "--out", "rfm.xlsx", "--project", str(lab))
    assert code == 3
    assert ".parquet" in document["error"]["next"]
