"""What the `lab data` commands say in plain words."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from retention_lab.data.profile import ColumnProfile


def profile_text(console: Console, file: Path, columns: Sequence[ColumnProfile]) -> None:
    """One line a column."""
    rows = columns[0].rows if columns else 0
    console.print(f"{file.name}: {rows:,} rows, {len(columns)} columns", markup=False)
    heads = ("column", "looks like", "missing", "distinct", "from", "to")
    lines = [heads] + [
        (
            column.name,
            column.looks_like,
            f"{column.missing:,}",
            f"{column.distinct:,}",
            _bound(column.minimum),
            _bound(column.maximum),
        )
        for column in columns
    ]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    values = ["values", *(", ".join(column.examples[:5]) for column in columns)]
    for line, shown in zip(lines, values, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        console.print("  ".join([*cells, shown]).rstrip(), markup=False, soft_wrap=True)


def _bound(value: float | str | None) -> str:
    if value is None:
        return ""
    return value[:19] if isinstance(value, str) else f"{value:,.6g}"
