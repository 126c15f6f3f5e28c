from pathlib import Path

import pytest

from retention_lab.errors import LabError, StoreError
from retention_lab.tracking.artifacts import log_artifact, read_artifact
from retention_lab.tracking.runs import local_artifacts, start_run
from retention_lab.tracking.search import RunRecord, get_run
from retention_lab.tracking.store import Store


@pytest.fixture
def ended(store: Store) -> RunRecord:
    with start_run(store, "train/winback", "x", {}) as run:
        run.log_bytes("figures/one.bin", b"\x00\x01")
    return get_run(store, run.id)


def test_what_a_run_kept_reads_back(store: Store, ended: RunRecord) -> None:
    assert read_artifact(store, ended, "figures/one.bin") == b"\x00\x01"


def test_a_run_that_has_ended_may_be_given_one_more_file(store: Store, ended: RunRecord) -> None:
    log_artifact(store, ended.id, "pages/report.html", b"<p>")
    log_artifact(store, ended.id, "pages/report.html", b"<p>again")
    assert read_artifact(store, ended, "pages/report.html") == b"<p>again"
    assert get_run(store, ended.id).status == "FINISHED"
    folder = local_artifacts(ended.artifact_uri)
    assert folder is not None
    assert sorted(path.name for path in folder.rglob("*.*")) == ["one.bin", "report.html"]


def test_a_file_that_is_gone_is_named_with_what_to_do(store: Store, ended: RunRecord) -> None:
    folder = local_artifacts(ended.artifact_uri)
    assert folder is not None
    (folder / "figures" / "one.bin").unlink()
    with pytest.raises(StoreError, match=r"figures/one\.bin .* cannot be read") as caught:
        read_artifact(store, ended, "figures/one.bin")
    assert "lab store doctor" in caught.value.next_step


@pytest.mark.parametrize("path", ["../../../mlflow.db", "/etc/passwd", "a//b", ""])
def test_paths_that_lead_out_of_the_run_are_refused(store: Store, ended: RunRecord, path: str) -> None:
    with pytest.raises(LabError, match="lead out"):
        read_artifact(store, ended, path)
    with pytest.raises(LabError, match="lead out"):
        log_artifact(store, ended.id, path, b"x")


def test_a_file_for_a_run_that_does_not_exist_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        log_artifact(store, "0" * 32, "x.txt", b"x")
    assert not list(tmp_path.rglob("x.txt"))
