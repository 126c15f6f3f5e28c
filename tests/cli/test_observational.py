"""A model whose propensities were estimated becomes champion only where somebody answers for it."""

from pathlib import Path

import pytest

from tests.cli.running import lab_json
from tests.workflows.flat_labs import customers, flat_lab


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_LAB_KEY_FILE", str(tmp_path / "pseudonym.key"))


def test_an_assumed_basis_is_said_and_has_to_be_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flat_lab(tmp_path, customers(), propensity="estimate", learners=["t"])
    here = ("--project", str(tmp_path))
    code, document = lab_json(capsys, "train", "mail", *here)
    assert (code, document["result"]["causal_basis"]) == (0, "assumed")
    code, document = lab_json(capsys, "evaluate", "mail", *here)
    assert (code, document["result"]["causal_basis"]) == (0, "assumed")

    code, refused = lab_json(capsys, "promote", "mail", *here)
    assert (code, refused["result"]["promoted"]) == (1, False)
    why = refused["result"]["gate"][-1]
    assert (why["name"], why["severity"], why["passed"]) == ("observational", "hard", False)
    assert "--accept-observational" in why["detail"]

    rehearsed = lab_json(capsys, "promote", "mail", "--accept-observational", "--dry-run", *here)
    assert (rehearsed[0], rehearsed[1]["result"]["promoted"]) == (0, False)
    code, accepted = lab_json(capsys, "promote", "mail", "--accept-observational", *here)
    assert (code, accepted["result"]["promoted"]) == (0, True)


def test_a_randomised_model_needs_no_such_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flat_lab(tmp_path, customers(), learners=["t"])
    here = ("--project", str(tmp_path))
    assert lab_json(capsys, "train", "mail", *here)[1]["result"]["causal_basis"] == "randomised"
    code, document = lab_json(capsys, "promote", "mail", *here)
    assert code == 0
    assert "observational" not in [one["name"] for one in document["result"]["gate"]]


def test_accepting_does_not_help_a_model_that_does_not_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flat_lab(tmp_path, customers(5000, effect=0.0, seed=4), propensity="estimate", learners=["t"])
    here = ("--project", str(tmp_path))
    assert lab_json(capsys, "train", "mail", *here)[1]["result"]["targeting"] == "none_better"
    code, document = lab_json(capsys, "promote", "mail", "--accept-observational", *here)
    assert (code, document["result"]["promoted"]) == (1, False)
