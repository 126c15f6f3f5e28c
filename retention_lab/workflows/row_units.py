"""Who a row of a flat table is: its id, or, where it has none, what it says.

A row without an id is known by its content, never by its place, so that the order of a file decides nothing
and a table that has grown, or was sorted anew, still has its old rows.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Ints
from retention_lab.checks import Check, check
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.errors import LabError
from retention_lab.labels import label_text
from retention_lab.row_content import Hashes, row_hashes, text_hashes

_MISSING = np.uint64(0)


def id_units(column: pa.ChunkedArray, file: Path, name: str) -> np.ndarray:
    """(n,) ids as text. Raises LabError where one is missing or comes twice."""
    ids = label_text(column)
    if ids.null_count:
        row = int(np.argmax(ids.is_null().to_numpy(zero_copy_only=False))) + 1
        raise LabError(
            f"{ids.null_count} rows have no id, row {row} first.", "Fill them in.", file=file, key=name
        )
    values = np.asarray(ids.to_numpy(zero_copy_only=False))
    repeated = _repeated(values)
    if len(repeated):
        raise LabError(
            f"{len(repeated)} rows repeat the id of an earlier row, row {repeated[0] + 1} first: one "
            "customer would count as two.",
            "Keep one row for each customer, or name another id column.",
            file=file,
            key=name,
        )
    return values


def content_units(table: pa.Table, definition: UpliftDefinition | None) -> np.ndarray:
    """(n,) text: a hash of all that a row says, and which of the rows that say the same it is, from 0.

    Such rows are interchangeable, so neither the order of rows nor that of columns matters. An arm counts by
    its place among the definition's, not by its name: arms that are only called otherwise change nothing.
    definition: None where rows have no arms, and every column counts as it is.
    """
    treatment = None if definition is None else definition.treatment
    names = sorted(set(table.column_names) - {treatment.column if treatment else None})
    columns = [numbers_or_hashes(table.column(name)) for name in names]
    if definition is not None and treatment is not None and treatment.column in table.column_names:
        columns.append(
            _places(label_text(table.column(treatment.column)), treatment.control, definition.arms)
        )
    content = row_hashes(columns, table.num_rows)
    pairs = zip(content.tolist(), _occurrence(content).tolist(), strict=True)
    return np.array([f"{value:016x}-{i}" for value, i in pairs])


def units_check(unit: np.ndarray, *, several: bool = False) -> Check:
    """Hard: no unit comes twice. several: units are customers, who may have a row in each experiment."""
    customers = len(np.unique(unit))
    again = len(unit) - customers
    if several and again:
        detail = f"{len(unit)} rows of {customers} customers, whose rows stay together in every split."
        return check("unique_units", "hard", True, again, None, detail)
    detail = f"{again} of {len(unit)} rows repeat a unit." if again else f"{len(unit)} rows, each of its own."
    return check("unique_units", "hard", again == 0, again, 0, detail)


def numbers_or_hashes(column: pa.ChunkedArray) -> np.ndarray:
    """(n,) numbers as they are, times as microseconds, everything else as hashes of its text."""
    kind, types = column.type, pa.types
    if types.is_timestamp(kind) or types.is_date(kind):
        column = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    if types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    if types.is_integer(column.type) or types.is_floating(column.type) or types.is_null(column.type):
        return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    if types.is_nested(kind):
        return text_hashes(map(repr, column.to_pylist()))
    plain = column.cast(kind.value_type) if types.is_dictionary(kind) else column
    coded = plain.cast(pa.string()).combine_chunks().dictionary_encode()
    hashes = np.concatenate((text_hashes(coded.dictionary.to_pylist()), [_MISSING]))
    return np.asarray(hashes[pc.fill_null(coded.indices, len(coded.dictionary)).to_numpy()])


def _repeated(values: np.ndarray) -> Ints:
    """Places of the values that came before."""
    unique, first = np.unique(values, return_index=True)
    if len(unique) == len(values):
        return np.empty(0, dtype=np.int64)
    return np.setdiff1d(np.arange(len(values)), first)


def _occurrence(content: Hashes) -> Ints:
    """(n,) how many earlier rows have the same hash."""
    order = np.argsort(content, kind="stable")
    ordered = content[order]
    start = np.ones(len(content), dtype=np.bool_)
    start[1:] = ordered[1:] != ordered[:-1]
    places = np.arange(len(content))
    number = np.empty(len(content), dtype=np.int64)
    number[order] = places - np.maximum.accumulate(np.where(start, places, 0))
    return number


def _places(labels: pa.ChunkedArray, control: str, arms: tuple[str, ...] | None) -> Ints:
    """(n,) 0 for control, k for the k-th offer, -1 for arms that are left out."""
    there = arms or sorted(value for value in pc.unique(labels).to_pylist() if value is not None)
    names = [control, *(name for name in there if name != control)]
    found = pc.fill_null(pc.index_in(labels, value_set=pa.array(names, pa.string())), -1)
    return np.asarray(found.to_numpy(), dtype=np.int64)
