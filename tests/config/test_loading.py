from pathlib import Path

import pytest

from retention_lab.config.loading import (
    definition_sha256,
    find_project,
    list_definitions,
    read_definition,
    read_project,
)
from retention_lab.errors import ConfigurationError
from tests.config.labs import CAMPAIGN, FLAT, lab_in


def test_the_project_is_found_from_any_folder_below(tmp_path: Path) -> None:
    lab_in(tmp_path)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_project(below) == tmp_path.resolve()


def test_no_project_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="lab init"):
        find_project(tmp_path)
    with pytest.raises(ConfigurationError, match="lab init"):
        read_project(tmp_path)


def test_definitions_are_listed_by_name_with_their_kind(tmp_path: Path) -> None:
    project = lab_in(tmp_path, mail=FLAT, again=CAMPAIGN, broken="a: [")
    found = [(d.name, d.kind) for d in list_definitions(project)]
    assert found == [("again", "campaign"), ("broken", None), ("mail", "uplift")]


def test_a_name_is_used_once_over_both_folders(tmp_path: Path) -> None:
    project = lab_in(tmp_path, mail=FLAT)
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "mail.yaml").write_text(CAMPAIGN)
    with pytest.raises(ConfigurationError, match="Two definitions are named 'mail'"):
        list_definitions(project)
    with pytest.raises(ConfigurationError, match="Two definitions are named 'mail'"):
        read_definition(project, "mail")


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    project = lab_in(tmp_path, mail=FLAT)
    with pytest.raises(ConfigurationError, match="Did you mean 'mail'"):
        read_definition(project, "mial")


@pytest.mark.parametrize("name", ["../mail", "", "-x", "a b", "a.b", "é"])
def test_a_name_outside_the_grammar_is_refused(tmp_path: Path, name: str) -> None:
    project = lab_in(tmp_path, mail=FLAT)
    with pytest.raises(ConfigurationError, match="cannot be a definition's name"):
        read_definition(project, name)


def test_a_definition_knows_its_name_and_file(tmp_path: Path) -> None:
    definition = read_definition(lab_in(tmp_path, mail=FLAT), "mail")
    assert definition.name == "mail"
    assert definition.file == tmp_path.resolve() / "experiments" / "mail.yaml"


@pytest.mark.parametrize("key", ["name", "file"])
def test_what_the_loader_adds_is_no_key_of_the_file(tmp_path: Path, key: str) -> None:
    project = lab_in(tmp_path, mail=FLAT + f"{key}: x\n")
    with pytest.raises(ConfigurationError, match="not known") as caught:
        read_definition(project, "mail")
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("override", "key", "message"),
    [
        ("learner=[s]", "learner", "Did you mean 'learners'"),
        ("treatment.contrl=x", "treatment.contrl", "Did you mean 'control'"),
        ("validation.share=high", "validation.share", "Expected a number, found text 'high'"),
        ("validation.share=1.5", "validation.share", "below 1, found number 1.5"),
        ("validation.share=.nan", "validation.share", "found number nan"),
        ("validation.folds=2.5", "validation.folds", "Expected a whole number, found number 2.5"),
        ("outcomes.visit=binry", "outcomes.visit", "Did you mean 'binary'"),
        ("id=[a]", "id", "Expected text, found a list of 1"),
        ("exclude=x", "exclude", "Expected a list, found text 'x'"),
        ("treatment=group", "treatment", "Expected a mapping"),
        ("treatment={column: group}", "treatment.control", "The key is missing"),
        ("kind=uplfit", "kind", "Did you mean 'uplift'"),
        ("kind=null", "kind", "does not say its kind"),
        ("propensity={colum: p}", "propensity.colum", "Did you mean 'column'"),
        ("learners=[s, tt]", "learners.1", "No uplift learner is named 'tt'"),
    ],
)
def test_an_error_names_file_key_and_what_was_expected(
    tmp_path: Path, override: str, key: str, message: str
) -> None:
    project = lab_in(tmp_path, mail=FLAT)
    with pytest.raises(ConfigurationError) as caught:
        read_definition(project, "mail", [override])
    assert caught.value.key == key
    assert caught.value.file is not None
    assert caught.value.file.endswith("mail.yaml")
    assert message in str(caught.value)


def test_the_hash_is_of_what_is_said_not_of_how_or_where(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    first = read_definition(lab_in(one, mail=FLAT), "mail")
    same = read_definition(lab_in(other, mail="# a comment\n" + FLAT + "exclude: []\n"), "mail")
    changed = read_definition(lab_in(other, mail=FLAT), "mail", ["validation.seed=8"])
    assert definition_sha256(first) == definition_sha256(same)
    assert definition_sha256(first) != definition_sha256(changed)


def test_definitions_cannot_be_changed(tmp_path: Path) -> None:
    definition = read_definition(lab_in(tmp_path, mail=FLAT), "mail")
    with pytest.raises(ValueError, match="frozen"):
        definition.name = "other"  # type: ignore[misc]
