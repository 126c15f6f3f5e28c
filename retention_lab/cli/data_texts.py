"""What the `lab data` commands say in plain words."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from retention_lab.cli.show import checks, table
from retention_lab.data.profile import ColumnProfile
from retention_lab.data.quality import Quality
from retention_lab.data.schema import TABLES
from retention_lab.workflows.import_data import ImportReport


def import_text(console: Console, report: ImportReport) -> None:
    """What was kept, what was not and why."""

    def say(text: str) -> None:
        console.print(text, markup=False)

    say(f"{report.table}: {report.rows_written:,} rows written of {report.rows_read:,} read.")
    say(f"  the table has {report.rows:,} rows now: {report.path}")
    if report.duplicates:
        say(f"  {report.duplicates:,} rows were equal to an earlier one and were kept once")
    if report.already_there:
        say(f"  {report.already_there:,} rows were there already")
    for name, came in report.retyped.items():
        say(f"  {name} came as {came} and was read as {TABLES[report.table].column(name).type}")
    for reason, count in report.refused.items():
        say(f"  {count:,} rows refused: {reason}")
    if report.refused_file is not None:
        say(f"  the refused rows lie in {report.refused_file}")
    if report.ignored:
        say(f"  columns not used: {', '.join(report.ignored)}")


def check_text(console: Console, quality: Quality) -> None:
    """Counts of each table, then the checks."""
    rows = [
        (
            name,
            f"{counts['rows']:,}",
            "–" if counts["without_customer"] is None else f"{counts['without_customer']:,}",
            f"{counts['duplicates']:,}",
            (counts["first"] or "–")[:10],
            (counts["last"] or "–")[:10],
        )
        for name, counts in quality.tables.items()
    ]
    table(console, ("table", "rows", "without customer", "duplicates", "first", "last"), rows)
    console.print()
    checks(console, quality.checks)


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
