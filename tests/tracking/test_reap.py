import os

import pytest

from retention_lab.tracking.process import host_name, is_gone, this_process
from retention_lab.tracking.reap import reap
from retention_lab.tracking.runs import begin_run, local_artifacts, start_run
from retention_lab.tracking.search import get_run
from retention_lab.tracking.store import Store


def test_a_process_knows_itself_and_a_later_one_of_its_number() -> None:
    tags = this_process().tags()
    assert is_gone(tags) is False
    assert is_gone(tags | {"lab.process_started": "1"}) is True
    assert is_gone(tags | {"lab.pid": "4194304"}) is True  # above the highest number of a process
    assert is_gone(tags | {"lab.boot": "another start of the machine/x"}) is True


def test_what_cannot_be_known_is_not_taken_for_gone() -> None:
    tags = this_process().tags()
    boot = tags["lab.boot"].partition("/")[0]
    assert is_gone(tags | {"lab.host": "elsewhere"}) is None
    assert is_gone(tags | {"lab.boot": f"{boot}/a container's numbers"}) is None
    assert is_gone({}) is None
    assert is_gone({"lab.host": host_name(), "lab.pid": "x"}) is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_that_ended_unwaited_for_is_gone() -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, this_process().tags()["lab.process_started"].encode())
        os._exit(0)
    started = os.read(reading, 100).decode()
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)  # ended, and still in the table of processes
    assert is_gone(this_process().tags() | {"lab.pid": str(child), "lab.process_started": started}) is True
    os.waitpid(child, 0)


def test_reap_closes_the_dead_alone_and_takes_their_half_written_files(store: Store) -> None:
    dead = begin_run(store, "train/winback", "dead", {})
    store.client.set_tag(dead.id, "lab.process_started", "1")
    folder = local_artifacts(dead.artifact_uri)
    assert folder is not None
    dead.log_text("result.json", "{}")
    (folder / ".half.part").write_bytes(b"half")
    (folder / f".half.json.{os.getpid()}-0123abcd.writing").write_bytes(b"half")
    (folder / "models" / "winback").mkdir(parents=True)
    store.client.create_run("0", run_name="of another tool")
    elsewhere = begin_run(store, "train/winback", "elsewhere", {})
    store.client.set_tag(elsewhere.id, "lab.host", "another machine")
    with start_run(store, "train/winback", "alive", {}):
        found = reap(store)
    assert [run.name for run in found.closed] == ["dead"]
    assert [run.name for run in found.alive] == ["alive"]
    assert {run.name for run in found.unknown} == {"of another tool", "elsewhere"}
    assert get_run(store, dead.id).status == "KILLED"
    assert get_run(store, elsewhere.id).status == "RUNNING"
    assert sorted(path.name for path in folder.rglob("*")) == ["models", "result.json"]
