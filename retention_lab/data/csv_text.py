"""The text of a CSV: its encoding, its delimiter, its header and its cells, before any type."""

import codecs
import contextlib
import csv
import io
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from retention_lab.errors import LabError

DELIMITERS = (",", ";", "\t", "|")
_OTHER_DELIMITERS = ("^", "~", ":", "#", "\x01", "\x1f", "&", "/", "!")
_NAMES = {"\t": "tab", "\x01": "^A", "\x1f": "unit separator", " ": "space"}
_SAMPLE_CHARACTERS = 262_144
_SAMPLE_ROWS = 200
_NUMBER = re.compile(r"^\s*[+-]?\d+([.,]\d+)*\s*$")


def parse_csv(content: bytes, path: Path) -> tuple[list[str], list[pa.ChunkedArray]]:
    """Column names, and the cells of every column as text, in the file's order; blank lines are skipped.

    Raises LabError for binary content, an unknown delimiter, duplicate or missing column names, and
    ragged rows.
    """
    data = as_utf8(content, path)
    delimiter, data = _declared_delimiter(data)
    sample = _sample(data)
    if not sample.strip():
        raise LabError("The file holds nothing but blank lines.", "Export it again.", file=path)
    delimiter = delimiter or sniff_delimiter(sample)
    names, body = _header(data, delimiter, path)
    if len(names) == 1:
        _refuse_one_column(names[0], sample, path)
    if not body.strip():
        return names, [pa.chunked_array([pa.array([], pa.string())]) for _ in names]
    return names, _cells(body, names, delimiter, path)


def as_utf8(content: bytes, path: Path) -> bytes:
    """The same text in UTF-8 without a byte order mark; Windows-1252 where it is not UTF-8.

    Raises LabError for content that is no text.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16").encode()
        except UnicodeDecodeError as error:
            raise _binary(path) from error
    data = content.removeprefix(codecs.BOM_UTF8)
    start = data[:65_536]
    controls = len(start) - len(start.translate(None, bytes([*range(9), 11, *range(14, 31)])))
    # ^A is a delimiter somewhere, a stray control character a slip; a share of them is no text
    if b"\x00" in data or controls - start.count(b"\x01") > max(2, len(start) // 100):
        raise _binary(path)
    try:
        codecs.lookup("utf-8").decode(data, "strict")
        return data
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252").encode()
    except UnicodeDecodeError as error:
        raise _binary(path) from error


def sniff_delimiter(sample: str) -> str:
    """The delimiter under which most rows have as many fields as the header, then the most fields."""
    return max(DELIMITERS, key=lambda delimiter: _fit(sample, delimiter))


def _fit(sample: str, delimiter: str) -> tuple[bool, float, int]:
    counts = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if row:
                counts.append(len(row))
            if len(counts) > _SAMPLE_ROWS:
                break
    except csv.Error:
        return False, 0.0, 0
    if not counts or counts[0] < 2:
        return False, 0.0, 0
    return True, sum(count == counts[0] for count in counts) / len(counts), counts[0]


def _declared_delimiter(data: bytes) -> tuple[str | None, bytes]:
    """Excel writes `sep=;` above the header, and then it is so."""
    match = re.match(rb"\"?sep=([,;|\t])\"?\r?\n", data)
    return (match.group(1).decode(), data[match.end() :]) if match else (None, data)


def _sample(data: bytes) -> str:
    text = data[:_SAMPLE_CHARACTERS].decode(errors="ignore")
    if len(data) <= _SAMPLE_CHARACTERS:
        return text
    return text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text


def _header(data: bytes, delimiter: str, path: Path) -> tuple[list[str], bytes]:
    end = _end_of_record(data)
    record = data[:end].decode()
    row = next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=False))
    names = [name.strip() or f"column_{i}" for i, name in enumerate(row, start=1)]
    refuse_duplicates(names, path)
    if all(_NUMBER.match(name) for name in names):
        raise LabError(
            "The first row holds numbers only, where the names of the columns should be.",
            "Add a header row.",
            file=path,
        )
    return names, data[end:]


def refuse_duplicates(names: list[str], path: Path) -> None:
    """Raise LabError when two columns have the same name."""
    for i, name in enumerate(names):
        if name in names[:i]:
            raise LabError(
                f"Two columns are named {name!r}, numbers {names.index(name) + 1} and {i + 1}.",
                "Rename or remove one.",
                file=path,
                key=name,
            )


def _end_of_record(data: bytes) -> int:
    """Where the header record ends, blank lines before it included; quoted names may hold line breaks."""
    start = len(data) - len(data.lstrip(b"\r\n"))
    for match in re.finditer(rb"\r\n|\n|\r", data[start:]):
        if data.count(b'"', start, start + match.start()) % 2 == 0:
            return start + match.end()
    return len(data)


def _refuse_one_column(name: str, sample: str, path: Path) -> None:
    """One column whose name holds a delimiter is a table that was cut with the wrong knife."""
    inside = [mark for mark in DELIMITERS if mark in name]
    lines = [line for line in sample.splitlines() if line.strip()][:50]
    for mark in (*_OTHER_DELIMITERS, " "):
        counts = {line.count(mark) for line in lines}
        several = mark != " " or all(any(map(_NUMBER.match, line.split(" "))) for line in lines[1:])
        if mark in name and len(counts) == 1 and len(lines) > 1 and several:
            inside.append(mark)
    if inside:
        raise LabError(
            f"The file has one column, and its name holds a {_NAMES.get(inside[0], inside[0])!r}: "
            "the columns seem to be separated in a way that is not understood.",
            "Export it with commas, semicolons, tabs or vertical bars between the columns.",
            file=path,
        )


def _cells(body: bytes, names: list[str], delimiter: str, path: Path) -> list[pa.ChunkedArray]:
    ragged: list[pa_csv.InvalidRow] = []

    def note(row: pa_csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip" if len(ragged) < 1000 else "error"

    try:
        table = _parse(body, names, delimiter, note, threads=True)
    except pa.ArrowInvalid as error:
        if not ragged:
            raise LabError(
                "The rows cannot be told apart; a quote may be opened and never closed.",
                "Check the quotes, or export it again.",
                file=path,
            ) from error
    if not ragged:
        return list(table.columns)
    ragged.clear()
    with contextlib.suppress(pa.ArrowInvalid):
        _parse(body, names, delimiter, note, threads=False)  # rows are numbered only without threads
    many = f"{len(ragged)} or more" if len(ragged) >= 1000 else f"{len(ragged)}"
    raise LabError(
        f"The header has {len(names)} columns and row {ragged[0].number} has {ragged[0].actual_columns}; "
        f"rows of another width: {many}.",
        "A delimiter inside a cell needs quotes around the cell: correct the row, or export it again.",
        file=path,
    )


def _parse(body: bytes, names: list[str], delimiter: str, note: object, *, threads: bool) -> pa.Table:
    block = max(1 << 20, min(len(body), 1 << 24))
    return pa_csv.read_csv(
        pa.BufferReader(body),
        read_options=pa_csv.ReadOptions(column_names=names, use_threads=threads, block_size=block),
        parse_options=pa_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=b'"' in body, invalid_row_handler=note
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _binary(path: Path) -> LabError:
    return LabError(
        "This is not text, and no Parquet file either.", "Export the table as CSV or Parquet.", file=path
    )
