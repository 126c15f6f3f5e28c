"""Exact search for the shallow tree of questions whose leaves, one arm each, are worth most."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.uplift.understanding.conditions import Condition, Questions


@dataclass(frozen=True, slots=True)
class Leaf:
    """The arm that all customers here get."""

    arm: int


@dataclass(frozen=True, slots=True)
class Split:
    """Customers for whom the condition holds go to `yes`, all others to `no`."""

    condition: Condition
    yes: "Leaf | Split"
    no: "Leaf | Split"


Node = Leaf | Split


@dataclass(frozen=True, slots=True)
class Search:
    """advantage: (n, K) net value of each offer over none; asked: questions about those n rows, one column
    each; smallest: fewest rows of a leaf; columns: how many are searched in pairs; margin: what a better tree
    must be worth more, in the sum, so that rounding, and with it the order of the rows, never decides.
    """

    advantage: Floats
    asked: tuple[Questions, ...]
    smallest: int
    columns: int
    margin: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "margin", 1e-9 * float(np.abs(self.advantage).sum()))


@dataclass(frozen=True, slots=True)
class _Best:
    """The best question for each of c groups of customers: total value with it, its column and condition."""

    value: Floats
    column: Ints
    condition: Ints

    def over(self, other: "_Best", margin: float) -> "_Best":
        """The better of the two for each group; the other where they tie."""
        higher = self.value > other.value + margin
        pairs = zip(
            (self.value, self.column, self.condition),
            (other.value, other.column, other.condition),
            strict=True,
        )
        return _Best(*(np.where(higher, mine, theirs) for mine, theirs in pairs))


def best_tree(search: Search, depth: int) -> Node:
    """The tree with the highest total value of all trees of at most `depth` (1 or 2) questions in a row.

    A question that gains nothing is left out. At depth 2, where there are more columns than `search.columns`,
    only those are searched whose best single question gains most.
    Source: Zhou, Athey, Wager (2023), Operations Research 71(1), doi:10.1287/opre.2022.2271.
    """
    everybody = np.ones(len(search.advantage), dtype=np.bool_)
    single = [_single_question(search, j) for j in range(len(search.asked))]
    if depth == 1:
        best = _nothing(1)
        for one in single:
            best = one.over(best, search.margin)
        return _with_question(search, everybody, best, 0)
    gain = np.array([best.value[0] for best in single])
    kept = np.sort(np.argsort(-gain, kind="stable")[: search.columns])
    return _best_pair(search, [int(j) for j in kept])


def _best_pair(search: Search, kept: Sequence[int]) -> Node:
    rows = np.ones(len(search.advantage), dtype=np.bool_)
    found: Node = _leaf(search, rows)
    highest = float(_leaf_value(_totals(search, rows)))
    chosen: tuple[Condition, int, _Best, _Best] | None = None
    for j in kept:
        first = search.asked[j]
        if not first.conditions:
            continue
        value, yes, no = _with_second_question(search, j, kept)
        i = int(_first_of_the_highest(value, search.margin))
        if value[i] > highest + search.margin:
            highest = float(value[i])
            chosen = (first.conditions[i], i, yes, no)
            first_holds = first.holds[i][first.bins] > 0
    if chosen is not None:
        condition, i, yes, no = chosen
        found = Split(
            condition,
            _with_question(search, first_holds, yes, i),
            _with_question(search, ~first_holds, no, i),
        )
    return found


def _with_second_question(search: Search, j: int, kept: Sequence[int]) -> tuple[Floats, _Best, _Best]:
    """For each first question of column j: total value of the best tree, and its best second questions."""
    first = search.asked[j]
    best = {"yes": _nothing(len(first.conditions)), "no": _nothing(len(first.conditions))}
    for other in kept:
        second = search.asked[other]
        table = _table(search, first, second)
        yes = np.tensordot(first.holds, table, axes=(1, 0))  # (c, bins, K + 1)
        sides = {"yes": yes, "no": table.sum(axis=0) - yes}
        if second.conditions:
            for side, tables in sides.items():
                best[side] = _best_question(search, other, tables).over(best[side], search.margin)
    totals = {side: tables.sum(axis=1) for side, tables in sides.items()}
    value = np.zeros(len(first.conditions))
    for side, total in totals.items():
        stop = np.where(total[:, -1] >= search.smallest, _leaf_value(total), -np.inf)
        value += np.maximum(stop, best[side].value - search.margin)
    return value, best["yes"], best["no"]


def _nothing(groups: int) -> _Best:
    none = np.zeros(groups, dtype=np.int64)
    return _Best(np.full(groups, -np.inf), none, none)


def _single_question(search: Search, j: int) -> _Best:
    one = search.asked[j]
    if not one.conditions:
        return _nothing(1)
    everybody = Questions(np.zeros_like(one.bins), (), np.ones((0, 1)))
    return _best_question(search, j, _table(search, everybody, one))


def _best_question(search: Search, j: int, tables: Floats) -> _Best:
    """tables: (c, bins, K + 1) sums by bin of column j, in each of c groups of customers."""
    yes = np.einsum("ib,cbk->cik", search.asked[j].holds, tables, optimize=True)
    no = tables.sum(axis=1)[:, None] - yes
    enough = np.minimum(yes[..., -1], no[..., -1]) >= search.smallest
    value = np.where(enough, _leaf_value(yes) + _leaf_value(no), -np.inf)
    condition = _first_of_the_highest(value, search.margin)
    return _Best(value[np.arange(len(value)), condition], np.full(len(value), j), condition)


def _with_question(search: Search, rows: Bools, best: _Best, i: int) -> Node:
    """The best question of group i, which these rows are, or a leaf where it gains nothing."""
    if not best.value[i] > _leaf_value(_totals(search, rows)) + search.margin:
        return _leaf(search, rows)
    one = search.asked[best.column[i]]
    holds = one.holds[best.condition[i]][one.bins] > 0
    condition = one.conditions[best.condition[i]]
    return Split(condition, _leaf(search, rows & holds), _leaf(search, rows & ~holds))


def _table(search: Search, first: Questions, second: Questions) -> Floats:
    """(bins of the first, bins of the second, K + 1): sums of the advantages, and the number of rows."""
    shape = first.holds.shape[1], second.holds.shape[1]
    cell = first.bins * shape[1] + second.bins
    size = shape[0] * shape[1]
    columns = [np.bincount(cell, weights=column, minlength=size) for column in search.advantage.T]
    return np.stack([*columns, np.bincount(cell, minlength=size)], axis=-1).reshape(*shape, -1)


def _first_of_the_highest(value: Floats, margin: float) -> Ints:
    return np.asarray(np.argmax(value >= value.max(axis=-1, keepdims=True) - margin, axis=-1))


def _totals(search: Search, rows: Bools) -> Floats:
    return np.append(search.advantage[rows].sum(axis=0), rows.sum())


def _leaf_value(totals: Floats) -> Floats:
    """(…,) value of the best arm over none for all, from (…, K + 1) sums."""
    return np.asarray(np.maximum(totals[..., :-1].max(axis=-1), 0.0))


def _leaf(search: Search, rows: Bools) -> Leaf:
    total = search.advantage[rows].sum(axis=0)
    return Leaf(int(np.argmax(total)) + 1 if total.max() > 0 else 0)
