"""Help is quick, complete, and ends with an example."""

import subprocess
import sys

import pytest
import typer.main

from retention_lab.cli import app

HEAVY = (
    "mlflow", "sklearn", "lightgbm", "causalml", "statsmodels", "pandas", "duckdb", "sqlglot", "pyarrow",
)  # fmt: skip


def leaves(command: object, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    children = getattr(command, "commands", None)
    if children is None:
        return [(path, command)]
    found = [(path, command)] if path else []
    for name, child in children.items():
        found += leaves(child, (*path, name))
    return found


COMMANDS = leaves(typer.main.get_command(app))


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys\n"
        "from retention_lab.cli import run\n"
        "run(['--help'])\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip().splitlines()[-1] == "[]"


@pytest.mark.parametrize("path", [path for path, _ in COMMANDS], ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    command = dict(COMMANDS)[path]
    text = getattr(command, "help", "") or ""
    assert len(text.splitlines()[0]) > 10
    assert "Example: lab " in text.splitlines()[-1]


def test_every_option_says_what_it_does() -> None:
    for path, command in COMMANDS:
        for parameter in command.params:  # type: ignore[attr-defined]
            if parameter.name not in ("help",):
                assert getattr(parameter, "help", None), f"{' '.join(path)}: {parameter.name}"
