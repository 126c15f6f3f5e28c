"""`lab data import`: a file becomes one of the project's tables, whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from retention_lab.config.project import Project
from retention_lab.data.convert import Reading
from retention_lab.data.importing import REASON, Cleaned, clean, count_reasons, merge
from retention_lab.data.presets import read_preset
from retention_lab.data.read import read_flat, read_possibly_empty, read_with_text
from retention_lab.data.schema import TableSchema, table_schema
from retention_lab.data.sources import ENDINGS
from retention_lab.data.write import table_bytes
from retention_lab.errors import LabError
from retention_lab.whole_files import write_all

Mode = Literal["new", "append", "replace"]


@dataclass(frozen=True, slots=True)
class ImportSource:
    """What to read and how. mapping: contract name -> the file's name. time_format: strptime's."""

    file: Path
    mapping: Mapping[str, str]
    preset: str | None = None
    time_format: str | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was kept and what was not. rows_written: of this file; rows: of the table now.

    refused: reason -> rows; they lie in `refused_file`. retyped: column -> the type it came in.
    """

    table: str
    file: Path
    path: Path
    mode: Mode
    rows_read: int
    rows_written: int
    rows: int
    duplicates: int
    already_there: int
    refused: Mapping[str, int]
    refused_file: Path | None
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    retyped: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "refused": dict(self.refused),
            "rows_refused": sum(self.refused.values()),
        }


def import_data(
    project: Project, table: str, source: ImportSource, mode: Mode = "new", now: datetime | None = None
) -> ImportReport:
    """Read, map, clean and write; every row that is not written is counted under a reason.

    Raises LabError when the file cannot be read, no row of it can be used, or the table is already
    there and `mode` does not say what to do with it. Nothing is changed then.
    """
    schema, moment = table_schema(table), now or datetime.now(UTC)
    path = _destination(project, schema)
    if mode == "new" and path.exists():
        raise _already_there(table, path)
    raw = _read(source, schema)
    reading = Reading(source.file, project.settings.timezone, source.time_format)
    cleaned = clean(raw, schema, source.mapping, reading, moment)
    if cleaned.table.num_rows == 0:
        raise _nothing_left(cleaned, source.file)
    written, already, refused = cleaned.table, 0, cleaned.refused
    if mode == "append" and path.exists():
        existing = read_possibly_empty(path)
        written, repeated, taken = merge(existing, cleaned.table, schema)
        already, refused = repeated.num_rows, _with_taken(refused, taken, schema)
        added = written.num_rows - existing.num_rows
    else:
        added = written.num_rows
    refused_file = _refused_path(path, moment) if refused.num_rows else None
    files = [] if refused_file is None else [(refused_file, table_bytes(refused_file, _flat(refused)))]
    write_all([*files, (path, table_bytes(path, written))])
    return ImportReport(
        table=table,
        file=source.file,
        path=path,
        mode=mode,
        rows_read=raw.num_rows,
        rows_written=added,
        rows=written.num_rows,
        duplicates=cleaned.duplicates,
        already_there=already,
        refused=count_reasons(refused),
        refused_file=refused_file,
        columns=cleaned.columns,
        ignored=cleaned.ignored,
        retyped=cleaned.retyped,
    )


def _destination(project: Project, schema: TableSchema) -> Path:
    """The Parquet file of the table in the project's folder of tables."""
    data = project.settings.data
    folder = project.path(data.source) if "://" not in data.source else None
    if folder is None or folder.is_file():
        raise LabError(
            "The project's tables lie in a database, which is never written to.",
            "Load the file with the database's own tools, or set data.source to a folder.",
            key="data.source",
        )
    if data.columns.get(schema.name):
        raise LabError(
            f"lab.yaml gives columns of {schema.name!r} other names, and an import writes the lab's own.",
            f"Take data.columns.{schema.name} out of lab.yaml.",
            file=project.folder / "lab.yaml",
            key=f"data.columns.{schema.name}",
        )
    path = folder / data.tables.get(schema.name, f"{schema.name}.parquet")
    others = [folder / f"{schema.name}{ending}" for ending in ENDINGS]
    there = [other for other in others if other != path and other.exists()]
    if there or not path.name.endswith(".parquet"):
        found = there[0] if there else path
        raise LabError(
            f"The table {schema.name!r} is kept in {found.name}, and an import writes Parquet.",
            "Move that file elsewhere, and import it too.",
            file=found,
        )
    return path


def _read(source: ImportSource, schema: TableSchema) -> pa.Table:
    if source.preset is not None:
        return read_preset(source.preset, schema.name, source.file)
    texts = [column.name for column in schema.columns if column.type in ("id", "text")]
    found = read_with_text(source.file, [source.mapping.get(name, name) for name in texts])
    return found if found.num_rows else read_flat(source.file)


def _already_there(table: str, path: Path) -> LabError:
    return LabError(
        f"The table {table!r} is already there.",
        "Choose --append to add rows to it, or --replace to put this file in its place.",
        file=path,
    )


def _nothing_left(cleaned: Cleaned, file: Path) -> LabError:
    reason, count = next(iter(cleaned.reasons.items()))
    return LabError(
        f"No row can be used; {count} because: {reason}.",
        "Check the mapping of columns; --time-format names a format of times that is not ISO.",
        file=file,
    )


def _with_taken(refused: pa.Table, taken: pa.Table, schema: TableSchema) -> pa.Table:
    """Rows whose key another row of the table has, under the contract's names beside the source's."""
    if taken.num_rows == 0:
        return refused
    reason = f"{' and '.join(schema.key)} is already there, with other values"
    marked = taken.append_column(REASON, pa.array([reason] * taken.num_rows))
    # one column may hold what the source had in some rows and what was read from it in others
    return pa.concat_tables([_as_text(refused), _as_text(marked)], promote_options="default")


def _as_text(table: pa.Table) -> pa.Table:
    plain = _flat(table)
    return plain.cast(pa.schema([(name, pa.string()) for name in plain.column_names]))


def _refused_path(path: Path, moment: datetime) -> Path:
    stamp = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return path.parent / "rejected" / f"{path.stem}-{stamp}.csv"


def _flat(table: pa.Table) -> pa.Table:
    """CSV has no nested cells: they are left out."""
    return table.select([field.name for field in table.schema if not pa.types.is_nested(field.type)])
