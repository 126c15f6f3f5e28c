"""What presets share: a file has the columns that its shape promises, or is refused by name."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from retention_lab.errors import LabError, did_you_mean


def need(source: pa.Table, names: Iterable[str], file: Path) -> None:
    """Raise LabError for the first of these columns that the file lacks."""
    for name in names:
        if name not in source.column_names:
            raise another_shape(file, name, source.column_names)


def another_shape(file: Path, name: str, there: Iterable[str]) -> LabError:
    """The error for a file that lacks a column of its preset."""
    return LabError(
        f"The preset expects a column {name!r}, and the file has none.",
        f"Import without the preset, and map columns with --map. {did_you_mean(name, there)}",
        file=file,
    )
