"""What buy-till-you-die models read of a customer: how often, how lately, and for how long."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError

# Grids on which times may lie: whole units, sevenths (weeks counted in days), two decimals.
_GRIDS = (1.0, 7.0, 100.0)
_SAMPLE = 1_000


@dataclass(frozen=True, slots=True)
class PurchaseRows:
    """One row a customer, times in one unit, counted from the first purchase.

    frequency: (n,) repeat purchases, which the first is not. recency: (n,) time of the last purchase, 0
    where there was none after the first. age: (n,) time at which the observation ended.
    weight: (n,) customers that a row stands for; None is one each.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    weight: Floats | None = None

    def __len__(self) -> int:
        return len(self.frequency)

    @property
    def customers(self) -> float:
        """How many customers the rows stand for."""
        return float(len(self)) if self.weight is None else float(self.weight.sum())

    def take(self, index: Any) -> "PurchaseRows":
        """The rows at an index, a mask or a slice."""
        weight = None if self.weight is None else self.weight[index]
        return PurchaseRows(self.frequency[index], self.recency[index], self.age[index], weight)


def purchase_rows(frequency: Any, recency: Any, age: Any, weight: Any = None) -> PurchaseRows:
    """Checked rows from anything array-like.

    Raises LabError where lengths differ, a number is missing or negative, a frequency is not whole, a last
    purchase lies after the end, or a frequency of 0 meets a last purchase that is not the first.

    >>> len(purchase_rows([2, 0], [30.43, 0.0], [38.86, 38.86]))
    2
    """
    columns = {"frequency": frequency, "recency": recency, "age": age}
    arrays = {name: _numbers(name, values) for name, values in columns.items()}
    weights = None if weight is None else _numbers("weight", weight)
    lengths = {len(values) for values in arrays.values()} | (set() if weights is None else {len(weights)})
    if len(lengths) != 1 or 0 in lengths:
        raise LabError(
            f"Frequency, recency and age have {sorted(lengths)} rows.",
            "Give one number of each for every customer, and at least one customer.",
        )
    rows = PurchaseRows(arrays["frequency"], arrays["recency"], arrays["age"], weights)
    _require_history(rows)
    return rows


def distinct(rows: PurchaseRows) -> PurchaseRows:
    """The same customers with equal rows as one, weighted; rows whose times lie on no grid come back as
    they are, since they hardly repeat.

    Whole keys are sorted, which costs a tenth of comparing rows.
    """
    grid = next((grid for grid in _GRIDS if _on_grid(rows, grid)), None)
    if rows.weight is not None or grid is None:
        return rows
    last, end = (np.rint(times * grid).astype(np.int64) for times in (rows.recency, rows.age))
    width = int(end.max()) + 1
    if float(rows.frequency.max() + 1) * width * width >= 2.0**62:
        return rows
    key, count = np.unique((rows.frequency.astype(np.int64) * width + last) * width + end, return_counts=True)
    rest, end = np.divmod(key, width)
    frequency, last = np.divmod(rest, width)
    return PurchaseRows(frequency.astype(np.float64), last / grid, end / grid, count.astype(np.float64))


def new_customer() -> PurchaseRows:
    """One customer at the moment of the first purchase."""
    zero = np.zeros(1)
    return PurchaseRows(zero, zero, zero)


def _on_grid(rows: PurchaseRows, grid: float) -> bool:
    def fits(times: Floats) -> bool:
        steps = times * grid
        return bool(np.abs(steps - np.rint(steps)).max() < 1e-6)

    # a few rows first: where they fit no grid, the others need not be looked at
    return all(fits(t[:_SAMPLE]) for t in (rows.age, rows.recency)) and fits(rows.age) and fits(rows.recency)


def _numbers(name: str, values: Any) -> Floats:
    try:
        array = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise LabError(
            f"The column {name} holds something other than numbers.", "Give numbers.", key=name
        ) from error
    if array.ndim != 1:
        raise LabError(f"{name} has {array.ndim} dimensions.", "Give one number a customer.", key=name)
    # the least and the largest say it all: a NaN makes both NaN
    if len(array) and not (array.min() >= 0 and array.max() < np.inf):
        row = int(np.argmin(np.isfinite(array) & (array >= 0)))
        raise LabError(
            f"{name} is missing, infinite or below 0 in row {row + 1}.",
            "Count purchases and times from each customer's first purchase, and leave out whoever has none.",
            key=name,
        )
    return array


def _require_history(rows: PurchaseRows) -> None:
    wrong = {
        "is not a whole number": rows.frequency != np.rint(rows.frequency),
        "has a last purchase after the end of the observation": rows.recency > rows.age,
        "has repeat purchases at the moment of the first, or a later purchase and no repeat": (
            (rows.frequency > 0) != (rows.recency > 0)
        ),
    }
    for what, found in wrong.items():
        if found.any():
            raise LabError(
                f"Row {int(np.argmax(found)) + 1} {what} ({int(found.sum())} rows do).",
                "Merge the purchases of one period into one, in one unit of time; `clv.summarise` does it.",
                key="frequency",
            )
