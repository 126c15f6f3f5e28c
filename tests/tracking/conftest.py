import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from retention_lab.tracking.store import Store, open_store

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(autouse=True)
def no_server_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


@pytest.fixture
def start_worker() -> Start:
    """Start tests/tracking/worker.py with a task, a folder and more."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}

    def start(task: str, *arguments: object, **more: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(Path(__file__).with_name("worker.py")), task, *map(str, arguments)]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment | more,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return start
