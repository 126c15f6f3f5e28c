"""Where a project's tables lie: a folder of files or a DuckDB file, found and opened, never changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from retention_lab.data.read import check_readable, read_with_text
from retention_lab.data.schema import TABLES
from retention_lab.errors import ConfigurationError, LabError, did_you_mean

ENDINGS = (".parquet", ".csv", ".csv.gz", ".tsv", ".tsv.gz")
LAUNCH_TABLES = ("assignments", "propensities")  # one file a launch, in folders of these names
FEEDBACK_TONE = "data/feedback_tone.parquet"  # what a model made of the feedback, in the project's folder


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as it lies there: what to select from, and its columns with DuckDB's types.

    place: the file or database it comes from, for errors.
    """

    table: str
    relation: str
    columns: Mapping[str, str]
    place: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tables to find, under which names, and their columns (canonical -> found) where they differ."""

    names: Collection[str]
    tables: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]


def find_tables(
    connection: duckdb.DuckDBPyConnection, source: str | Path, folder: Path, wanted: Wanted
) -> list[RawTable]:
    """Every wanted table that is there; several parts of one table are several entries.

    Raises LabError for a source or a named file that is missing, unreadable or not understood.
    """
    for name in (*wanted.tables, *wanted.columns):
        if name not in TABLES:
            raise ConfigurationError(f"No table of a lab is named {name!r}.", did_you_mean(name, TABLES))
    place = _local(source, folder)
    if place.is_dir():
        found = _in_folder(connection, place, wanted)
    elif is_database(place):
        found = _in_database(connection, place, wanted)
    else:
        raise LabError(
            "The data source is neither a folder nor a DuckDB file.",
            "Point data.source at the folder that holds the tables, or import this file: "
            "lab data import TABLE FILE.",
            file=place,
        )
    return found + _tone(connection, folder, wanted, found) + _launches(connection, folder / "data", wanted)


def is_database(path: Path) -> bool:
    """Whether the file is a DuckDB database, by its content."""
    check_readable(path)
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


def _local(source: str | Path, folder: Path) -> Path:
    text = str(source)
    scheme, mark, rest = text.partition("://")
    if mark and scheme != "duckdb":
        raise ConfigurationError(
            f"Tables cannot be read from {scheme}:// yet.",
            "What works now: a folder of Parquet or CSV files, a DuckDB file, duckdb://PATH.",
            key="data.source",
        )
    place = folder / (rest if mark else text)
    if not place.exists():
        raise LabError(
            "The data source does not exist.",
            "Create it, or correct data.source in lab.yaml; lab data import TABLE FILE fills it.",
            file=place,
            key="data.source",
        )
    return place


def _in_folder(connection: duckdb.DuckDBPyConnection, place: Path, wanted: Wanted) -> list[RawTable]:
    found = []
    for name in wanted.names:
        path = _file_of(name, place, wanted.tables)
        if path is not None:
            found.append(_file_table(connection, name, path, wanted))
    return found


def _file_of(name: str, place: Path, tables: Mapping[str, str]) -> Path | None:
    if name in tables:
        path = place / tables[name]
        check_readable(path)
        return path
    there = [path for ending in ENDINGS if (path := place / f"{name}{ending}").exists()]
    if len(there) > 1:
        raise LabError(
            f"The table {name!r} is there {len(there)} times: {', '.join(path.name for path in there)}.",
            f"Keep one, or name it in lab.yaml: data: {{tables: {{{name}: {there[0].name}}}}}.",
            file=place,
        )
    return there[0] if there else None


def _file_table(connection: duckdb.DuckDBPyConnection, name: str, path: Path, wanted: Wanted) -> RawTable:
    if path.name.lower().endswith((".parquet", ".pq")):
        return parquet_table(connection, name, path)
    relation = f"csv_{name}"
    mapping = wanted.columns.get(name, {})
    texts = [column.name for column in TABLES[name].columns if column.type in ("id", "text")]
    connection.register(relation, read_with_text(path, [mapping.get(text, text) for text in texts]))
    return RawTable(name, relation, _described(connection, relation), str(path))


def parquet_table(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> RawTable:
    """A Parquet file as a table, read where it lies.

    Raises LabError when the file is not a whole Parquet file.
    """
    check_readable(path)
    relation = f"read_parquet({literal(str(path))})"
    try:
        return RawTable(name, relation, _described(connection, relation), str(path))
    except duckdb.Error as error:
        raise LabError(
            "This is not a whole Parquet file.",
            "It is damaged, cut short, or another format under this name: export it again.",
            file=path,
        ) from error


def _in_database(connection: duckdb.DuckDBPyConnection, place: Path, wanted: Wanted) -> list[RawTable]:
    try:
        connection.execute(f"ATTACH {literal(str(place))} AS source (READ_ONLY)")
    except duckdb.Error as error:
        raise LabError(
            "The DuckDB file cannot be opened.",
            "Another program may be writing to it, or a newer DuckDB wrote it: close that, or export "
            "its tables as Parquet.",
            file=place,
        ) from error
    rows = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_catalog = 'source'"
    ).fetchall()
    names = [str(row[0]) for row in rows]
    found = []
    for name in wanted.names:
        inside = wanted.tables.get(name, name)
        if inside in names:
            relation = f"source.{identifier(inside)}"
            found.append(
                RawTable(name, relation, _described(connection, relation), f"{place}, table {inside}")
            )
        elif name in wanted.tables:
            raise LabError(
                f"The database has no table {inside!r}.",
                did_you_mean(inside, names),
                file=place,
                key=f"data.tables.{name}",
            )
    return found


def _tone(
    connection: duckdb.DuckDBPyConnection, folder: Path, wanted: Wanted, found: Collection[RawTable]
) -> list[RawTable]:
    """The project's own table of tones, where the source lies elsewhere and has none."""
    path, name = folder / FEEDBACK_TONE, "feedback_tone"
    if name not in wanted.names or not path.exists() or any(one.table == name for one in found):
        return []
    return [parquet_table(connection, name, path)]


def _launches(connection: duckdb.DuckDBPyConnection, data: Path, wanted: Wanted) -> list[RawTable]:
    """One file a launch. Propensities count only beside their assignments: those are written last."""
    return [
        parquet_table(connection, name, path)
        for name in LAUNCH_TABLES
        if name in wanted.names
        for path in sorted((data / name).glob("[!.]*.parquet"))
        if (data / "assignments" / path.name).exists()
    ]


def _described(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def first_row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    """The first row of a result, () where there is none; fetched to the end, as the next query needs."""
    rows = connection.execute(sql).fetchall()
    return tuple(rows[0]) if rows else ()


def identifier(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"
