"""Order lines added up between edges in time: whatever was paid before any of them is one look-up.

A window of the last 30 days is what lies before its end less what lies before its start, so one pass over the
lines serves every window of every cut-off. Money is in ten-thousandths, as whole numbers: sums are exact and
do not depend on the order of the lines.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Ints

DAY = 86_400_000_000  # microseconds
TEN_THOUSANDTHS = 10_000.0
NEVER = np.iinfo(np.int64).min
_MONEY = pa.decimal128(18, 4)
_COUNTED = {"returns": "back", "returned": "back", "contribution": "any"}  # the others: lines sold
MEASURES = ("lines", "paid", "returns", "returned", "discount", "contribution", "last_line")


@dataclass(frozen=True, slots=True)
class Ledger:
    """What n rows did before each of m edges.

    edges: (m,) increasing, microseconds. sums: measure -> (m, n), whatever came before the edge.
    """

    edges: Ints
    sums: Mapping[str, Ints]

    def at(self, cutoff: int, rows: Bools) -> "LedgerAt":
        """The ledger of some of the rows as it stood at a cut-off."""
        return LedgerAt(self, cutoff, rows)


@dataclass(frozen=True, slots=True)
class LedgerAt:
    """A ledger seen from one cut-off, which must be an edge, as the starts of its windows are."""

    ledger: Ledger
    cutoff: int
    rows: Bools

    def has(self, measure: str) -> bool:
        """Whether the tables can tell it."""
        return measure in self.ledger.sums

    def before(self, measure: str, days: int = 0) -> Ints:
        """(r,) sum over everything earlier than `days` days before the cut-off; for `last_line`, when."""
        edge = int(np.searchsorted(self.ledger.edges, self.cutoff - days * DAY))
        found: Ints = self.ledger.sums[measure][edge][self.rows]
        return found

    def within(self, measure: str, days: int | None) -> Ints:
        """(r,) sum over the last `days` days, or over everything so far."""
        return self.before(measure) if days is None else self.before(measure) - self.before(measure, days)


def edges_of(cutoffs: Collection[int], windows: Collection[int]) -> Ints:
    """The cut-offs (microseconds) and the starts of their windows (days), each once, increasing."""
    return np.array(sorted({cutoff - days * DAY for cutoff in cutoffs for days in (0, *windows)}))


def add_up(batches: Iterator[pa.RecordBatch], rows: int, edges: Ints, measures: Sequence[str]) -> Ledger:
    """Add the lines up, batch by batch. Columns: place (the row), moment, amount,
    [discount, contribution]; money as DECIMAL(18, 4), or in ten-thousandths.

    measures: of `MEASURES`; those whose column the batches lack are left out.
    Lines at or after the last edge do not count.
    """
    first = next(batches, None)
    if first is None:
        return Ledger(edges, {name: _start(name, len(edges), rows) for name in measures})
    lacking = {"discount", "contribution"} - set(first.schema.names)
    sums = {name: _start(name, len(edges), rows) for name in measures if name not in lacking}
    for batch in chain([first], batches):
        _add(sums, batch, edges, rows)
    for name, cells in sums.items():
        gather = np.maximum if name == "last_line" else np.add
        gather.accumulate(cells, axis=0, out=cells)
    return Ledger(edges, sums)


def _start(measure: str, edges: int, rows: int) -> Ints:
    return np.full((edges, rows), NEVER if measure == "last_line" else 0)


def _add(sums: Mapping[str, Ints], batch: pa.RecordBatch, edges: Ints, rows: int) -> None:
    moment, amount = _whole(batch, "moment"), _whole(batch, "amount")
    edge = np.searchsorted(edges, moment, side="right")
    cell = edge * rows + _whole(batch, "place")
    counts = edge < len(edges)
    chosen = {"sold": np.flatnonzero(counts & (amount > 0)), "back": np.flatnonzero(counts & (amount < 0))}
    chosen["any"] = np.flatnonzero(counts)
    cells = {name: cell[where] for name, where in chosen.items()}
    for name, sum_ in sums.items():
        which = _COUNTED.get(name, "sold")
        if name in ("lines", "returns"):
            values: Ints | int = 1
        else:
            source = {"paid": amount, "returned": amount, "last_line": moment}.get(name)
            values = (_whole(batch, name) if source is None else source)[chosen[which]]
        gather = {"last_line": np.maximum, "returned": np.subtract}.get(name, np.add)
        gather.at(sum_.reshape(-1), cells[which], values)


def _whole(batch: pa.RecordBatch, name: str) -> Ints:
    """A column as whole numbers, decimals in units of their last place; 0 where it is missing."""
    column = batch.column(name)
    filled = column.fill_null(0) if column.null_count else column
    if not pa.types.is_decimal(column.type):
        return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.int64)
    if column.type != _MONEY:
        filled = filled.cast(_MONEY)
    words = np.frombuffer(filled.buffers()[1], dtype="<i8")  # two a value: the lower one holds all 18 digits
    return words[2 * filled.offset : 2 * (filled.offset + len(filled)) : 2]
