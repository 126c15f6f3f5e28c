"""Find the project, and read its definitions: the one place where YAML becomes typed objects."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retention_lab import catalog
from retention_lab.config.base import Definition
from retention_lab.config.overrides import with_overrides
from retention_lab.config.project import Project, ProjectSettings
from retention_lab.config.yaml_text import read_yaml
from retention_lab.errors import ConfigurationError, did_you_mean
from retention_lab.settings.problems import shown, validated
from retention_lab.settings.values import NAME_PATTERN

PROJECT_FILE = "lab.yaml"
FOLDERS = ("experiments", "campaigns")


@dataclass(frozen=True, slots=True)
class DefinitionFile:
    """A definition's name (the file's stem), its kind (None where the file cannot be read), its path."""

    name: str
    kind: str | None
    path: Path


def find_project(start: Path | None = None) -> Path:
    """The nearest folder at or above `start` (the working directory) that has a lab.yaml.

    Raises ConfigurationError where there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise ConfigurationError(
        f"No {PROJECT_FILE} in {here} or above it, so there is no project here.",
        "Change to a project, name one with --project DIR, or make one with `lab init`.",
    )


def read_project(folder: Path) -> Project:
    """The project in a folder. Raises ConfigurationError where lab.yaml is missing or wrong."""
    file = folder / PROJECT_FILE
    if not file.is_file():
        raise ConfigurationError(
            f"No {PROJECT_FILE} in {folder}.", "Make a project there with `lab init`.", file=file
        )
    return Project(folder.resolve(), validated(ProjectSettings, read_yaml(file), file))


def list_definitions(project: Project) -> list[DefinitionFile]:
    """Every definition of the project, by name. Raises ConfigurationError where two share a name."""
    found: dict[str, DefinitionFile] = {}
    for path in _definition_paths(project):
        if path.stem in found:
            other = found[path.stem].path.relative_to(project.folder).as_posix()
            raise ConfigurationError(
                f"Two definitions are named '{path.stem}': {other} is the other.",
                "Rename one: a name is used once over experiments/ and campaigns/.",
                file=path,
            )
        found[path.stem] = DefinitionFile(path.stem, _kind(path), path)
    return sorted(found.values(), key=lambda definition: definition.name)


def read_definition(project: Project, name: str, overrides: Sequence[str] = ()) -> Definition:
    """The definition called `name`, with `--set` overrides applied.

    Raises ConfigurationError, with file and key, for an unknown name and for anything that does not fit.
    """
    file = _file_of(project, name)
    data = with_overrides(read_yaml(file), overrides, file)
    return definition_from(data, name, file)


def definition_from(data: dict[str, Any], name: str, file: Path) -> Definition:
    """A typed definition from the mapping that its file holds."""
    kind = data.get("kind")
    if kind is None:
        raise ConfigurationError(
            "The definition does not say its kind.",
            f"Add `kind: {'|'.join(catalog.KINDS)}`.",
            file=file,
            key="kind",
        )
    if kind not in catalog.KINDS:
        raise ConfigurationError(
            f"There is no such kind of definition: {shown(kind)}.",
            did_you_mean(str(kind), catalog.KINDS),
            file=file,
            key="kind",
        )
    model: type[Definition] = catalog.resolve(catalog.KINDS[kind])
    for key in sorted(model.set_by_loader & data.keys()):
        known = [known for known in model.model_fields if known not in model.set_by_loader]
        raise ConfigurationError(
            f"The key is not known: a definition's {key} comes from its file.",
            did_you_mean(key, known),
            file=file,
            key=key,
        )
    return validated(model, {**data, "name": name, "file": file}, file)


def definition_sha256(definition: Definition) -> str:
    """SHA-256 of what a definition says, defaults included; comments and the file's place do not count."""
    content = definition.model_dump(mode="json", by_alias=True, exclude={"file"})
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _definition_paths(project: Project) -> list[Path]:
    return [
        path
        for folder in FOLDERS
        for path in sorted(project.path(folder).glob("*"))
        if path.suffix in (".yaml", ".yml") and path.is_file() and not path.name.startswith(".")
    ]


def _file_of(project: Project, name: str) -> Path:
    if not re.fullmatch(NAME_PATTERN, name):
        raise ConfigurationError(
            f"'{name}' cannot be a definition's name.",
            "Names have letters, digits, `_` and `-`, and start with a letter or a digit.",
        )
    paths = [path for path in _definition_paths(project) if path.stem == name]
    if len(paths) > 1:
        list_definitions(project)  # says which two
    if not paths:
        names = sorted(path.stem for path in _definition_paths(project))
        hint = did_you_mean(name, names) if names else "There are none yet: `lab new` writes one."
        raise ConfigurationError(f"No definition is named '{name}' in experiments/ or campaigns/.", hint)
    return paths[0]


def _kind(path: Path) -> str | None:
    try:
        kind = read_yaml(path).get("kind")
    except ConfigurationError:
        return None
    return kind if isinstance(kind, str) else None
