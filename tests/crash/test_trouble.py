"""A disk that is full, a folder that may not be written, a store that another program holds."""

import json
import os
import shutil
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from evidence import crash_examine
from tests.crash.conftest import Lab


def code(process: "subprocess.Popen[str]") -> int:
    process.communicate(timeout=240)
    return process.returncode


def answer(process: "subprocess.Popen[str]") -> dict[str, object]:
    out, errors = process.communicate(timeout=240)
    assert "Traceback" not in out + errors
    found: dict[str, object] = json.loads(out)
    return found


@pytest.mark.slow
def test_a_store_that_is_held_for_three_seconds_is_waited_for(project: Path, lab: Lab) -> None:
    assert code(lab("store", "doctor")) == 0  # makes the store
    held = threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(project / "mlruns" / "mlflow.db")) as store:
            store.execute("BEGIN EXCLUSIVE")
            held.set()
            time.sleep(3.0)

    process = lab("train", "mail", "--json")
    while not (project / "mlruns" / "mlflow.db-shm").exists():  # it is about to write
        assert process.poll() is None
        time.sleep(0.01)
    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    assert "result" in answer(process)
    holder.join()
    assert not any(crash_examine.faults(project).values())


@pytest.mark.slow
def test_files_that_may_not_grow_end_the_training_with_an_error_and_no_damage(
    project: Path, lab: Lab
) -> None:
    assert code(lab("train", "mail")) == 0
    for kilobytes in (2, 64, 256):  # a full disk: the data file, the store's log, or nothing can be written
        limited = ("bash", "-c", f'ulimit -f {kilobytes}; exec "$@"', "limited")
        found = answer(lab("train", "mail", "--json", before=limited))
        error = found["error"]
        assert isinstance(error, dict)
        assert (error["code"], error["kind"]) in [(3, "data"), (4, "store")], error
        assert crash_examine.database_sound(project)
    assert code(lab("store", "reap")) == 0
    assert not any(crash_examine.faults(project).values())
    assert code(lab("store", "doctor")) == 0  # every registered version has its files
    assert "result" in answer(lab("train", "mail", "--json"))


@pytest.mark.slow
def test_a_project_that_may_not_be_written_is_refused_in_plain_words(project: Path, lab: Lab) -> None:
    before: tuple[str, ...] = ()
    if os.geteuid() == 0:  # whom no mode stops, unless that right is taken away
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv is not there to take root's rights over files away")
        before = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner")
    folders = [project, *(path for path in project.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        error = answer(lab("train", "mail", "--json", before=before))["error"]
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert isinstance(error, dict)
    assert (error["code"], error["kind"]) in [(3, "data"), (4, "store")], error
    assert sorted(path.name for path in project.iterdir()) == ["campaigns", "data", "experiments", "lab.yaml"]
