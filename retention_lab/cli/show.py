"""How a command answers: one JSON document or plain text on stdout, progress and warnings on stderr."""

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from retention_lab.errors import LabError

SCHEMA_VERSION = 1

Progress = Callable[[str], None]


def show(
    command: str, result: Mapping[str, Any], text: Callable[[Console], None] | None = None, *, as_json: bool
) -> None:
    """Print the result of a command: its JSON, or what `text` writes."""
    if as_json:
        _print_json({"schema_version": SCHEMA_VERSION, "command": command, "result": _plain(result)})
    elif text is not None:
        text(output())


def show_error(command: str, error: LabError, *, as_json: bool) -> None:
    """Print an error: as JSON on stdout, or as a sentence on stderr."""
    if as_json:
        detail = {
            "code": error.exit_code,
            "kind": error.kind,
            "message": error.found,
            "next": error.next_step,
            "file": error.file,
            "key": error.key,
        }
        _print_json({"schema_version": SCHEMA_VERSION, "command": command, "error": detail})
        return
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print("Error:", style="bold red", end=" ")
    console.print(str(error), markup=False)


def output() -> Console:
    """The console of results: no wrapping when piped, so that scripts can read lines."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


@contextmanager
def progress() -> Iterator[Progress]:
    """A line on stderr that says what is being done, only where a person watches."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("…") as status:
        yield lambda text: status.update(text)


def table(
    console: Console,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    right: bool = True,
) -> None:
    """A plain table; all columns but the first are aligned right, or none is. Cells are plain text."""
    grid = Table(title=title or None, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, head in enumerate(heads):
        grid.add_column(head, justify="right" if i and right else "left", no_wrap=not (i and not right))
    for row in rows:
        grid.add_row(*map(escape, row))
    console.print(grid)


def checks(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    """One line a check: passed, failed or not possible, and why."""
    marks = {True: "✓", False: "✗", None: "–"}
    for check in found:
        kind = "" if check["passed"] is not False else f" ({check['severity']})"
        console.print(f"  {marks[check['passed']]} {check['name']}{kind}: {check['detail']}", markup=False)


def number(value: float | None, digits: int = 4) -> str:
    """A number with a real minus sign; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:,.{digits}f}".replace("-", "−")


def interval(estimate: Mapping[str, Any], digits: int = 4) -> str:
    """An estimate as `value [low, high]`."""
    if estimate.get("value") is None:
        return f"– ({estimate.get('reason', 'not computed')})"
    low, high = number(estimate["ci_low"], digits), number(estimate["ci_high"], digits)
    return f"{number(estimate['value'], digits)} [{low}, {high}]"


def _print_json(document: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")


def _plain(value: Any) -> Any:
    """What JSON can say: no NaN, no paths, no numpy scalars."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "as_json"):
        return _plain(value.as_json())
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
