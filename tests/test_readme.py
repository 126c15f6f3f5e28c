"""The README's commands exist, and its Python runs."""

import re
import shlex

import pytest
import typer.main

from retention_lab.cli import app
from tests.shared_data import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = re.findall(r"^\$ (.*?)(?:\s+#.*)?$", TEXT, flags=re.MULTILINE)
COMMANDS = sorted(
    {part.strip() for line in LINES for part in line.split("&&") if part.strip().startswith("lab ")}
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_parses(command: str) -> None:
    node, words = typer.main.get_command(app), shlex.split(command)[1:]
    while words and words[0] in getattr(node, "commands", {}):
        node = node.commands[words.pop(0)]
    context = node.make_context("lab", words, resilient_parsing=False)
    assert context.params is not None


def test_the_python_of_the_readme_runs() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert names["gamma"].shape == (4000, 2)  # type: ignore[attr-defined]
