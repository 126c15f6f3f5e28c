"""`lab campaign next` as a person and as a scheduler read it."""

from pathlib import Path

import pytest

from retention_lab.cli import run
from tests.cli.running import lab_json
from tests.workflows.hand_launched import LAUNCH, hand_launched

PEOPLE = [
    {"customer_id": "a", "arm": "coupon", "role": "policy"},
    {"customer_id": "b", "arm": "none", "role": "holdout"},
]
HERE = ("campaign", "next", "--as-of", "2026-03-10", "--project")


def test_what_is_due_names_the_command_that_does_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    hand_launched(tmp_path, PEOPLE)
    code, document = lab_json(capsys, *HERE, str(tmp_path))
    assert (code, document["command"]) == (0, "campaign next")
    command = f"lab campaign export may --experiment {LAUNCH}"
    assert [one["command"] for one in document["result"]["due"]] == [command]
    assert run([*HERE, str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert command in text
    assert "outcomes come in until 2026-03-31" in text

    assert run([*command.split()[1:], "--project", str(tmp_path)]) == 0
    capsys.readouterr()
    assert run([*HERE, str(tmp_path)]) == 0
    assert "Nothing is due." in capsys.readouterr().out
