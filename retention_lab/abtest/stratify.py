"""Post-stratification: means within strata, which are weighed by how many units they hold in all arms.

The strata's sizes are those of a sample, so how means differ between strata counts as error too; it is common
to the arms, and mostly leaves their difference.
Source: Miratrix, Sekhon and Yu (2013), Journal of the Royal Statistical Society B 75(2),
doi:10.1111/j.1467-9868.2012.01048.x.
"""

from collections.abc import Sequence

import numpy as np

from retention_lab.abtest.arm import (
    Adjustment,
    Compared,
    Form,
    Means,
    Point,
    Spread,
    compare_means,
    point_of,
    pooled,
)
from retention_lab.abtest.moments import Sums
from retention_lab.arrays import Floats
from retention_lab.errors import LabError


def stratified(strata: Sequence[Sequence[Sums]], form: Form, adjustment: Adjustment = "pooled") -> Compared:
    """Values of the arms over all strata; strata: for each, the moments of the arms in it, control first.

    Raises LabError where an arm has fewer than two units in a stratum, or a denominator is 0.
    """
    for stratum in strata:
        if min(one.count for one in stratum) < 2:
            raise LabError(
                "A stratum has fewer than two units in an arm, so that its spread cannot be seen.",
                "Merge small strata, or leave `strata` out.",
                key="strata",
            )
    sizes = np.array([sum(one.count for one in stratum) for stratum in strata], dtype=np.float64)
    share = sizes / sizes.sum()
    by_arm = list(zip(*strata, strict=True))
    within = [np.array([one.shift for one in arm]) for arm in by_arm]  # (strata, p) each
    middles = [share @ means for means in within]
    spread = [means - middle for means, middle in zip(within, middles, strict=True)]
    across = [_between(spread[0], own, share, sizes.sum()) for own in spread]
    means = []
    for arm, middle, own in zip(by_arm, middles, spread, strict=True):
        error = sum(w * w * one.covariance / one.count for w, one in zip(share, arm, strict=True))
        error = error + _between(own, own, share, sizes.sum())
        n = sum(one.count for one in arm)
        means.append(Means(Point(arm[0].centre, middle), error, n, *_shape(arm, share, n)))
    together = [pooled(stratum) for stratum in strata]
    known = Spread([_within(arm) for arm in by_arm], point_of(pooled(together)), _within(together))
    return compare_means(means, known, form, adjustment, across)


def _shape(arm: Sequence[Sums], share: Floats, n: int) -> tuple[float, float]:
    """Third and fourth moments of one unit, of which n would have a mean as skewed and heavy-tailed as that
    over the strata."""
    moments = [one.shape for one in arm]
    third = sum(w**3 * m[0] / one.count**2 for w, m, one in zip(share, moments, arm, strict=True))
    fourth = sum(w**4 * m[1] / one.count**3 for w, m, one in zip(share, moments, arm, strict=True))
    return float(third) * n**2, float(fourth) * n**3


def _between(one: Floats, other: Floats, share: Floats, units: float) -> Floats:
    """(p, p) covariance that the random sizes of the strata give two arms' means."""
    return np.asarray((share[:, None] * one).T @ other / units, dtype=np.float64)


def _within(strata: Sequence[Sums]) -> Floats:
    """(p, p) covariance within strata: what lies between them is no longer a covariate's to explain."""
    freedom = sum(one.count - 1 for one in strata)
    return np.asarray(sum(one.scatter for one in strata) / freedom, dtype=np.float64)
