import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from retention_lab.errors import LabError, StoreError
from retention_lab.tracking.files import flush_tree, locked, safe_relative

_HOLDER = """
import sys, time
from pathlib import Path
from retention_lab.tracking.files import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_is_held_by_one_and_free_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.lock"
    with (
        locked(path),
        pytest.raises(StoreError, match="Another process has held the lock"),
        locked(path, 0.05),
    ):
        pytest.fail("two hold the same lock")
    with locked(path, 0.05):
        pass


def test_a_lock_is_freed_by_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), locked(tmp_path / "a.lock"):
        raise ValueError("inside")
    with locked(tmp_path / "a.lock", 0.05):
        pass


def test_a_process_that_is_killed_frees_its_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(StoreError), locked(path, 0.05):
        pytest.fail("two hold the same lock")
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    start = time.monotonic()
    with locked(path, 10.0):
        assert time.monotonic() - start < 5


def test_a_lock_where_nothing_can_be_written_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"), locked(tmp_path / "file" / "a.lock"):
        pytest.fail("there is no such folder")


@pytest.mark.parametrize(
    "name", ["../x", "/x", "a/../x", "a//x", "a\\x", "c:x", "", ".", "a/.", "a\nb", "a/"]
)
def test_a_name_that_could_lead_out_of_its_folder_is_refused(name: str) -> None:
    with pytest.raises(LabError, match="lead out"):
        safe_relative(name)


@pytest.mark.parametrize("name", ["x", "a/b.txt", "a/.hidden", "Größe 10 %.json", "a..b"])
def test_a_plain_name_stays_as_it_is(name: str) -> None:
    assert safe_relative(name) == name


def test_every_file_and_folder_of_a_tree_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "x").write_text("x")
    (tmp_path / "a" / "b" / "y").write_text("y")
    flushed = set()
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.add(os.fstat(handle).st_ino))
    flush_tree(tmp_path / "a")
    assert flushed == {path.stat().st_ino for path in [tmp_path / "a", *(tmp_path / "a").rglob("*")]}
