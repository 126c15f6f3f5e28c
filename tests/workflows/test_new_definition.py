from pathlib import Path

import pytest

from retention_lab.errors import ConfigurationError, UsageError
from retention_lab.workflows.flat_rows import read_flat_rows
from retention_lab.workflows.new_definition import Answers, new_definition
from tests.config.labs import lab_in
from tests.workflows.drafted import new_uplift
from tests.workflows.flat_files import write_german_csv


def test_a_definition_is_never_overwritten(tmp_path: Path) -> None:
    project = lab_in(tmp_path, mail="# mine\nkind: uplift\n")
    with pytest.raises(ConfigurationError, match="already there"):
        new_uplift(project, write_german_csv(tmp_path / "kunden.csv", 50))
    assert (tmp_path / "experiments" / "mail.yaml").read_text() == "# mine\nkind: uplift\n"


def test_a_file_outside_the_project_is_named_from_it(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    project = lab_in(tmp_path / "lab")
    _, definition = new_uplift(project, write_german_csv(tmp_path / "kunden.csv"))
    assert definition.table == "../kunden.csv"
    assert len(read_flat_rows(project, definition)) == 2000


def test_kinds_that_it_does_not_write_are_refused(tmp_path: Path) -> None:
    project, file = lab_in(tmp_path), write_german_csv(tmp_path / "kunden.csv", 50)
    with pytest.raises(ConfigurationError, match="does not write definitions of kind 'demand'"):
        new_definition(project, "demand", "weeks", file, Answers())
    with pytest.raises(UsageError, match="Did you mean 'uplift'"):
        new_definition(project, "uplfit", "mail", file, Answers())
    with pytest.raises(UsageError, match="cannot be a definition's name"):
        new_definition(project, "uplift", "../mail", file, Answers())
    with pytest.raises(UsageError, match="--budget says nothing"):
        new_definition(project, "uplift", "mail", file, Answers(budget=1.0))
    with pytest.raises(UsageError, match="--outcome says nothing"):
        new_definition(project, "campaign", "may", file, Answers(outcomes=("y",)))
