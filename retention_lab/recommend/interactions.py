"""Who bought what, when, and how much it counts: what every recommender learns from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.labels import label_text

# A list shorter than asked for ends in this code.
NO_ITEM = -1
_NO_DAY = 10_000_000  # 27,000 years: a number as large counts seconds


@dataclass(frozen=True, slots=True)
class Interactions:
    """One row per purchase, view or rating; users and items are codes into their ids.

    user, item: (n,) codes. time: (n,) days from any origin, None where no time is known.
    weight: (n,) above 0, how much a row counts.
    users, items: ids in the order of their codes; an id without a row is allowed.
    """

    user: Ints
    item: Ints
    time: Floats | None
    weight: Floats
    users: tuple[str, ...]
    items: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.user)

    @property
    def user_count(self) -> int:
        """Users that have a code, with rows or without."""
        return len(self.users)

    @property
    def item_count(self) -> int:
        """Items that have a code, with rows or without."""
        return len(self.items)

    def take(self, rows: Bools | Ints) -> "Interactions":
        """Some of the rows; codes and ids stay, so lists of both can be compared."""
        time = None if self.time is None else self.time[rows]
        return replace(self, user=self.user[rows], item=self.item[rows], time=time, weight=self.weight[rows])

    def among(self, users: Ints) -> "Interactions":
        """The rows of some users, whose codes are now their places in (u,) `users`."""
        place = np.full(self.user_count, -1, dtype=np.int64)
        place[users] = np.arange(len(users))
        kept = self.take(place[self.user] >= 0)
        return replace(kept, user=place[kept.user], users=tuple(self.users[code] for code in users))

    def matrix(self, weight: Floats | None = None) -> sparse.csr_matrix:
        """(users, items), the sum of the weights of each pair; `weight`: (n,) instead of the rows' own."""
        values = self.weight if weight is None else weight
        shape = (self.user_count, self.item_count)
        return sparse.coo_matrix((values, (self.user, self.item)), shape=shape).tocsr()

    def seen(self) -> sparse.csr_matrix:
        """(users, items), 1 where the user has had the item at all."""
        found = self.matrix(np.ones(len(self)))
        found.data[:] = 1.0
        return found

    def timed(self) -> Floats:
        """(n,) days of the rows.

        Raises LabError where no time is known.
        """
        if self.time is None:
            raise LabError(
                "The interactions have no time, so what is recent cannot be told from what is old.",
                "Name the column of their time, or choose what needs none.",
                key="time",
            )
        return self.time


def interactions(
    table: pa.Table, *, users: Sequence[str] | None = None, items: Sequence[str] | None = None
) -> Interactions:
    """Rows of a table with `user`, `item`, and where there are such columns `time` and `weight`.

    time: dates or times, also as text, or numbers: days, or Unix seconds where they cannot be days.
    users, items: the ids that have codes, in this order; None: those in the table, sorted as text, so that
    the order of the rows does not matter.
    Raises LabError where a column or value is missing, a weight is not above 0, or an id is not among those
    given.

    >>> rows = interactions(pa.table({"user": ["b", "a", "b"], "item": ["x", "x", "y"]}))
    >>> rows.users, rows.user.tolist(), rows.matrix().toarray().tolist()
    (('a', 'b'), [1, 0, 1], [[1.0, 0.0], [1.0, 1.0]])
    """
    user, user_ids = _codes(table, "user", users)
    item, item_ids = _codes(table, "item", items)
    time = days_of(_column(table, "time")) if "time" in table.column_names else None
    return Interactions(user, item, time, _weights(table), user_ids, item_ids)


def _codes(table: pa.Table, name: str, known: Sequence[str] | None) -> tuple[Ints, tuple[str, ...]]:
    column = label_text(_column(table, name))
    ids = pc.unique(column) if known is None else pa.array(known, pa.string())
    if known is None:
        ids = ids.take(pc.sort_indices(ids))
    codes = pc.index_in(column, value_set=ids)
    if codes.null_count:
        raise LabError(
            f"{codes.null_count} of {len(codes)} rows name a {name} that is not among those known.",
            "Give the ids of all rows, or none.",
            key=name,
        )
    return codes.to_numpy().astype(np.int64), tuple(ids.to_pylist())


def days_of(column: pa.ChunkedArray) -> Floats:
    """(n,) days since 1970 of dates or times, also as text; numbers are days, very large ones seconds.

    Raises LabError where one is missing, or is none of these.
    """
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = _parsed(column)
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        column = pc.divide(column.cast(pa.timestamp("us")).cast(pa.int64()).cast(pa.float64()), 86_400e6)
    days = _finite(column, "time")
    return days / 86_400 if len(days) and days.max() > _NO_DAY else days


def _parsed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return column.cast(pa.timestamp("us"))
    except pa.ArrowInvalid as error:
        raise LabError(
            "The times are no dates.", "Write them as 1997-09-30 or 1997-09-30T12:00:00.", key="time"
        ) from error


def _weights(table: pa.Table) -> Floats:
    if "weight" not in table.column_names:
        return np.ones(table.num_rows)
    weight = _finite(_column(table, "weight"), "weight")
    if np.any(weight <= 0):
        raise LabError(
            f"{int(np.sum(weight <= 0))} of {len(weight)} rows have a weight that is not above 0.",
            "Remove rows that say nothing; what was returned or disliked is no purchase.",
            key="weight",
        )
    return weight


def _finite(column: pa.ChunkedArray, name: str) -> Floats:
    values = np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
    if not np.isfinite(values).all():
        raise LabError(f"A {name} is not a finite number.", "Correct or remove those rows.", key=name)
    return values


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise LabError(
            f"The interactions have no column '{name}'.",
            "Give a table with `user` and `item`, and `time` and `weight` where they are known.",
            key=name,
        )
    column = table.column(name)
    if column.null_count:
        raise LabError(
            f"{column.null_count} of {len(column)} rows have no {name}.",
            "Remove those rows, or fill them in.",
            key=name,
        )
    return column
