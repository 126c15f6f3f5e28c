"""A disk that is full, a folder that may not be written, a store that another program holds."""

import json
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from evidence import crash_examine
from tests.crash.conftest import Lab


def answer(process: "object") -> dict[str, object]:
    out, errors = process.communicate(timeout=240)  # type: ignore[attr-defined]
    assert "Traceback" not in out + errors
    found: dict[str, object] = json.loads(out)
    return found


@pytest.mark.slow
def test_a_store_that_is_held_for_three_seconds_is_waited_for(project: Path, lab: Lab) -> None:
    assert lab("store", "doctor").wait(timeout=120) == 0  # makes the store
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
    assert lab("train", "mail").wait(timeout=240) == 0
    versions = "SELECT count(*) FROM model_versions"
    for kilobytes in (2, 64, 256):  # a full disk: the data file, the store's log, or nothing can be written
        limited = ("bash", "-c", f'ulimit -f {kilobytes}; exec "$@"', "limited")
        found = answer(lab("train", "mail", "--json", before=limited))
        error = found["error"]
        assert isinstance(error, dict)
        assert (error["code"], error["kind"]) in [(3, "data"), (4, "store")], error
        assert crash_examine.database_sound(project)
    assert lab("store", "reap").wait(timeout=240) == 0
    assert not any(crash_examine.faults(project).values())
    with closing(sqlite3.connect(project / "mlruns" / "mlflow.db")) as store:
        assert store.execute(versions).fetchone() == (1,)
    assert "result" in answer(lab("train", "mail", "--json"))


@pytest.mark.slow
def test_a_project_that_may_not_be_written_is_refused_in_plain_words(project: Path, lab: Lab) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not there to become another user")
    project.chmod(0o755)
    for folder in project.parents:
        if folder.stat().st_mode & 0o005 != 0o005:
            pytest.skip(f"another user may not read {folder}")
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    error = answer(lab("train", "mail", "--json", before=nobody, HOME=str(project)))["error"]
    assert isinstance(error, dict)
    assert (error["code"], error["kind"]) in [(3, "data"), (4, "store")], error
    assert sorted(path.name for path in project.iterdir()) == ["campaigns", "data", "experiments", "lab.yaml"]
