"""Features as few groups of rows, cut once for all checks; the same whatever the order of the rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.features import Features

SMALLEST_BIN = 50  # rows; smaller bins are merged, since chi-square needs expected counts
BINS = 10


@dataclass(frozen=True, slots=True)
class Binned:
    """names: of the d features. codes: d times (n,), the bin of each row, counted from 0 without gaps."""

    names: Sequence[str]
    codes: Sequence[Ints]


def binned(features: Features) -> Binned:
    """Ten bins of every numeric feature, the levels of every categorical one."""
    schema = features.schema
    columns = (np.ascontiguousarray(features.values[:, j]) for j in range(len(schema.names)))
    codes = [
        quantile_bins(column) if levels is None else level_bins(column)
        for column, levels in zip(columns, schema.levels, strict=True)
    ]
    return Binned(schema.names, codes)


def quantile_bins(column: Floats) -> Ints:
    """(n,) about ten bins of as many rows; missing is one of its own; small ones are merged."""
    return merged(quantiles(column, BINS))


def quantiles(column: Floats, count: int) -> Ints:
    """(n,) which of about `count` quantiles a value falls into, from 1; 0 where it is missing.

    A value that many rows share does not hide the few above it: they are a group of their own.
    """
    there = ~np.isnan(column)
    codes = there.astype(np.int64)  # 0: missing
    for cut in _cuts(np.sort(column[there]), count):
        codes += column >= cut  # what is missing is above nothing
    return codes


def level_bins(column: Floats) -> Ints:
    """(n,) one bin for each level of a categorical column of codes; missing is one; small ones are merged."""
    return merged(np.nan_to_num(column, nan=-1.0).astype(np.int64) + 1)


def merged(codes: Ints, smallest: float = SMALLEST_BIN) -> Ints:
    """(n,) codes without gaps, of which each has at least `smallest` rows where there are as many.

    Smaller ones become one; where that is too small still, it joins the smallest of the others.
    """
    count = np.bincount(codes)
    kept = np.flatnonzero(count >= smallest)
    rest = len(codes) - int(count[kept].sum())
    place = np.full(len(count), len(kept), dtype=np.int64)
    if len(kept) and rest < smallest:
        place[:] = np.argmin(count[kept])
    place[kept] = np.arange(len(kept))
    return np.asarray(place[codes], dtype=np.int64)


def explained(values: Floats, bins: Ints) -> float:
    """Share of the variance between bins, 0 to 1, less what as many random bins would explain."""
    centred = values - values.mean()  # or the squares of large numbers would drown the differences
    total = float(centred @ centred)
    count = np.bincount(bins)
    if total == 0 or len(values) <= len(count):
        return 0.0
    mean = np.bincount(bins, weights=centred) / count
    within = (total - float(count @ mean**2)) / (len(values) - len(count))
    return max(0.0, 1 - within / (total / (len(values) - 1)))


def _cuts(ordered: Floats, count: int) -> Floats:
    """Where bins begin: at quantiles, and above every value that fills a bin or is the smallest."""
    if len(ordered) == 0:
        return ordered
    starts = ordered[(np.arange(count) * len(ordered)) // count]
    common = np.append(starts[:-1][starts[:-1] == starts[1:]], starts[0])
    above = np.searchsorted(ordered, common, side="right")
    return np.unique(np.concatenate((starts[1:], ordered[above[above < len(ordered)]])))
