import subprocess
from pathlib import Path

import pytest

from retention_lab.tracking.git import git_commit

AUTHOR = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")


def git(folder: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *AUTHOR, *words], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "lab.yaml").write_text("name: acme\n")
    git(folder, "add", "lab.yaml")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_the_commit_is_known_from_any_folder_of_the_repository(repository: Path) -> None:
    (repository / "data").mkdir()
    head = git(repository, "rev-parse", "HEAD")
    assert len(head) == 40
    assert git_commit(repository) == git_commit(repository / "data") == head


def test_changes_that_are_not_committed_show_and_new_files_do_not(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    (repository / "notes.txt").write_text("new")
    assert git_commit(repository) == head
    (repository / "lab.yaml").write_text("name: other\n")
    assert git_commit(repository) == f"{head}+"


def test_outside_of_a_repository_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_commit(tmp_path) is None


def test_without_git_there_is_no_commit(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert git_commit(repository) is None
