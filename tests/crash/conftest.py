import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.crash_host import plain_environment
from evidence.crash_project import write_project

Lab = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A fresh project with one candidate, so that its training is short."""
    folder = tmp_path / "project"
    write_project(folder, rows=3_000, learners="constant")
    return folder


@pytest.fixture
def lab(project: Path) -> Lab:
    """Start `python -m retention_lab` in the project, in a process of its own."""

    def start(*words: str, before: tuple[str, ...] = (), **more: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*before, sys.executable, "-m", "retention_lab", *words],
            cwd=project,
            env=plain_environment() | more,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return start
