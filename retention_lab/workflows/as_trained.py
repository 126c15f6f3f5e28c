"""The definition that a model was trained from: read as its kind, kept with the run, found by a version."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from retention_lab.config.base import Definition
from retention_lab.config.loading import read_definition
from retention_lab.errors import ConfigurationError
from retention_lab.tracking.models import Loaded
from retention_lab.workflows.project import Lab

OVERRIDES_TAG = "lab.overrides"
_Kind = TypeVar("_Kind", bound=Definition)


def definition_of(
    lab: Lab, name: str, kind: str, reader: type[_Kind], overrides: Sequence[str] = ()
) -> _Kind:
    """The definition of that name. Raises ConfigurationError where it is of another kind."""
    definition = read_definition(lab.project, name, overrides)
    if not isinstance(definition, reader):
        raise ConfigurationError(
            f"'{name}' is no definition of `kind: {kind}`.",
            "`lab validate` lists the kinds of all.",
            file=definition.file,
            key="kind",
        )
    return definition


def definition_text(file: Path, overrides: Sequence[str]) -> str:
    """The file as it was read, below what was set on the command line."""
    said = "".join(f"# --set {override}\n" for override in overrides)
    return said + file.read_text(encoding="utf-8-sig")


def overrides_tag(overrides: Sequence[str]) -> dict[str, str]:
    """The tag by which a version remembers what was set on the command line."""
    return {OVERRIDES_TAG: json.dumps(list(overrides), ensure_ascii=False)}


def overrides_of(version: Loaded) -> list[str]:
    """What was set on the command line when a version was trained."""
    found: list[str] = json.loads(version.tags.get(OVERRIDES_TAG, "[]"))
    return found


def served_field(table: pa.Table, field: pa.Field) -> pa.Field:
    """A column as a served model reads it.

    Whole numbers with gaps reach it as other numbers, which MLflow takes for whole ones only where none is
    missing.
    """
    gaps = pa.types.is_integer(field.type) and table.column(field.name).null_count > 0
    return field.with_type(pa.float64()) if gaps else field
