"""What all kinds of models print alike: candidates, looks at held-out rows, p-values."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from retention_lab.cli import show


def candidates_table(
    console: Console, candidates: Sequence[Mapping[str, Any]], metrics: Sequence[str], title: str
) -> None:
    """A line a candidate, a column for each of these metrics (`name` or `name.arm`), in their order."""
    names = [name for name in candidates[0]["metrics"] if name.split(".")[0] in metrics]
    names.sort(key=lambda name: metrics.index(name.split(".")[0]))
    rows = [[one["model"], *(show.interval(one["metrics"][name], 5) for name in names)] for one in candidates]
    show.table(console, ["candidate", *names], rows, title=title)


def uses_text(count: int) -> str:
    """How often held-out rows have judged a model."""
    times = "for the first time" if count == 1 else f"{count} times"
    return f"These held-out rows have now been looked at {times}."


def p_value(value: float | None) -> str:
    """As people read it; a dash where there is none."""
    if value is None:
        return "–"
    return "<0.001" if value < 0.001 else f"{value:.3f}"
