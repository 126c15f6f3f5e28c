"""From features to the columns that linear models, trees and networks can take, learned on training rows.

A preparation is fitted with its model, inside every fold: a mean or a quantile over all rows would have seen
the rows that are predicted.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features

Imputation = Literal["median", "mean", "mode", "zero"]
Scaling = Literal["standard", "minmax", "robust", "none"]
_RARE = 0.005  # share of missing values from which being missing is a column of its own


@dataclass(frozen=True, slots=True)
class Preparing:
    """What is done to the features.

    impute: what stands for a missing number. flag_missing: say in a column of its own that it was missing.
    categories: one_hot, a column a level, or ordinal, the level's place in the order of its names.
    cap: numbers are held between this quantile and one less it; None holds nothing.
    knots: of a cubic spline in place of a straight line, at quantiles; 0 or from 3 on.
    """

    impute: Imputation = "median"
    flag_missing: bool = True
    categories: Literal["one_hot", "ordinal"] = "one_hot"
    scale: Scaling = "standard"
    cap: float | None = None
    knots: int = 0


@dataclass(frozen=True, slots=True)
class Number:
    """One numeric feature: what stands for missing, the range it is held in, knots, and scaling.

    centre, spread: of each resulting column.
    """

    column: int
    fill: float
    low: float
    high: float
    knots: tuple[float, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A fitted preparation.

    levels: (column, code) of each 0/1 column; ordinals: (column, fill) kept as codes; flags: columns whose
    missing values count.
    """

    numbers: tuple[Number, ...]
    levels: tuple[tuple[int, float], ...]
    ordinals: tuple[tuple[int, float], ...]
    flags: tuple[int, ...]

    def columns(self, values: Floats) -> Floats:
        """(n, d) features -> (n, b) columns without a missing value."""
        parts = [_number_columns(number, values) for number in self.numbers]
        parts += [(values[:, [j]] == code).astype(np.float64) for j, code in self.levels]
        parts += [np.where(np.isnan(values[:, [j]]), fill, values[:, [j]]) for j, fill in self.ordinals]
        parts += [np.isnan(values[:, [j]]).astype(np.float64) for j in self.flags]
        return np.hstack(parts) if parts else np.zeros((len(values), 0))

    @property
    def sources(self) -> list[int]:
        """(b,) the feature that each column comes from."""
        numbers = [number.column for number in self.numbers for _ in number.centre]
        return numbers + [j for j, _ in self.levels] + [j for j, _ in self.ordinals] + list(self.flags)

    def as_json(self) -> dict[str, Any]:
        """Plain lists, for a model's files."""
        numbers = [asdict(number) for number in self.numbers]
        return {"numbers": numbers, "levels": self.levels, "ordinals": self.ordinals, "flags": self.flags}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Prepared":
        """The preparation that `as_json` wrote."""
        numbers = tuple(
            Number(
                one["column"], one["fill"], one["low"], one["high"],
                tuple(one["knots"]), tuple(one["centre"]), tuple(one["spread"]),
            )
            for one in value["numbers"]
        )  # fmt: skip
        pairs = ([(int(j), float(x)) for j, x in value[name]] for name in ("levels", "ordinals"))
        levels, ordinals = (tuple(pair) for pair in pairs)
        return Prepared(numbers, levels, ordinals, tuple(value["flags"]))


def prepare(features: Features, how: Preparing) -> Prepared:
    """Learn from (n, d) training rows; a number that does not vary gives no column."""
    categorical = set(features.schema.categorical)
    numbers, levels, ordinals, flags = [], [], [], []
    for j in range(features.values.shape[1]):
        known = features.values[:, j][~np.isnan(features.values[:, j])]
        if how.flag_missing and _RARE * len(features) < len(features) - len(known) < len(features):
            flags.append(j)
        if j in categorical and how.categories == "one_hot":
            levels += [(j, float(code)) for code in np.unique(known)]
        elif j in categorical:
            ordinals.append((j, _mode(known)))
        elif len(known) and np.ptp(known) > 0:
            numbers.append(_number(j, known, how))
    return Prepared(tuple(numbers), tuple(levels), tuple(ordinals), tuple(flags))


def _number(column: int, known: Floats, how: Preparing) -> Number:
    low, high = float(known.min()), float(known.max())
    if how.cap is not None:
        low, high = (float(x) for x in np.quantile(known, [how.cap, 1 - how.cap]))
    fill = {
        "median": lambda: float(np.median(known)),
        "mean": lambda: float(known.mean()),
        "mode": lambda: _mode(known),
        "zero": lambda: 0.0,
    }[how.impute]()
    low, high = min(low, fill), max(high, fill)
    knots = _knots(np.clip(known, low, high), how.knots)
    count = len(knots) + 2 if knots else 1
    bare = Number(column, fill, low, high, knots, (0.0,) * count, (1.0,) * count)
    if knots:  # weights between 0 and 1, which sum to 1: they have their scale
        return bare
    centre, spread = _scaling(_raw_columns(bare, known), how.scale)
    return Number(column, fill, low, high, knots, tuple(centre.tolist()), tuple(spread.tolist()))


def _knots(known: Floats, count: int) -> tuple[float, ...]:
    if count < 3:
        return ()
    knots = np.unique(np.quantile(known, np.linspace(0, 1, count)))
    return tuple(knots.tolist()) if len(knots) >= 3 else ()


def _scaling(raw: Floats, how: Scaling) -> tuple[Floats, Floats]:
    if how == "none":
        centre, spread = np.zeros(raw.shape[1]), np.ones(raw.shape[1])
    elif how == "minmax":
        centre, spread = raw.min(axis=0), np.ptp(raw, axis=0)
    elif how == "robust":
        quartiles = np.quantile(raw, [0.25, 0.5, 0.75], axis=0)
        centre, spread = quartiles[1], quartiles[2] - quartiles[0]
    else:
        centre, spread = raw.mean(axis=0), raw.std(axis=0)
    return centre, np.where(spread > 0, spread, 1.0)


def _number_columns(number: Number, values: Floats) -> Floats:
    column = values[:, number.column]
    raw = _raw_columns(number, np.where(np.isnan(column), number.fill, column))
    return np.asarray((raw - np.array(number.centre)) / np.array(number.spread), dtype=np.float64)


def _raw_columns(number: Number, known: Floats) -> Floats:
    """(n,) numbers -> the number itself, or its (n, knots + 2) cubic B-splines, constant beyond the knots.

    Source: de Boor (1972), Journal of Approximation Theory 6(1), doi:10.1016/0021-9045(72)90080-9; with a
    penalty on the weights, Eilers and Marx (1996), Statistical Science 11(2), doi:10.1214/ss/1038425655.
    """
    x = np.clip(known, number.low, number.high)
    return b_splines(x, number.knots) if number.knots else x[:, None]


def b_splines(x: Floats, knots: tuple[float, ...], degree: int = 3) -> Floats:
    """(n, knots + degree - 1) weights of the splines at each x, which sum to 1; x is held within the knots.

    >>> b_splines(np.array([0.0, 2.0]), (0.0, 1.0, 2.0)).sum(axis=1)
    array([1., 1.])
    """
    edges = np.array((knots[0],) * degree + knots + (knots[-1],) * degree)
    x = np.clip(x, knots[0], knots[-1])
    interval = np.clip(np.searchsorted(edges, x, side="right") - 1, degree, len(edges) - degree - 2)
    found = (interval[:, None] == np.arange(len(edges) - 1)).astype(np.float64)
    for k in range(1, degree + 1):
        width = edges[k:] - edges[:-k]
        safe = np.where(width > 0, width, 1.0)
        rising = np.where(width > 0, (x[:, None] - edges[:-k]) / safe, 0.0)
        found = rising[:, :-1] * found[:, :-1] + np.where(width > 0, 1 - rising, 0.0)[:, 1:] * found[:, 1:]
    return np.asarray(found, dtype=np.float64)


def _mode(known: Floats) -> float:
    if not len(known):
        return 0.0
    found, count = np.unique(known, return_counts=True)
    return float(found[np.argmax(count)])
