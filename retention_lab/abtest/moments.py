"""Counts, means and co-moments of a few numbers per unit: all that comparisons of means need, and mergeable.

Sums are of deviations from a centre that is fixed once. Merging is then plain addition, and numbers with an
offset of 1e9 keep their digits, as the offset never enters a square.
Source: Chan, Golub and LeVeque (1983), The American Statistician 37(3), doi:10.1080/00031305.1983.10483115
(shifted data).
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError

_NOISE = 64 * np.finfo(np.float64).eps  # of a sum of squares, that rounding alone may leave


@dataclass(frozen=True, slots=True)
class Moments:
    """Of p numbers in m cells.

    centre: (p,); count: (m,) units with all outcomes; total: (m, p) sums of deviations from the centre;
    product: (m, p, p) sums of their products; third, fourth: (m,) sums of the first number's third and fourth
    powers. missing: (m,) units that lack an outcome.
    Raises LabError where a sum is beyond all numbers.
    """

    centre: Floats
    count: Ints
    total: Floats
    product: Floats
    third: Floats
    fourth: Floats
    missing: Ints

    def __post_init__(self) -> None:
        if not all(np.isfinite(one).all() for one in (self.total, self.product, self.third, self.fourth)):
            raise LabError(
                "A value is so large (beyond some 1e75) that the sums of its powers are no numbers.",
                "Correct it, leave it empty, or measure in a larger unit.",
                key="metrics",
            )

    def sums_over(self, where: np.ndarray) -> "Sums":
        """The cells that a mask or an index array picks, as one."""
        return Sums(
            self.centre,
            int(self.count[where].sum()),
            self.total[where].sum(axis=0),
            self.product[where].sum(axis=0),
            float(self.third[where].sum()),
            float(self.fourth[where].sum()),
            int(self.missing[where].sum()),
        )

    def joined(self, later: "Moments") -> "Moments":
        """Cells of both, one after the other. Raises LabError where they have other centres."""
        if not np.array_equal(self.centre, later.centre):
            raise LabError(
                "Statistics with different centres cannot be added up.",
                "Summarise the new rows with the centres of the stored ones.",
            )
        names = ("count", "total", "product", "third", "fourth", "missing")
        return Moments(self.centre, *(np.concatenate([getattr(self, n), getattr(later, n)]) for n in names))


@dataclass(frozen=True, slots=True)
class Sums:
    """`Moments` of one group of units."""

    centre: Floats
    count: int
    total: Floats
    product: Floats
    third: float
    fourth: float
    missing: int

    @property
    def mean(self) -> Floats:
        """(p,) in the numbers' own units."""
        return self.centre + self.shift

    @property
    def shift(self) -> Floats:
        """(p,) mean less the centre, where small differences keep their digits."""
        return self.total / self.count

    @property
    def scatter(self) -> Floats:
        """(p, p) sums of products of deviations from the mean; what is rounding alone is 0."""
        raw = self.product - self.total[:, None] * self.total / self.count
        size = np.sqrt(self.product.diagonal())
        return np.asarray(np.where(np.abs(raw) <= _NOISE * (size[:, None] * size), 0.0, raw))

    @property
    def covariance(self) -> Floats:
        """(p, p) with the divisor n − 1."""
        return self.scatter / (self.count - 1)

    @property
    def shape(self) -> tuple[float, float]:
        """Third and fourth central moment of the first number."""
        n, d = self.count, float(self.shift[0])
        second = float(self.product[0, 0]) / n
        third = self.third / n - 3 * d * second + 2 * d**3
        fourth = self.fourth / n - 4 * d * self.third / n + 6 * d * d * second - 3 * d**4
        return third, max(fourth, 0.0)


def moments_of(values: Floats, cell: Ints, cells: int, outcomes: int, centre: Floats) -> Moments:
    """Moments of (n, p) numbers in the cells 0..cells-1, the first `outcomes` of which must be there.

    A missing covariate counts as its centre. Raises LabError where a number is infinite.
    """
    if np.isinf(values).any():
        row = int(np.argmax(np.isinf(values).any(axis=1)))
        raise LabError(
            f"Row {row + 1} has an infinite value, with which no mean is finite.",
            "Correct it, or leave it empty: missing values are counted and left out.",
        )
    there = ~np.isnan(values[:, :outcomes]).any(axis=1)
    missing = np.bincount(cell[~there], minlength=cells)
    deviation, cell = values[there] - centre, cell[there]
    deviation[np.isnan(deviation)] = 0.0
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused below
        total, product, third, fourth = _sums(deviation, cell, cells)
    count = np.bincount(cell, minlength=cells).astype(np.int64)
    return Moments(centre, count, total, product, third, fourth, missing.astype(np.int64))


def _sums(deviation: Floats, cell: Ints, cells: int) -> tuple[Floats, Floats, Floats, Floats]:
    p = deviation.shape[1]
    sums = [np.bincount(cell, deviation[:, j], cells) for j in range(p)]
    total = np.column_stack(sums).astype(np.float64)
    product = np.empty((cells, p, p))
    for i in range(p):
        for j in range(i, p):
            both = np.bincount(cell, deviation[:, i] * deviation[:, j], cells)
            product[:, i, j] = product[:, j, i] = both
    square = deviation[:, 0] ** 2
    third = np.asarray(np.bincount(cell, square * deviation[:, 0], cells), dtype=np.float64)
    fourth = np.asarray(np.bincount(cell, square * square, cells), dtype=np.float64)
    return total, product, third, fourth
