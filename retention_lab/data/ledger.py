"""Order lines added up between edges in time: whatever was paid before any of them is one look-up.

A window of the last 30 days is what lies before its end less what lies before its start, so one pass over the
lines serves every window of every cut-off. Money is in ten-thousandths, as whole numbers: sums are exact and
do not depend on the order of the lines.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from retention_lab.arrays import Ints
from retention_lab.data.text_codes import Codes

DAY = 86_400_000_000  # microseconds
TEN_THOUSANDTHS = 10_000.0
NEVER = np.iinfo(np.int64).min
_MONEY = (pa.decimal128(18, 4), pa.decimal64(18, 4))
_SIGNS = {"returns": -1, "returned": -1, "contribution": 0, "revenue": 0}  # the others: lines sold
_COUNTS = ("lines", "returns")
_MOST_COUNTED = np.iinfo(np.int32).max  # lines in all; with more, a count might not fit into 32 bits
MEASURES = ("lines", "paid", "returns", "returned", "revenue", "discount", "contribution", "last_line")


@dataclass(frozen=True, slots=True)
class Ledger:
    """What n rows did before edges.

    edges: measure -> (m,) increasing, microseconds. sums: measure -> (m, n), whatever came before the edge.
    """

    edges: Mapping[str, Ints]
    sums: Mapping[str, NDArray[Any]]

    def at(self, cutoff: int, rows: Ints) -> "LedgerAt":
        """The ledger of some of the rows as it stood at a cut-off."""
        return LedgerAt(self, cutoff, rows)


@dataclass(frozen=True, slots=True)
class LedgerAt:
    """A ledger seen from one cut-off, which must be an edge, as the starts of its windows are.

    rows: (r,) positions in the ledger.
    """

    ledger: Ledger
    cutoff: int
    rows: Ints

    def before(self, measure: str, days: int = 0) -> Ints:
        """(r,) sum over everything earlier than `days` days before the cut-off; for `last_line`, when."""
        edge = int(np.searchsorted(self.ledger.edges[measure], self.cutoff - days * DAY))
        found: Ints = self.ledger.sums[measure][edge][self.rows].astype(np.int64, copy=False)
        return found

    def within(self, measure: str, days: int | None) -> Ints:
        """(r,) sum over the last `days` days, or over everything so far."""
        return self.before(measure) if days is None else self.before(measure) - self.before(measure, days)


@dataclass(frozen=True, slots=True)
class Lines:
    """Order lines; every array is (n,). Money in ten-thousandths.

    moment: microseconds. values: `discount` and `contribution`, where they are wanted.
    """

    moment: Ints
    amount: Ints
    values: Mapping[str, Ints]

    @staticmethod
    def of(batch: pa.RecordBatch) -> "Lines":
        """From columns moment (a time, or microseconds), amount, [discount, contribution]; money as
        DECIMAL(18, 4), or in ten-thousandths. A line without a time is never, one without money is nothing.
        """
        moment = _whole(batch.column("moment"), np.iinfo(np.int64).max)
        values = {
            name: _whole(batch.column(name))
            for name in ("discount", "contribution")
            if name in batch.schema.names
        }
        return Lines(moment, _whole(batch.column("amount")), values)


class LedgerSums:
    """Sums that grow with the lines; `ledger` ends them.

    edges: measure (of `MEASURES`) -> its edges, as in a `Ledger`. Lines at or after the last do not count.
    """

    def __init__(self, edges: Mapping[str, Ints]) -> None:
        self._edges = edges
        self._all = np.unique(np.concatenate([*edges.values(), np.zeros(0, dtype=np.int64)]))
        self._edge_of = {name: _positions(own, self._all) for name, own in edges.items()}
        self._sums = {name: _cells(name, len(own), 0, wide=False) for name, own in edges.items()}
        self._rows = self._lines = 0

    def add(self, place: Codes, lines: Lines) -> None:
        """Add lines of these rows, (n,); a row below 0 is nobody's."""
        from retention_lab.data import line_loops  # loads the compiler

        if not self._sums:
            return
        self._make_room(int(place.max(initial=-1)) + 1, len(place))
        edge = np.empty(len(place), dtype=np.int64)
        line_loops.edges_after(self._all, lines.moment, edge)
        for name, cells in self._sums.items():
            where = (cells, self._edge_of[name], edge, place, lines.amount)
            if name in _COUNTS:
                line_loops.add_ones(*where, _SIGNS.get(name, 1))
            elif name == "last_line":
                line_loops.keep_latest(*where, lines.moment)
            else:
                values = lines.amount if name in ("paid", "revenue") else lines.values.get(name)
                line_loops.add_values(
                    *where, _SIGNS.get(name, 1), -lines.amount if values is None else values
                )

    def ledger(self, rows: int) -> Ledger:
        """The ledger of this many rows, which are at least as many as had lines."""
        self._make_room(rows, 0)
        for name, cells in self._sums.items():
            gather = np.maximum if name == "last_line" else np.add
            for edge in range(1, len(cells)):  # numpy's accumulate is slower, and makes a copy
                gather(cells[edge], cells[edge - 1], out=cells[edge])
        return Ledger(self._edges, {name: cells[:, :rows] for name, cells in self._sums.items()})

    def _make_room(self, rows: int, lines: int) -> None:
        self._lines += lines
        capacity = self._rows if rows <= self._rows else max(rows, self._rows + self._rows // 2)
        for name, cells in self._sums.items():
            wide = name in _COUNTS and self._lines > _MOST_COUNTED and cells.dtype == np.int32
            if capacity > self._rows or wide:
                new = _cells(name, len(cells), capacity, wide=wide or cells.dtype == np.int64)
                new[:, : self._rows] = cells
                self._sums[name] = new
        self._rows = capacity


def edges_of(cutoffs: Collection[int], windows: Collection[int]) -> Ints:
    """The cut-offs (microseconds) and the starts of their windows (days), each once, increasing."""
    return np.array(sorted({cutoff - days * DAY for cutoff in cutoffs for days in (0, *windows)}))


def add_up(batches: Iterable[pa.RecordBatch], rows: int, edges: Mapping[str, Ints]) -> Ledger:
    """Add up lines of known rows, batch by batch. Columns: place (the row), and those of `Lines.of`."""
    sums = LedgerSums(edges)
    for batch in batches:
        sums.add(_whole(batch.column("place")).astype(np.int32), Lines.of(batch))
    return sums.ledger(rows)


def _cells(measure: str, edges: int, rows: int, *, wide: bool = True) -> NDArray[Any]:
    if measure == "last_line":
        return np.full((edges, rows), NEVER)
    narrow = measure in _COUNTS and not wide
    return np.zeros((edges, rows), dtype=np.int32 if narrow else np.int64)


def _positions(own: Ints, edges: Ints) -> Ints:
    """(m + 1,) the first of its own edges at or after each of all edges; -1 past the last of its own."""
    found = np.searchsorted(own, edges)
    return np.append(np.where(found < len(own), found, -1), -1)


def _whole(column: pa.Array, missing: int = 0) -> Ints:
    """A column as whole numbers, decimals in units of their last place."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us")).cast(pa.int64())
    filled = column.fill_null(missing) if column.null_count else column
    if not pa.types.is_decimal(column.type):
        return np.array(filled.to_numpy(zero_copy_only=False), dtype=np.int64)
    scaled = filled if filled.type in _MONEY else filled.cast(_MONEY[0])
    words = np.frombuffer(scaled.buffers()[1], dtype="<i8")
    step = scaled.type.bit_width // 64  # of 128 bits the lower word holds all 18 digits
    return words[step * scaled.offset : step * (scaled.offset + len(scaled)) : step].copy()
