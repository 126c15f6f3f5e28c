"""Yes-or-no questions about a customer that a person can read, and which of them are worth asking."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.features import Features

_LONGEST_LIST = 5  # levels in one question; their complement is asked by its "else"


@dataclass(frozen=True, slots=True)
class Above:
    """The number is above a limit; a missing one is not."""

    column: int
    name: str
    limit: float

    def holds(self, values: Floats) -> Bools:
        """(n, d) -> (n,)."""
        return np.asarray(values[:, self.column] > self.limit, dtype=np.bool_)

    def __str__(self) -> str:
        return f"{self.name} > {self.limit:.15g}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """The number is not above a limit; a missing one is neither above nor below."""

    column: int
    name: str
    limit: float

    def holds(self, values: Floats) -> Bools:
        """(n, d) -> (n,)."""
        return np.asarray(values[:, self.column] <= self.limit, dtype=np.bool_)

    def __str__(self) -> str:
        return f"{self.name} <= {self.limit:.15g}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The category is one of some levels, given by code and by name."""

    column: int
    name: str
    codes: tuple[int, ...]
    levels: tuple[str, ...]

    def holds(self, values: Floats) -> Bools:
        """(n, d) -> (n,)."""
        return np.asarray(np.isin(values[:, self.column], self.codes), dtype=np.bool_)

    def __str__(self) -> str:
        if len(self.levels) == 1:
            return f"{self.name} is {self.levels[0]}"
        return f"{self.name} is one of {', '.join(self.levels)}"


@dataclass(frozen=True, slots=True)
class IsMissing:
    """The value is missing, or a level that was never seen."""

    column: int
    name: str

    def holds(self, values: Floats) -> Bools:
        """(n, d) -> (n,)."""
        return np.asarray(np.isnan(values[:, self.column]), dtype=np.bool_)

    def __str__(self) -> str:
        return f"{self.name} is missing"


Condition = Above | AtMost | OneOf | IsMissing


@dataclass(frozen=True, slots=True)
class Questions:
    """All questions about one column, on its values in bins.

    bins: (n,) bin of each row; conditions: c of them; holds: (c, bins) 1 where the condition holds for the
    bin, else 0.
    """

    bins: Ints
    conditions: tuple[Condition, ...]
    holds: Floats


def questions(features: Features, column: int, advantage: Floats, cuts: int) -> Questions:
    """What may be asked about a column.

    Of a number: above each of at most `cuts` quantiles, in round figures. Of a category: each of its `cuts`
    most frequent levels against the rest, and the levels with the highest (and the lowest) mean advantage, up
    to five together. Where values are missing, that may be asked too; they lie on neither side of a limit.
    advantage: (n, K), what each offer is worth to the customer over none.
    Source of sorting levels by their mean: Fisher (1958), JASA 53(284), doi:10.1080/01621459.1958.10501479.
    """
    levels = features.schema.levels[column]
    name, values = features.schema.names[column], features.values[:, column]
    if levels is None:
        return _number_questions(column, name, values, cuts)
    return _level_questions(column, name, levels, values, advantage, cuts)


def _number_questions(column: int, name: str, values: Floats, cuts: int) -> Questions:
    missing = np.isnan(values)
    limits = _round_limits(values[~missing], cuts)
    bins = np.searchsorted(limits, values, side="left")
    bins[missing] = len(limits) + 1
    number = np.arange(len(limits) + 2)
    conditions: list[Condition] = [Above(column, name, float(limit)) for limit in limits]
    holds = [(number > i) & (number <= len(limits)) for i in range(len(limits))]
    if missing.any():
        conditions += [AtMost(column, name, float(limit)) for limit in limits]
        holds += [number <= i for i in range(len(limits))]
        conditions.append(IsMissing(column, name))
        holds.append(number == len(limits) + 1)
    return _questions(bins, conditions, holds, len(number))


def _round_limits(known: Floats, cuts: int) -> Floats:
    """Quantiles below the maximum, rounded to a hundredth of their range: a rule is read by people."""
    values = np.unique(known)
    if len(values) > cuts + 1:
        values = np.unique(np.quantile(known, np.linspace(0, 1, cuts + 2)[1:-1], method="lower"))
        values = np.append(values, known.max())
    limits = values[:-1]
    if len(limits) > 1:
        digits = 2 - int(np.floor(np.log10(limits[-1] - limits[0])))
        limits = np.unique(np.round(limits, digits))
    return np.asarray(limits, dtype=np.float64)


def _level_questions(
    column: int, name: str, levels: Sequence[str], values: Floats, advantage: Floats, cuts: int
) -> Questions:
    missing = np.isnan(values)
    code = np.where(missing, len(levels), values).astype(np.int64)
    count = np.bincount(code, minlength=len(levels) + 1)
    kept = np.argsort(-count[:-1], kind="stable")[:cuts]
    kept = np.sort(kept[count[kept] > 0])
    place = np.full(len(levels) + 1, len(kept))  # rare levels share a bin, which no question names
    place[kept], place[-1] = np.arange(len(kept)), len(kept) + 1
    bins = place[code]
    sets = _level_sets(bins, len(kept), advantage)
    conditions: list[Condition] = [
        OneOf(column, name, tuple(int(kept[i]) for i in one), tuple(levels[kept[i]] for i in one))
        for one in sets
    ]
    holds = [np.isin(np.arange(len(kept) + 2), one) for one in sets]
    if missing.any():
        conditions.append(IsMissing(column, name))
        holds.append(np.arange(len(kept) + 2) == len(kept) + 1)
    return _questions(bins, conditions, holds, len(kept) + 2)


def _level_sets(bins: Ints, kept: int, advantage: Floats) -> list[tuple[int, ...]]:
    """Sets of bins, without repetition, and without the one that holds all."""
    found: set[tuple[int, ...]] = {(i,) for i in range(kept)}
    count = np.maximum(np.bincount(bins, minlength=kept)[:kept], 1)
    for k in range(advantage.shape[1]):
        total = np.bincount(bins, weights=advantage[:, k], minlength=kept)[:kept]
        order = np.argsort(total / count, kind="stable")
        for size in range(2, min(_LONGEST_LIST, kept - 1) + 1):
            found.add(tuple(sorted(int(i) for i in order[:size])))
            found.add(tuple(sorted(int(i) for i in order[-size:])))
    return sorted(found, key=lambda one: (len(one), one))


def _questions(bins: Ints, conditions: list[Condition], holds: list[Bools], bin_count: int) -> Questions:
    table = np.array(holds, dtype=np.float64).reshape(len(conditions), bin_count)
    return Questions(np.asarray(bins, dtype=np.int64), tuple(conditions), table)
