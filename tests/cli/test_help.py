"""Help is quick, complete, and ends with an example that can be typed as it stands."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from retention_lab.cli import app

HEAVY = (
    "mlflow", "sklearn", "lightgbm", "causalml", "statsmodels", "pandas", "duckdb", "sqlglot", "pyarrow",
    "numpy", "scipy", "yaml", "jinja2",
)  # fmt: skip
ROOT: Any = typer.main.get_command(app)
HELP_CPU_SECONDS = 0.6


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, (*path, name))


COMMANDS = dict(walk(ROOT))
IDS = [" ".join(("lab", *path)) for path in COMMANDS]


def test_no_help_text_loads_a_heavy_library() -> None:
    code = (
        "import json, sys\n"
        "from retention_lab.cli import run\n"
        f"for path in {list(COMMANDS)!r}:\n"
        "    assert run([*path, '--help']) == 0, path\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip().splitlines()[-1] == "[]"


def test_the_first_help_text_does_not_even_load_pydantic() -> None:
    # further down Typer reads its own options with it
    code = "import sys; from retention_lab.cli import run; run(['--help']); print('pydantic' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.endswith("False\n")


@pytest.mark.parametrize("path", COMMANDS, ids=IDS)
def test_every_command_has_help_that_ends_with_an_example(path: tuple[str, ...]) -> None:
    text = COMMANDS[path].help or ""
    assert len(text.splitlines()[0]) > 10
    assert text.strip().splitlines()[-1].startswith("Example: lab ")


@pytest.mark.parametrize("path", COMMANDS, ids=IDS)
def test_the_example_can_be_typed_as_it_stands(path: tuple[str, ...]) -> None:
    example = COMMANDS[path].help.strip().splitlines()[-1].removeprefix("Example: lab ")
    words, command, named = shlex.split(example), ROOT, []
    while hasattr(command, "commands"):
        named.append(words.pop(0))
        command = command.commands[named[-1]]
    assert tuple(named[: len(path)]) == path  # a group's example is one of its commands
    context = command.make_context(" ".join(named), words)  # refuses what it cannot read
    assert context.params


@pytest.mark.parametrize("path", [path for path in COMMANDS if path], ids=IDS[1:])
def test_a_list_of_commands_says_what_each_does_in_full(path: tuple[str, ...]) -> None:
    assert not COMMANDS[path].get_short_help_str(60).endswith("...")


def test_every_option_says_what_it_does() -> None:
    for path, command in COMMANDS.items():
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{' '.join(path)}: {parameter.name}"


@pytest.mark.parametrize("path", [p for p, c in COMMANDS.items() if not hasattr(c, "commands")], ids=" ".join)
def test_every_command_can_answer_in_json(path: tuple[str, ...]) -> None:
    assert "--json" in [word for parameter in COMMANDS[path].params for word in parameter.opts]
