"""A registered uplift model behind `mlflow models serve`: what it answers, and what it refuses."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.tracking import registry
from tests.workflows.flat_labs import customers, flat_lab, trained

SECONDS_TO_START = 120.0
pytestmark = pytest.mark.slow
COLUMNS = ["customer", "age", "before", "city"]
ROWS = customers(3, seed=4).select(COLUMNS)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a served version, with refits."""
    folder = tmp_path_factory.mktemp("served")
    table = customers(2000)
    gaps = pa.array(table["age"].to_pylist(), mask=np.arange(2000) % 20 == 0)
    lab = flat_lab(folder, table.set_column(1, "age", gaps))
    trained(lab, overrides=("spread=2",))
    source = registry.get_version(lab.open_store(), "mail", "1").source
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", source]
    command += ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # uvicorn
    environment["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] = "false"
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True
        )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/ping", server, folder / "log.txt")
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        _stop(server)


def _stop(server: "subprocess.Popen[bytes]") -> None:
    if server.poll() is None:
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


def ask(address: str, rows: list[dict[str, Any]], **params: Any) -> tuple[int, Any]:
    """Status, and what came back."""
    body: dict[str, Any] = {"dataframe_records": rows}
    if params:
        body["params"] = params
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_rows_are_answered_as_the_scorer_answers_them(address: str) -> None:
    status, found = ask(address, ROWS.to_pylist())
    assert status == 200
    first = found["predictions"][0]
    assert list(first) == ["id", "effect.coupon", "best_arm"]
    assert [row["id"] for row in found["predictions"]] == ROWS["customer"].to_pylist()


def test_the_parameters_arm_and_interval_are_taken(address: str) -> None:
    status, found = ask(address, ROWS.to_pylist(), arm="coupon", interval=True)
    assert status == 200
    assert list(found["predictions"][0]) == ["id", "effect.coupon", "spread.coupon", "best_arm"]


@pytest.mark.parametrize(
    ("change", "params", "words"),
    [
        ({"age": ...}, {}, "age"),
        ({"age": "old"}, {}, "age"),
        ({}, {"arm": "kupon"}, "kupon"),
        ({}, {"interval": "perhaps"}, "interval"),
    ],
    ids=["a column is missing", "text in a number", "an unknown arm", "no truth value"],
)
def test_what_does_not_fit_is_refused_as_the_askers_fault(
    address: str, change: dict[str, Any], params: dict[str, Any], words: str
) -> None:
    rows = [
        {key: value for key, value in (row | change).items() if value is not ...} for row in ROWS.to_pylist()
    ]
    status, found = ask(address, rows, **params)
    assert status == 400
    assert words in found


def test_nulls_are_missing_values(address: str) -> None:
    first, *others = ROWS.to_pylist()
    status, found = ask(address, [first | {"age": None, "before": None, "city": None}, *others])
    assert status == 200
    effects = [row["effect.coupon"] for row in found["predictions"]]
    assert effects[1:] == [row["effect.coupon"] for row in ask(address, others)[1]["predictions"]]
