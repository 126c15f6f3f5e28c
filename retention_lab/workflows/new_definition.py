"""`lab new`: profile a file, guess what was not said, and write a commented definition."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retention_lab import catalog
from retention_lab.config.loading import definition_from, list_definitions
from retention_lab.config.project import Project
from retention_lab.config.yaml_text import parse_yaml
from retention_lab.data.read import read_flat
from retention_lab.errors import ConfigurationError, UsageError, did_you_mean
from retention_lab.settings.values import NAME_PATTERN
from retention_lab.whole_files import write_whole
from retention_lab.workflows.definition_draft import Answers, Draft, Guess, LeftOut
from retention_lab.workflows.new_abtest import draft_abtest
from retention_lab.workflows.new_campaign import draft_campaign
from retention_lab.workflows.new_churn import draft_churn
from retention_lab.workflows.new_clv import draft_clv
from retention_lab.workflows.new_uplift import draft_uplift

__all__ = ["Answers", "NewDefinition", "new_definition"]

# What can be said about a definition of each kind that this command writes.
_TEST = ("treatment", "control", "outcomes", "id")
_SAYS = {
    "uplift": _TEST,
    "churn": ("control", "outcomes", "id"),
    "clv": ("customer", "time", "amount"),
    "abtest": _TEST,
    "campaign": ("id", "model", "budget", "cost"),
}


@dataclass(frozen=True, slots=True)
class NewDefinition:
    """A definition that was written: where, what was guessed and why, and the columns left out."""

    kind: str
    name: str
    path: Path
    guesses: tuple[Guess, ...]
    excluded: tuple[LeftOut, ...]
    next_command: str

    def as_json(self) -> dict[str, Any]:
        """Plain values, for --json."""
        return {
            "kind": self.kind,
            "name": self.name,
            "path": str(self.path),
            "guesses": [{"key": guess.key, "value": guess.value, "why": guess.why} for guess in self.guesses],
            "excluded": [{"column": left.column, "why": left.why} for left in self.excluded],
            "next": self.next_command,
        }


def new_definition(project: Project, kind: str, name: str, table: Path, answers: Answers) -> NewDefinition:
    """Write `experiments/<name>.yaml` or `campaigns/<name>.yaml` for a file; nothing is overwritten.

    table: relative to the working directory, or else to the project.
    Raises LabError where the file cannot be read or a column that is needed cannot be guessed,
    UsageError where an option does not belong to the kind, ConfigurationError where the name is taken or
    the kind is not one that this command writes.
    """
    _check_kind(kind, answers)
    _check_name(project, name)
    file = table if table.exists() else project.path(table)
    rows, path = read_flat(file), _from_project(file, project.folder)
    draft = _draft(project, kind, rows, path, name, answers)
    target = project.path("campaigns" if kind == "campaign" else "experiments") / f"{name}.yaml"
    definition_from(parse_yaml(draft.text, file=target), name, target)  # what is written can be read
    write_whole(target, draft.text.encode())
    return NewDefinition(kind, name, target, draft.guesses, draft.excluded, draft.next_command)


def _draft(project: Project, kind: str, rows: Any, path: str, name: str, answers: Answers) -> Draft:
    if kind == "uplift":
        return draft_uplift(rows, path, name, answers)
    if kind == "churn":
        return draft_churn(rows, path, name, answers)
    if kind == "clv":
        return draft_clv(rows, path, name, answers)
    if kind == "abtest":
        return draft_abtest(rows, path, name, answers)
    return draft_campaign(project, rows, path, name, answers)


def _check_kind(kind: str, answers: Answers) -> None:
    if kind not in catalog.KINDS:
        raise UsageError(f"There is no kind '{kind}'.", did_you_mean(kind, _SAYS))
    if kind not in _SAYS:
        raise ConfigurationError(
            f"`lab new` does not write definitions of kind '{kind}'.",
            f"It writes {', '.join(_SAYS)}; `lab init` lays commented examples of every other kind.",
        )
    for option in Answers.__slots__:
        if option not in _SAYS[kind] and getattr(answers, option) not in (None, ()):
            word = "outcome" if option == "outcomes" else option
            raise UsageError(f"--{word} says nothing about a definition of kind '{kind}'.", "Leave it out.")


def _check_name(project: Project, name: str) -> None:
    if not re.fullmatch(NAME_PATTERN, name):
        raise UsageError(
            f"'{name}' cannot be a definition's name.",
            "Names have letters, digits, `_` and `-`, and start with a letter or a digit.",
        )
    for definition in list_definitions(project):
        if definition.name == name:
            raise ConfigurationError(
                f"A definition named '{name}' is already there, and stays as it is.",
                "Choose another name, or remove it first.",
                file=definition.path,
            )


def _from_project(file: Path, folder: Path) -> str:
    """The path as a definition writes it: relative to the project, also where that leads out of it."""
    return Path(os.path.relpath(file.resolve(), folder)).as_posix()
