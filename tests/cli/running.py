"""The command as a process of its own, and as a call."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from retention_lab.cli import run

BARE = "from retention_lab.cli import main; main()"


def lab_process(
    *words: str, cwd: Path, environment: dict[str, str] | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """`lab` as a shell would start it, its output not on a terminal."""
    return subprocess.run(
        [sys.executable, "-c", BARE, *words],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def lab_json(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and the one document of a command that is called in this process."""
    capsys.readouterr()
    code = run([*words, "--json"])
    text = capsys.readouterr().out
    assert text.endswith("\n")
    assert text.count("\n") == 1
    document = json.loads(text, parse_constant=_refuse)
    assert document["schema_version"] == 1
    assert {"result", "error"} & set(document)
    return code, document


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
