"""How a command answers: one JSON document or plain text on stdout, progress and warnings on stderr."""

import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from retention_lab.errors import LabError

if TYPE_CHECKING:
    from rich.console import JustifyMethod

SCHEMA_VERSION = 1
UNLIMITED = 10_000  # columns of a console that no one looks at
GAP = 2  # columns between two of a table

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
        failure = (error.exit_code, error.kind, error.found, error.next_step)
        show_failure(command, failure, as_json=True, file=error.file, key=error.key)
    else:
        _print_error(str(error))


def show_failure(
    command: str,
    failure: tuple[int, str, str, str],
    *,
    as_json: bool,
    file: str | None = None,
    key: str | None = None,
) -> None:
    """Print a failure given as (code, kind, message, next step)."""
    code, kind, message, next_step = failure
    if not as_json:
        _print_error(f"{message} {next_step}")
        return
    detail = {"code": code, "kind": kind, "message": message, "next": next_step, "file": file, "key": key}
    _print_json({"schema_version": SCHEMA_VERSION, "command": command, "error": detail})


def output() -> Console:
    """The console of results: as wide as it takes when piped, so that nothing is cut or wrapped."""
    if sys.stdout.isatty():
        return _Output(highlight=False)
    return _Output(highlight=False, soft_wrap=True, width=UNLIMITED)


def drop_output() -> None:
    """Nobody reads stdout any more: what is still to come goes nowhere, in silence."""
    with suppress(OSError, ValueError):  # stdout may be no file at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def progress() -> Iterator[Progress]:
    """A line on stderr that says what is being done, only where a person watches."""
    console = Console(stderr=True)
    # asked of the stream itself: FORCE_COLOR makes Rich take a file for a terminal
    if not sys.stderr.isatty() or console.is_dumb_terminal:
        yield lambda _: None
        return
    with console.status("…") as status:
        yield lambda text: status.update(escape(text))


def table(
    console: Console,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    right: bool = True,
) -> None:
    """A plain table; all columns but the first are aligned right, or none is. Cells are plain text.

    Where it is wider than the console, cells wrap between words; where not even words fit side by side,
    every row becomes a small list. Nothing is ever cut.
    """
    if title:
        console.print(title, style="italic", markup=False)
    lines = [list(heads), *map(list, rows)]
    words = [max(_longest_word(line[i]) for line in lines) for i in range(len(heads))]
    if sum(words) + GAP * (len(heads) - 1) > console.width:
        _as_lists(console, heads, rows)
        return
    whole = [max(cell_len(line[i]) for line in lines) for i in range(len(heads))]
    # numbers stay on one line as long as the first column can give way
    firm = right and words[0] + sum(whole[1:]) + GAP * (len(heads) - 1) <= console.width
    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for i, head in enumerate(heads):
        justify: JustifyMethod = "right" if i and right else "left"
        grid.add_column(escape(head), justify=justify, no_wrap=bool(i) and firm, min_width=words[i])
    for row in rows:
        grid.add_row(*map(escape, row))
    console.print(grid)


def checks(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    """One line a check: passed, failed or not possible, and why."""
    marks = {True: "✓", False: "✗", None: "–"}
    for check in found:
        kind = "" if check["passed"] is not False else f" ({check['severity']})"
        detail = f": {check['detail']}" if check["detail"] else ""
        console.print(f"  {marks[check['passed']]} {check['name']}{kind}{detail}", markup=False)


def number(value: float | None, digits: int = 4) -> str:
    """A number with a real minus sign; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:z,.{digits}f}".replace("-", "−")  # z: no minus before a zero


def interval(estimate: Mapping[str, Any], digits: int = 4) -> str:
    """An estimate as `value [low, high]`."""
    if estimate.get("value") is None:
        return f"– ({estimate.get('reason', 'not computed')})"
    low, high = number(estimate["ci_low"], digits), number(estimate["ci_high"], digits)
    return f"{number(estimate['value'], digits)} [{low}, {high}]"


class _Output(Console):
    """A console that falls silent when its reader goes away; Rich's own would end the command."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        drop_output()


def _as_lists(console: Console, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for row in rows:
        console.print(row[0], style="bold", markup=False)
        for head, cell in zip(heads[1:], row[1:], strict=True):
            console.print(f"  {head}: {cell}", markup=False)


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)


def _print_error(sentence: str) -> None:
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print("Error:", style="bold red", end=" ")
    console.print(sentence, markup=False)


def _print_json(document: Mapping[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()


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
