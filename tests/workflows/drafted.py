"""Definitions drafted from small files, for the tests of `lab new`."""

from pathlib import Path

from retention_lab.config.loading import read_definition
from retention_lab.config.project import Project
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.workflows.new_definition import Answers, NewDefinition, new_definition


def new_uplift(project: Project, file: Path, **answers: object) -> tuple[NewDefinition, UpliftDefinition]:
    report = new_definition(project, "uplift", "mail", file, Answers(**answers))  # type: ignore[arg-type]
    definition = read_definition(project, "mail")
    assert isinstance(definition, UpliftDefinition)
    return report, definition


def csv(folder: Path, text: str, name: str = "a.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def rows_of(columns: str, line: str, count: int = 40) -> str:
    """A CSV whose lines are `line` with {i} the row, {arm} 0 or 1 and {seven} the row's rest by 7."""
    lines = [line.format(i=i, arm=i % 2, seven=i % 7) for i in range(count)]
    return "\n".join([columns, *lines])
