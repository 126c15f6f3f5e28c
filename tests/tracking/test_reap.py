import os

from retention_lab.tracking.reap import reap
from retention_lab.tracking.runs import begin_run, local_artifacts, start_run
from retention_lab.tracking.search import get_run
from retention_lab.tracking.store import Store


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
