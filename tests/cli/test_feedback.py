"""`lab` on messages: what people and scripts see, and that no message is among it."""

from pathlib import Path

import pytest

from retention_lab.cli import run
from tests.cli.running import lab_json
from tests.workflows.small_shops import small_shop


def test_messages_from_training_to_drafts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_shop(tmp_path / "lab", customers=2_000)
    here = ("--project", str(tmp_path / "lab"))
    assert run(["train", "feedback", "--set", "models=[logistic]", *here]) == 0
    said = capsys.readouterr().out
    assert "has the least cross-fitted log loss" in said
    assert "complaining" in said
    code, document = lab_json(capsys, "feedback", "tone", "feedback", *here)
    assert code == 0
    assert document["result"]["messages"] > 500
    assert (tmp_path / "lab" / "data" / "feedback_tone.parquet").exists()
    drafts = tmp_path / "drafts.csv"
    assert run(["feedback", "triage", "feedback", "--out", str(drafts), *here]) == 0
    said = capsys.readouterr().out
    assert "Nothing was sent" in said
    customer, text = (
        drafts.read_text(encoding="utf-8").splitlines()[1].split(",")[0].strip('"'),
        "Not worth it",
    )
    assert text not in said
    assert run(["explain", "feedback", "--customer", customer, *here]) == 0
    assert "topic" in capsys.readouterr().out
    assert run(["evaluate", "feedback", "--against", "feedback/1", *here]) == 0
    assert "customers it has not seen" in capsys.readouterr().out
    assert run(["leaderboard", "feedback", *here]) == 0
    code, document = lab_json(capsys, "feedback", "triage", "feedback", "--out", "drafts.txt", *here)
    assert (code, document["error"]["kind"]) == (2, "usage")
