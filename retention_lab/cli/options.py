"""The options that several commands share, so that their help texts agree everywhere."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from retention_lab.cli.completion import definition_names

Name = Annotated[
    str,
    typer.Argument(help="Name of a definition: the stem of its YAML file.", autocompletion=definition_names),
]
Names = Annotated[
    list[str],
    typer.Argument(
        help="Names of definitions: the stems of their YAML files.", autocompletion=definition_names
    ),
]
Selector = Annotated[
    str,
    typer.Argument(
        help="Name of a model: NAME, NAME@champion, NAME@challenger or NAME/VERSION.",
        autocompletion=definition_names,
    ),
]
ProjectFolder = Annotated[
    Path | None,
    typer.Option("--project", help="The project's folder; found by walking up to lab.yaml if not given."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
        help="Look at the customers as they stood at the start of this date, in the project's time zone; "
        "the day after the last transaction if not given.",
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a key of the definition: a.b=value. May be given several times."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")]
