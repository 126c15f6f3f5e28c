"""The same calls against an MLflow server of the team's."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from retention_lab.errors import LabError, StoreError
from retention_lab.tracking import journal, registry
from retention_lab.tracking.models import load_version, register
from retention_lab.tracking.reap import reap
from retention_lab.tracking.runs import begin_run, start_run
from retention_lab.tracking.search import find_runs, get_run
from retention_lab.tracking.store import Store, open_store
from retention_lab.workflows.store import doctor
from tests.tracking.tiny import Tiny, tiny_model

SECONDS_TO_START = 120.0


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    database = open_store(folder).database
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--backend-store-uri", f"sqlite:///{database}", "--workers", "1"]
    command += ["--serve-artifacts", "--artifacts-destination", str(folder / "artifacts")]
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/health", server, folder / "log.txt")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(20)


def _wait_until_healthy(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")


@pytest.fixture
def server(address: str, tmp_path: Path) -> Store:
    return open_store(tmp_path, address)


@pytest.mark.slow
def test_runs_and_their_files_are_kept_by_the_server(server: Store) -> None:
    with start_run(server, "train/runs", "parent", {"lab.kind": "uplift"}) as parent:
        parent.log_metrics({"a": 1.0})
        parent.log_json("figures/result.json", {"a": 1})
        with start_run(server, "train/runs", "child", {}, parent=parent):
            pass
    kept = get_run(server, parent.id)
    assert (kept.status, kept.metrics, kept.tags["lab.kind"]) == ("FINISHED", {"a": 1.0}, "uplift")
    assert [run.parent for run in find_runs(server, "train/runs")].count(parent.id) == 1
    assert [file.path for file in server.client.list_artifacts(parent.id, "figures")] == [
        "figures/result.json"
    ]


@pytest.mark.slow
def test_models_are_registered_promoted_and_loaded_from_the_server(server: Store) -> None:
    for slope in (1.0, 2.0):
        with start_run(server, "train/winback", "x", {}) as run:
            register(run, "winback", tiny_model(slope), {}, alias="challenger")
    assert load_version(server, "winback").model == Tiny(2.0)
    journal.move_champion(server, "winback", "2", who="ann", why="better", evidence={})
    assert journal.champion_is_gated(server, "winback")
    assert load_version(server, "winback", "@champion").version == "2"
    registry.set_alias(server, "winback", "champion", "1")
    assert not journal.champion_is_gated(server, "winback")
    with pytest.raises(LabError, match="no version 9"):
        load_version(server, "winback", "/9")
    assert {check["name"]: check["passed"] for check in doctor(server.folder, server.uri).checks} == {
        "database": None,
        "stale_runs": True,
        "model_files": True,
        "champions": False,
    }


@pytest.mark.slow
def test_dead_runs_on_the_server_are_reaped_from_their_own_machine(server: Store) -> None:
    dead = begin_run(server, "train/dead", "dead", {})
    server.client.set_tag(dead.id, "lab.process_started", "1")
    assert [run.id for run in reap(server).closed] == [dead.id]
    assert get_run(server, dead.id).status == "KILLED"


@pytest.mark.slow
def test_something_else_than_mlflow_at_the_address_is_a_store_error(address: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        open_store(tmp_path, f"{address}/not-here")
