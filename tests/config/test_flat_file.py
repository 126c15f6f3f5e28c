from pathlib import Path

import pytest

from retention_lab.config.flat_file import DATA_FOLDER_VARIABLE, find_flat_file
from retention_lab.errors import ConfigurationError
from tests.config.labs import lab_in


def test_a_file_of_the_project_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, shared = lab_in(tmp_path), tmp_path / "shared"
    for folder in (tmp_path / "data", shared):
        folder.mkdir()
        (folder / "a.csv.gz").write_text("x")
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(shared))
    assert find_flat_file(project, "data/a.csv.gz") == tmp_path.resolve() / "data" / "a.csv.gz"


@pytest.mark.parametrize("place", ["data/a.csv.gz", "a.csv.gz", "a/a.csv.gz"])
def test_else_it_is_looked_for_among_the_users_data_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    file = tmp_path / "shared" / place
    file.parent.mkdir(parents=True)
    file.write_text("x")
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path / "shared"))
    assert find_flat_file(lab_in(tmp_path), "data/a.csv.gz") == file


def test_a_missing_file_is_refused_with_the_places_and_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATA_FOLDER_VARIABLE, raising=False)
    with pytest.raises(ConfigurationError) as caught:
        find_flat_file(
            lab_in(tmp_path), "data/a.csv", source="the MineThatData challenge", file=Path("m.yaml")
        )
    assert str(tmp_path.resolve() / "data" / "a.csv") in caught.value.found
    assert "the MineThatData challenge" in caught.value.next_step
    assert f"set {DATA_FOLDER_VARIABLE}" in caught.value.next_step
    assert (caught.value.file, caught.value.key) == ("m.yaml", "table")
