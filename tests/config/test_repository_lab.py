"""The repository is itself a lab: what it ships can be read."""

import pytest

from retention_lab.config.loading import list_definitions, read_definition, read_project
from tests.shared_data import ROOT

NAMES = ("hillstrom", "hillstrom-mail", "winback", "winback-uplift")


def test_every_definition_of_the_repository_is_listed() -> None:
    assert {definition.name for definition in list_definitions(read_project(ROOT))} >= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_repositorys_definitions_can_be_read(name: str) -> None:
    assert read_definition(read_project(ROOT), name).name == name
