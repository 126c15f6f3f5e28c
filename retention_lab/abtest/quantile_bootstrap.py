"""The bootstrap of a quantile, without drawing units.

A bootstrap sample puts n uniform numbers through an arm's distribution, so its order statistic of rank r is
the arm's value at the r-th smallest of them, which has a beta distribution. Two beta draws per replicate and
arm are the very distribution that resampling all units would give, whatever the size of the arm.

Source: Hutson and Ernst (2000), Journal of the Royal Statistical Society B 62(1),
doi:10.1111/1467-9868.00221 (the exact bootstrap of order statistics).
"""

import numpy as np

from retention_lab.abtest.histogram import Histogram, check_share
from retention_lab.abtest.tails import miss_per_side
from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate


def bootstrap_quantile_difference(
    control: Histogram,
    treated: Histogram,
    q: float,
    *,
    seed: int,
    replicates: int = 10_000,
    confidence: float = 0.95,
) -> Estimate:
    """Treated quantile less control's with the percentile interval; it has no p-value.

    A check on `quantile_difference`, not a replacement: in ties it is too sure.

    Raises LabError with fewer than 100 replicates, or where no replicate differs from another.
    """
    check_share(q)
    if replicates < 100:
        raise LabError(f"{replicates} replicates show no interval.", "Draw at least 100; 10,000 are quick.")
    rng = np.random.default_rng(seed)
    drawn = _quantiles(treated, q, replicates, rng) - _quantiles(control, q, replicates, rng)
    se = float(drawn.std(ddof=1))
    if se == 0:
        raise LabError(
            f"All {replicates} replicates of the {q:g} quantile agree: it lies inside a tie.",
            "Compare the share of units above that value, or a quantile outside the tie.",
        )
    miss = miss_per_side(confidence)
    low, high = np.quantile(drawn, [miss, 1 - miss])
    return Estimate(treated.quantile(q) - control.quantile(q), se, float(low), float(high))


def _quantiles(arm: Histogram, q: float, replicates: int, rng: np.random.Generator) -> Floats:
    """(replicates,) quantiles of bootstrap samples, interpolated as `Histogram.quantile` does."""
    n = arm.total
    rank = int((n - 1) * q) + 1
    part = (n - 1) * q - (rank - 1)
    at = rng.beta(rank, n + 1 - rank, replicates)
    found = arm.order_statistics(_unit_at(at, n))
    if part == 0:
        return found
    above = at + (1 - at) * rng.beta(1, n - rank, replicates)  # the next uniform of the same sample
    return np.asarray(found + part * (arm.order_statistics(_unit_at(above, n)) - found), dtype=np.float64)


def _unit_at(share: Floats, n: int) -> Floats:
    """Rank of the unit that a uniform number draws."""
    return np.asarray(np.minimum(np.floor(share * n), n - 1) + 1, dtype=np.float64)
