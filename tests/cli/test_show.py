"""What reaches stdout is one JSON document that any parser reads."""

import json

import numpy as np
import pytest

from retention_lab.cli.show import interval, number, show, show_error
from retention_lab.errors import ConfigurationError
from retention_lab.estimate import Estimate


def test_json_holds_no_nan_and_no_foreign_types(capsys: pytest.CaptureFixture[str]) -> None:
    result = {"a": float("nan"), "b": np.float64(1.5), "c": (np.int64(2),), "e": Estimate(1.0, 0.5, 0.0, 2.0)}
    show("some command", result, lambda _: None, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert document == {
        "schema_version": 1,
        "command": "some command",
        "result": {
            "a": None,
            "b": 1.5,
            "c": [2],
            "e": {"value": 1.0, "ci_low": 0.0, "ci_high": 2.0, "p_value": None},
        },
    }


def test_an_error_as_json_names_file_and_key(capsys: pytest.CaptureFixture[str]) -> None:
    error = ConfigurationError("The budget is -1.", "Set one of at least 0.", file="a.yaml", key="budget")
    show_error("campaign plan", error, as_json=True)
    assert json.loads(capsys.readouterr().out)["error"] == {
        "code": 3,
        "kind": "configuration",
        "message": "The budget is -1.",
        "next": "Set one of at least 0.",
        "file": "a.yaml",
        "key": "budget",
    }


def test_an_error_as_text_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    show_error("train", ConfigurationError("[bold]Found[/bold].", "Do this."), as_json=False)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Error: [bold]Found[/bold]. Do this." in captured.err


def test_numbers_have_real_minus_signs_and_a_dash_for_nothing() -> None:
    assert number(-1234.5, 1) == "−1,234.5"
    assert number(None) == "–"
    assert number(-0.2, 0) == "0"
    assert interval({"value": None, "reason": "one arm only"}) == "– (one arm only)"
