"""Every command that the guides show can be typed as it stands."""

import re
import shlex
from typing import Any

import pytest
import typer.main

from retention_lab.cli import app
from tests.shared_data import ROOT

ROOT_COMMAND: Any = typer.main.get_command(app)
GUIDES = ("exports.md", "scheduling.md")
SHOWN = [
    (guide, line)
    for guide in GUIDES
    for line in re.findall(
        r"^(lab [a-z].*?)(?: \||$)", (ROOT / "docs" / guide).read_text(encoding="utf-8"), re.MULTILINE
    )
]


def test_the_guides_show_commands() -> None:
    assert {guide for guide, _ in SHOWN} == set(GUIDES)


@pytest.mark.parametrize(("guide", "line"), SHOWN)
def test_a_command_of_a_guide_is_understood(guide: str, line: str) -> None:
    words, command, named = shlex.split(line)[1:], ROOT_COMMAND, []
    while hasattr(command, "commands"):
        named.append(words.pop(0))
        command = command.commands[named[-1]]
    assert command.make_context(" ".join(named), words).params  # refuses what it cannot read
