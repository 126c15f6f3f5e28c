"""`lab ui` answers on this machine, and leaves nothing running."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from retention_lab.errors import UsageError
from retention_lab.workflows.project import open_project
from retention_lab.workflows.scaffold import scaffold
from retention_lab.workflows.ui import serve_ui
from tests.cli.running import BARE

SECONDS_TO_START = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    scaffold(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="taken"):
            serve_ui(open_project(tmp_path), taken.getsockname()[1], print)


@pytest.mark.slow
def test_the_ui_answers_until_it_is_stopped_and_leaves_nothing(tmp_path: Path) -> None:
    scaffold(tmp_path)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", BARE, "ui", "--port", str(port), "--json"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        address = json.loads(process.stdout.readline())["result"]["address"]
        assert address == f"http://127.0.0.1:{port}"
        assert answers(address)
        started = children(process.pid)
        assert started
        process.send_signal(signal.SIGTERM)  # harder than Ctrl-C, which a terminal sends to all
        assert process.wait(30) == 0
        assert process.stdout.read() == ""
        until = time.monotonic() + 30  # an ended child stays in the list until it has been waited for
        while left := [pid for pid in started if Path(f"/proc/{pid}").exists()]:
            assert time.monotonic() < until, left
            time.sleep(0.2)
    finally:
        process.stdout.close()
        if process.poll() is None:
            process.kill()
            process.wait()


def answers(address: str) -> bool:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            time.sleep(0.5)
    return False


def children(pid: int) -> list[int]:
    if not Path(f"/proc/{os.getpid()}/task").exists():
        pytest.skip("processes are listed in /proc only on Linux")
    own = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return own + [below for child in own for below in children(child)]
