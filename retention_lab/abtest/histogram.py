"""How often each value occurs, small enough to keep for ever and to add up over days, arms and machines.

Up to 4,096 distinct values are kept exactly. Beyond that a value falls into a bin whose number is a pure
function of the value and of a fixed `centre`, so histograms of any parts add up to the histogram of the
whole, in any order. With d = value - centre and e = floor(log2 |d|), the bin is

    sign(d) * ((e + 1023) * 1024 + floor((|d| / 2^e - 1) * 1024)),        and 0 where d = 0,

which any SQL engine can compute; a log2 that is off by one at a power of two gives the same bin. A bin is at
most 1/1024 of its distance from the centre wide. Money has the centre 0; a column far from 0 (a time stamp,
an account number) takes a centre inside its range, see `fitting_centre`, and keeps its digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError

MOST_EXACT = 4096  # distinct values
_DROPPED_BITS = 42  # of 52 bits of a double's mantissa, so that 10 bits are kept: 1024 bins per power of two


@dataclass(frozen=True, slots=True)
class Histogram:
    """keys: (b,) ascending, the values themselves where `exact`, else numbers of bins about `centre`.

    counts: (b,) units per key, at least 1; centre: in the values' unit.
    """

    keys: Floats
    counts: Ints
    exact: bool
    centre: float = 0.0

    @property
    def total(self) -> int:
        """Units counted."""
        return int(self.counts.sum())

    @property
    def edges(self) -> tuple[Floats, Floats]:
        """(b,) smallest and (b,) largest value that each key can stand for; the same where exact."""
        if self.exact:
            return self.keys, self.keys
        return _bin_edges(self.keys, self.centre)

    def order_statistics(self, ranks: Floats | Sequence[int]) -> Floats:
        """(r,) values of the given ranks, 1 for the smallest unit; inside a bin, evenly spread over it."""
        rank = np.asarray(ranks, dtype=np.float64)
        through = np.cumsum(self.counts)
        if rank.size and (rank.min() < 1 or rank.max() > through[-1]):
            raise LabError(
                f"Ranks {rank.min():g} to {rank.max():g} were asked for among {int(through[-1])} units.",
                "Ask for ranks from 1 to the number of units.",
            )
        place = np.searchsorted(through, rank)
        low, high = (edge[place] for edge in self.edges)
        inside = (rank - (through - self.counts)[place] - 0.5) / self.counts[place]
        return np.asarray(low + (high - low) * inside, dtype=np.float64)

    def quantile(self, q: float) -> float:
        """The value below which a share `q` lies, between order statistics by linear interpolation.

        The default definition of numpy, and `percentile_cont` of SQL.
        Source: Hyndman and Fan (1996), The American Statistician 50(4), doi:10.2307/2684934 (definition 7).

        >>> histogram(np.array([1.0, 2.0, 4.0, 8.0])).quantile(0.5)
        3.0
        """
        check_share(q)
        place = (self.total - 1) * q
        low = int(place)
        below, above = self.order_statistics([low + 1, min(low + 2, self.total)])
        return float(below + (above - below) * (place - low))

    def cdf(self, value: float) -> float:
        """Share of units at or below a value."""
        low, high = self.edges
        width = np.where(high > low, high - low, 1.0)
        inside = np.where(high > low, np.clip((value - low) / width, 0.0, 1.0), low <= value)
        return float(np.sum(self.counts * inside)) / self.total

    def binned(self) -> "Histogram":
        """The same units by bins, whether or not the values are known exactly."""
        if not self.exact:
            return self
        return _gathered(_bin_numbers(self.keys, self.centre), self.counts, self.centre)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Plain arrays for a file; `from_arrays` reads them back."""
        return {
            "keys": self.keys,
            "counts": self.counts,
            "exact": np.array(self.exact),
            "centre": np.array(self.centre),
        }


def histogram(values: np.ndarray, centre: float = 0.0) -> Histogram:
    """Count (n,) values.

    Raises LabError where there are none, or where one is missing or infinite.
    """
    keys, counts = np.unique(_finite(values) + 0.0, return_counts=True)  # + 0.0: one zero, not two
    return counted(keys, counts, exact=True, centre=centre)


def counted(keys: np.ndarray, counts: np.ndarray, *, exact: bool, centre: float = 0.0) -> Histogram:
    """A histogram of (b,) keys that something else counted, a database say; keys in any order, also repeated.

    Raises LabError where the arrays do not fit, a count is negative, or nothing is counted.
    """
    key = np.asarray(keys, dtype=np.float64).ravel()
    count = np.asarray(counts).ravel()
    if len(key) != len(count):
        raise LabError(f"{len(key)} keys came with {len(count)} counts.", "Give one count per key.")
    if not (np.isfinite(key).all() and np.isfinite(centre)):
        raise LabError("A key of the histogram is missing or infinite.", "Leave out rows without a value.")
    if not (np.isfinite(count).all() and (count >= 0).all() and (count == np.floor(count)).all()):
        raise LabError("A count of the histogram is not a whole number from 0.", "Count units, not shares.")
    if not exact and (key != np.floor(key)).any():
        raise LabError(
            "The number of a bin is not whole.", "Say that the keys are exact, if they are values."
        )
    if count.sum() < 1:
        raise LabError("The histogram counts no units.", "Check that the arm has units.")
    kept = count > 0
    found = _gathered(key[kept] + 0.0, count[kept].astype(np.int64), centre, exact=exact)
    return found.binned() if exact and len(found.keys) > MOST_EXACT else found


def from_arrays(arrays: Mapping[str, Any]) -> Histogram:
    """A histogram from what `Histogram.to_arrays` gave."""
    return counted(
        arrays["keys"], arrays["counts"], exact=bool(arrays["exact"]), centre=float(arrays["centre"])
    )


def merge(parts: Sequence[Histogram]) -> Histogram:
    """The histogram of all units of the parts; the same whatever their order or grouping.

    Raises LabError where there are none, or where they are binned about different centres.
    """
    parts = alike(parts)
    keys, counts = (np.concatenate([getattr(part, name) for part in parts]) for name in ("keys", "counts"))
    return counted(keys, counts, exact=parts[0].exact, centre=parts[0].centre)


def alike(parts: Sequence[Histogram]) -> list[Histogram]:
    """The same histograms with keys of one kind: exact if all of them are, else bins about one centre."""
    if not parts:
        raise LabError("There are no histograms to merge.", "Check that the arm has units.")
    centres = {part.centre for part in parts}
    if len(centres) > 1:
        named = " and ".join(f"{centre:g}" for centre in sorted(centres)[:2])
        raise LabError(
            f"Histograms about different centres, {named}, do not add up.",
            "Count every day and arm of a metric about one centre.",
        )
    exact = all(part.exact for part in parts)
    return [part if exact else part.binned() for part in parts]


def side_by_side(control: Histogram, treated: Histogram) -> tuple[Floats, Ints, Ints]:
    """(b,) keys of either arm, ascending, and (b,) units of each arm at them."""
    one, two = alike([control, treated])
    keys = np.union1d(one.keys, two.keys)
    counts = np.zeros((2, len(keys)), dtype=np.int64)
    for row, part in zip(counts, (one, two), strict=True):
        row[np.searchsorted(keys, part.keys)] = part.counts
    return keys, counts[0], counts[1]


def fitting_centre(values: np.ndarray) -> float:
    """A centre for a column: 0, unless its (n,) values lie far from 0 for their spread; then their median.

    Choose it once, on the first values of a metric, and keep it: histograms add up only about one centre.

    Raises LabError as `histogram`.
    """
    low, middle, high = np.quantile(_finite(values), [0.01, 0.5, 0.99])
    return 0.0 if low <= 0 <= high or abs(middle) < 10 * (high - low) else float(middle)


def check_share(q: float) -> None:
    """Raise LabError where `q` is not a share between 0 and 1, ends excluded."""
    if not 0 < q < 1:
        raise LabError(f"The quantile {q:g} is not between 0 and 1.", "Write 0.9 for the 90th percentile.")


def _finite(values: np.ndarray) -> Floats:
    """(n,) values as floats; raises LabError where there are none, or one is missing or infinite."""
    found = np.asarray(values, dtype=np.float64).ravel()
    if len(found) == 0:
        raise LabError("There are no values to count.", "Check that the arm has units.")
    wrong = ~np.isfinite(found)
    if wrong.any():
        first = int(np.argmax(wrong)) + 1
        raise LabError(
            f"{int(wrong.sum())} of {len(found)} values are missing or infinite, row {first} first.",
            "Remove or correct those rows, or say what they stand for.",
        )
    return found


def _gathered(keys: Floats, counts: Ints, centre: float, *, exact: bool = False) -> Histogram:
    """Add up the counts of equal keys."""
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return Histogram(keys[first], np.add.reduceat(counts, first), exact, centre)


def _bin_numbers(values: Floats, centre: float) -> Floats:
    """The formula at the top, read off the bits of the double."""
    distance = values - centre
    magnitude = np.abs(distance).view(np.int64) >> _DROPPED_BITS
    return np.asarray(np.sign(distance) * magnitude, dtype=np.float64)


def _bin_edges(numbers: Floats, centre: float) -> tuple[Floats, Floats]:
    magnitude = np.abs(numbers).astype(np.int64)
    near, far = ((magnitude + step) << _DROPPED_BITS for step in (0, 1))
    inner = near.view(np.float64)
    outer = np.where(magnitude == 0, 0.0, np.minimum(far.view(np.float64), np.finfo(np.float64).max))
    up = numbers >= 0
    return centre + np.where(up, inner, -outer), centre + np.where(up, outer, -inner)
