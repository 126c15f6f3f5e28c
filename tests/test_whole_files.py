import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from retention_lab.errors import LabError
from retention_lab.whole_files import remove_leftovers, write_all, write_whole


def test_when_one_of_several_files_cannot_be_staged_none_is_written(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"old")
    too_long = tmp_path / ("x" * 300)
    with pytest.raises(LabError, match="cannot be written"):
        write_all([(tmp_path / "a", b"new"), (too_long, b"new")])
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_folder_that_cannot_be_made_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="cannot be written"):
        write_whole(tmp_path / "file" / "a", b"x")


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f".a.parquet.{dead.pid}-0123abcd.writing").write_text("half")
    living = tmp_path / f".a.parquet.{os.getpid()}-0123abcd.writing"
    living.write_text("half")
    (tmp_path / ".other").write_text("not ours")
    assert remove_leftovers(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([living.name, ".other"])


def test_a_leftover_whose_process_number_is_in_use_again_goes_after_a_day(tmp_path: Path) -> None:
    old = tmp_path / f".a.parquet.{os.getpid()}-0123abcd.writing"
    old.write_text("half")
    os.utime(old, (time.time() - 100_000,) * 2)
    write_whole(tmp_path / "b", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


_WRITER = """
import sys
from pathlib import Path
from retention_lab.whole_files import write_all
folder = Path(sys.argv[1])
for n in range(1_000_000):
    text = str(n).encode() * 200_000
    write_all([(folder / "rows", text), (folder / "marker", text)])
    print(n, flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_kill_at_any_moment_leaves_whole_files_and_the_marker_never_ahead(tmp_path: Path) -> None:
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.013 * attempt)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = {}
        for name in ("rows", "marker"):
            text = (folder / name).read_bytes()
            number = text[: len(text) // 200_000]
            assert text == number * 200_000
            found[name] = int(number)
        assert found["rows"] - found["marker"] in (0, 1)
        write_whole(folder / "next", b"works")
        assert sorted(path.name for path in folder.iterdir()) == ["marker", "next", "rows"]


def test_a_marker_of_an_earlier_write_is_gone_before_the_first_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, marker = tmp_path / "send.csv", tmp_path / "manifest.json"
    write_all([(data, b"old"), (marker, b"of old")])
    seen = []
    replace = Path.replace

    def watched(source: Path, target: Path) -> Path:
        seen.append((target.name, marker.exists()))
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", watched)
    write_all([(data, b"new"), (marker, b"of new")], retract=marker)
    assert seen == [("send.csv", False), ("manifest.json", False)]
    assert marker.read_bytes() == b"of new"


def test_a_marker_stays_where_the_new_files_cannot_even_be_staged(tmp_path: Path) -> None:
    data, marker = tmp_path / "send.csv", tmp_path / "manifest.json"
    write_all([(data, b"old"), (marker, b"of old")])
    with pytest.raises(LabError):
        write_all([(tmp_path / ("n" * 300), b"new"), (marker, b"of new")], retract=marker)
    assert (data.read_bytes(), marker.read_bytes()) == (b"old", b"of old")
