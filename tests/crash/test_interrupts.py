"""Ctrl-C and SIGTERM while a command works: its runs are closed as KILLED, and it says so in one sentence."""

import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from evidence import crash_examine
from tests.crash.conftest import Lab


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_training_closes_its_runs(project: Path, lab: Lab, number: signal.Signals) -> None:
    # enough candidates that the training is still at work when the signal comes
    process = lab("train", "mail", "--set", "learners=[constant, s, t]", "--set", "validation.folds=20")
    until = time.monotonic() + 120
    while not crash_examine.running(project):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(number)
    out, errors = process.communicate(timeout=240)
    assert (out, process.returncode) == ("", 130)
    assert "Traceback" not in errors
    assert "Interrupted." in errors
    with closing(sqlite3.connect(project / "mlruns" / "mlflow.db")) as store:
        assert {status for (status,) in store.execute("SELECT status FROM runs")} == {"KILLED"}
    assert not any(crash_examine.faults(project).values())
    assert not crash_examine.staged(project)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after", [2.0, 4.0])
def test_a_command_interrupted_while_it_starts_prints_no_traceback(
    lab: Lab, number: signal.Signals, after: float
) -> None:
    process = lab("train", "mail")
    time.sleep(after)  # it imports, or reads the data
    process.send_signal(number)
    out, errors = process.communicate(timeout=240)
    assert "Traceback" not in out + errors
    # 0: a quick machine had it done; negative: it was done, and the signal came while Python was closing down
    assert process.returncode in (130, 0, -number)
