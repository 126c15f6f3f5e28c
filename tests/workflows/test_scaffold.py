from pathlib import Path

import pytest

from retention_lab import catalog
from retention_lab.config.loading import list_definitions, read_definition, read_project
from retention_lab.errors import ConfigurationError
from retention_lab.workflows.scaffold import TEMPLATES, scaffold
from tests.shared_data import ROOT

NAMES = {"churn", "clv", "recommend", "segments", "rules", "demand", "feedback", "winback-uplift"} | {
    *("winback", "welcome", "second-purchase", "loyalty-tier", "sleeping", "education")
}


def test_a_new_lab_has_its_folders_and_definitions_that_can_be_read(tmp_path: Path) -> None:
    files = scaffold(tmp_path / "acme")
    project = read_project(tmp_path / "acme")
    assert project.settings.name == "acme"
    assert {definition.name for definition in list_definitions(project)} == NAMES
    for name in NAMES:
        read_definition(project, name)
    for folder in ("experiments", "campaigns", "data", "mlruns"):
        assert (tmp_path / "acme" / folder).is_dir()
    assert all(file.is_file() for file in files)


def test_every_kind_over_the_projects_tables_is_shown(tmp_path: Path) -> None:
    scaffold(tmp_path)
    kinds = {definition.kind for definition in list_definitions(read_project(tmp_path))}
    assert kinds == set(catalog.KINDS) - {"abtest"}  # a test has a table of its own


def test_every_definition_starts_with_what_it_is_for(tmp_path: Path) -> None:
    scaffold(tmp_path)
    for definition in list_definitions(read_project(tmp_path)):
        assert definition.path.read_text(encoding="utf-8").startswith("# ")


def test_data_and_the_store_are_kept_out_of_git(tmp_path: Path) -> None:
    scaffold(tmp_path)
    assert {"/data/", "/mlruns/"} <= set((tmp_path / ".gitignore").read_text().splitlines())


@pytest.mark.parametrize("name", ["no", "1", "a: b", "ünï", "x # y"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    scaffold(tmp_path / name)
    assert read_project(tmp_path / name).settings.name == name


def test_a_project_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text("name: mine\n")
    with pytest.raises(ConfigurationError, match=r"lab\.yaml is already there"):
        scaffold(tmp_path)
    assert (tmp_path / "lab.yaml").read_text() == "name: mine\n"
    assert [path.name for path in tmp_path.iterdir()] == ["lab.yaml"]


def test_a_file_of_the_users_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "churn.yaml").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"experiments/churn\.yaml is already there"):
        scaffold(tmp_path)
    assert (tmp_path / "experiments" / "churn.yaml").read_text() == "mine"
    assert not (tmp_path / "lab.yaml").exists()


def test_what_an_interruption_left_does_not_stand_in_the_way(tmp_path: Path) -> None:
    scaffold(tmp_path)
    (tmp_path / "lab.yaml").unlink()  # it is written last
    assert [path.name for path in scaffold(tmp_path)] == ["lab.yaml"]


def test_a_gitignore_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    scaffold(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_a_file_is_no_place_for_a_project(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with pytest.raises(ConfigurationError, match="is a file"):
        scaffold(tmp_path / "a")


@pytest.mark.parametrize("file", ["experiments/winback-uplift.yaml", "campaigns/winback.yaml"])
def test_the_repositorys_own_lab_has_the_definitions_that_are_scaffolded(file: str) -> None:
    folder, name = file.split("/")
    assert (ROOT / file).read_bytes() == (TEMPLATES / folder / name).read_bytes()
