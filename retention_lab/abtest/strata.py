"""Strata: groups of units that are alike before the experiment, within which arms are balanced by design."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from retention_lab.arrays import Bools, Ints
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Strata:
    """code: (n,) stratum of each unit, from 0 without gaps. label: (s,) what each is, for the reader."""

    code: Ints
    label: tuple[str, ...]


def strata(columns: Mapping[str, np.ndarray], blocks: int | Mapping[str, int] = 10) -> Strata:
    """Cells of (n,) columns known before assignment; only those that occur.

    blocks: how many quantile blocks a column of numbers or times is cut into, for all of them or by name. One
    that is not named, or has no more values than that, keeps its values. Equal values stay together, so heavy
    ties give fewer blocks. Missing values are a level of their own.
    The strata depend on the values alone, never on the order of the rows.
    Raises LabError where there is no column, lengths differ, a column mixes types, or a number of blocks is
    below 2 or for a column that cannot be cut.

    >>> found = strata({"country": np.array(["DE", "FR", "DE"]), "score": np.array([0.1, 0.2, 0.9])}, 2)
    >>> found.code.tolist(), found.label[0]
    ([0, 2, 1], 'country=DE, score 1 of 2')
    """
    found = [_column(name, np.asarray(values)) for name, values in columns.items()]
    _require_one_length(found)
    wanted = _wanted(found, blocks)
    return reduce(_crossed, [_levels(column, wanted.get(column.name)) for column in found])


def quantile_blocks(values: np.ndarray, blocks: int) -> Ints:
    """(n,) block of each number, lowest first, from 0 without gaps: equal shares of units, cut by mid-rank.

    Equal numbers stay together. Raises LabError where a number is missing, or there are fewer than 2 blocks.

    >>> quantile_blocks(np.array([5.0, 1.0, 3.0, 3.0]), 2).tolist()
    [1, 0, 1, 1]
    """
    _require_blocks("The column", blocks)
    if np.any(values != values):
        raise LabError("A number that is to be cut into blocks is missing.", "Fill it in, or use `strata`.")
    _, own, count = np.unique(values, return_inverse=True, return_counts=True)
    return _cut(count, blocks)[own]


def _cut(count: Ints, blocks: int) -> Ints:
    """(l,) block of each of the distinct values, in their order, from how often each comes."""
    middle = 2 * np.cumsum(count) - count  # twice the mid-rank: whole numbers, so that rounding moves no cut
    number = middle * blocks // (2 * count.sum())
    return np.cumsum(np.diff(number, prepend=number[:1]) > 0)  # without gaps


@dataclass(frozen=True, slots=True)
class _Column:
    """missing: (n,). present: the other values, of one type that can be sorted."""

    name: str
    missing: Bools
    present: np.ndarray

    def can_be_cut(self) -> bool:
        return self.present.dtype.kind in "iufmM"


def _column(name: str, values: np.ndarray) -> _Column:
    if values.ndim != 1:
        raise LabError(f"Column {name!r} has {values.ndim} dimensions.", "Give one value a unit.", key=name)
    if values.dtype.kind != "O":
        missing = np.asarray(values != values, dtype=np.bool_)
        return _Column(name, missing, values[~missing])
    missing = np.array([_is_blank(value) for value in values], dtype=np.bool_)
    present = values[~missing]
    kinds = {type(value) for value in present}
    for allowed, plain in (
        (str, np.str_),
        ((bool, np.bool_), np.bool_),
        ((int, float, np.number), np.float64),
    ):
        if all(issubclass(kind, allowed) for kind in kinds) and (plain != np.float64 or bool not in kinds):
            return _Column(name, missing, present.astype(plain))
    raise LabError(
        f"Column {name!r} mixes types, or holds one that cannot be sorted: "
        f"{', '.join(sorted(kind.__name__ for kind in kinds))}.",
        "Give text, numbers, times or true and false.",
        key=name,
    )


def _is_blank(value: object) -> bool:
    return bool(value is None or type(value).__name__ in ("NAType", "NaTType") or value != value)


def _levels(column: _Column, blocks: int | None) -> Strata:
    levels, own, count = np.unique(column.present, return_inverse=True, return_counts=True)
    if blocks is not None and len(levels) > blocks:
        block = _cut(count, blocks)
        own, last = block[own], int(block[-1]) + 1
        labels = [f"{column.name} {number} of {last}" for number in range(1, last + 1)]
    else:
        labels = [f"{column.name}={level}" for level in levels]
    code = np.full(len(column.missing), len(labels), dtype=np.int64)
    code[~column.missing] = own
    return Strata(code, (*labels, f"{column.name} missing") if column.missing.any() else tuple(labels))


def _crossed(first: Strata, second: Strata) -> Strata:
    width = len(second.label)
    cells, code = np.unique(first.code * width + second.code, return_inverse=True)
    labels = (f"{first.label[cell // width]}, {second.label[cell % width]}" for cell in cells.tolist())
    return Strata(np.asarray(code, dtype=np.int64), tuple(labels))


def _wanted(columns: Sequence[_Column], blocks: int | Mapping[str, int]) -> Mapping[str, int]:
    """How many blocks each column is cut into; the others keep their values."""
    cut = [column.name for column in columns if column.can_be_cut()]
    wanted = blocks if isinstance(blocks, Mapping) else dict.fromkeys(cut, blocks)
    for name, count in wanted.items():
        if name not in cut:
            raise LabError(
                f"Blocks are asked for of {name!r}, which is not a column of numbers or times.",
                f"Such columns are: {', '.join(cut) or 'none'}.",
                key=name,
            )
        _require_blocks(f"Column {name!r}", count)
    return wanted


def _require_blocks(column: str, count: int) -> None:
    if count < 2:
        raise LabError(f"{column} is to be cut into {count} blocks.", "Ask for 2 or more.", key="blocks")


def _require_one_length(columns: Sequence[_Column]) -> None:
    if not columns:
        raise LabError("There is no column to make strata of.", "Name at least one.", key="strata")
    lengths = {column.name: len(column.missing) for column in columns}
    if len(set(lengths.values())) > 1:
        raise LabError(
            f"The columns have different lengths: {', '.join(f'{n} {size}' for n, size in lengths.items())}.",
            "Give one value a unit in each.",
            key="strata",
        )
