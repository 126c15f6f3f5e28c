"""Sums of units over many replications at once: columns of a unit whose sums are an arm's moments."""

from dataclasses import dataclass

import numpy as np

from retention_lab.abtest.moments import Sums
from retention_lab.arrays import Floats

_ROUNDING = 64 * np.finfo(np.float64).eps  # as in `moments.Sums.scatter`


@dataclass(frozen=True, slots=True)
class ManySums:
    """`moments.Sums` of a group of units in each of (...) replications.

    centre: (p,); count: (...); total: (..., p); product: (..., p, p); third, fourth: (...) of the first
    number, None where they are not added up.
    """

    centre: Floats
    count: Floats
    total: Floats
    product: Floats
    third: Floats | None = None
    fourth: Floats | None = None

    @property
    def shift(self) -> Floats:
        """(..., p) mean less the centre, 0 where there are no units."""
        return np.asarray(self.total / np.maximum(self.count, 1)[..., None])

    @property
    def mean(self) -> Floats:
        """(..., p) in the numbers' own units."""
        return self.centre + self.shift

    @property
    def scatter(self) -> Floats:
        """(..., p, p) sums of products of deviations from the mean; what is rounding alone is 0."""
        raw = self.product - self.total[..., :, None] * self.shift[..., None, :]
        own = np.sqrt(np.diagonal(self.product, axis1=-2, axis2=-1))
        noise = _ROUNDING * own[..., :, None] * own[..., None, :]
        return np.where(np.abs(raw) <= noise, 0.0, raw)

    @property
    def covariance(self) -> Floats:
        """(..., p, p) with the divisor n − 1."""
        return np.asarray(self.scatter / np.maximum(self.count - 1, 1)[..., None, None])

    @property
    def shape(self) -> tuple[Floats, Floats] | None:
        """Third and fourth central moment of the first number."""
        if self.third is None or self.fourth is None:
            return None
        n, d = np.maximum(self.count, 1), self.shift[..., 0]
        second = self.product[..., 0, 0] / n
        third = self.third / n - 3 * d * second + 2 * d**3
        fourth = self.fourth / n - 4 * d * self.third / n + 6 * d * d * second - 3 * d**4
        return third, np.maximum(fourth, 0.0)

    def at(self, place: int) -> Sums:
        """One replication, where there is one axis of them."""
        return Sums(
            self.centre,
            round(float(self.count[place])),
            self.total[place],
            self.product[place],
            0.0 if self.third is None else float(self.third[place]),
            0.0 if self.fourth is None else float(self.fourth[place]),
            0,
        )


def added(parts: list[ManySums]) -> ManySums:
    """Several groups as one."""
    first = parts[0]
    third = None if first.third is None else sum_of([one.third for one in parts])
    fourth = None if first.fourth is None else sum_of([one.fourth for one in parts])
    return ManySums(
        first.centre,
        sum_of([one.count for one in parts]),
        sum_of([one.total for one in parts]),
        sum_of([one.product for one in parts]),
        third,
        fourth,
    )


def sum_of(arrays: list[Floats | None]) -> Floats:
    """Of arrays of one shape."""
    return np.asarray(np.sum([one for one in arrays if one is not None], axis=0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns make one metric's sums. numbers: p; outcomes: of them, that a unit must have; powers:
    whether third and fourth powers are added up; share: whether the one number is 0 or 1, whose powers are
    itself."""

    numbers: int
    outcomes: int
    powers: bool
    share: bool = False

    def columns(self, values: Floats, centre: Floats) -> Floats:
        """(n, p) numbers of units -> (n, c) columns; a unit that lacks an outcome adds nothing, a missing
        covariate counts as its centre."""
        there = np.all(~np.isnan(values[:, : self.outcomes]), axis=1)
        d = np.where(there[:, None], values - centre, 0.0)
        d[np.isnan(d)] = 0.0
        found = [there.astype(np.float64), *d.T]
        if not self.share:
            found += [d[:, i] * d[:, j] for i, j in self._pairs]
            if self.powers:
                found += [d[:, 0] ** 3, d[:, 0] ** 4]
        return np.column_stack(found)

    def sums(self, added_up: Floats, centre: Floats) -> ManySums:
        """(..., c) sums of the columns."""
        p = self.numbers
        count, total = added_up[..., 0], added_up[..., 1 : 1 + p]
        if self.share:
            one = total[..., 0]
            return ManySums(centre, count, total, total[..., None], one, one)
        product = np.empty((*count.shape, p, p))
        for place, (i, j) in enumerate(self._pairs):
            product[..., i, j] = product[..., j, i] = added_up[..., 1 + p + place]
        powers = (added_up[..., -2], added_up[..., -1]) if self.powers else (None, None)
        return ManySums(centre, count, total, product, *powers)

    @property
    def _pairs(self) -> list[tuple[int, int]]:
        return [(i, j) for i in range(self.numbers) for j in range(i, self.numbers)]
