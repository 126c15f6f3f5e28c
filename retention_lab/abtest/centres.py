"""The numbers that are fixed at the first analysis: centres of moments, and where values are cut."""

from collections.abc import Mapping, Sequence
from math import floor, isfinite, log2

import numpy as np

from retention_lab.abtest.metrics import Mean, Metric
from retention_lab.abtest.terms import Demand, demand
from retention_lab.arrays import Floats

FIRST = 4_096  # values that a centre is the mean of: any number near the mean serves
_SQUARED = 1e150  # what is smaller has a square


def centre_of(values: Mapping[str, Floats], one: Demand) -> Floats:
    """(p,) near the mean of each number; 0 where nothing is known."""
    found = []
    for term in one.terms:
        first = term.values({name: values[name][:FIRST] for name in term.columns})
        found.append(centre_near(first))
    return np.array(found)


def centre_near(first: Floats) -> float:
    """A centre near the mean of the first values, missing and infinite ones and those that cannot be squared
    left out; 0 where none is left."""
    first = first[np.abs(first) < _SQUARED]
    return rounded(float(first.mean()), float(first.std())) if len(first) else 0.0


def rounded(mean: float, spread: float) -> float:
    """A centre near a mean, on a grid a quarter of the spread wide: whoever adds up the first values in
    another way comes to the same one, and missing covariates are set to the same number.

    >>> rounded(1_000_000_012.3, 14.0), rounded(0.21, 0.4)
    (1000000012.0, 0.1875)
    """
    if not (isfinite(mean) and isfinite(spread)):
        return 0.0
    step = 2.0 ** (floor(log2(spread)) - 2) if spread > 0 else 0.0
    return mean if step == 0 else round(mean / step) * step


def caps_of(values: Mapping[str, Floats], metrics: Sequence[Metric]) -> dict[str, float]:
    """By metric that is winsorised: the quantile of its values over all arms.

    Over all arms, so that the cut cannot differ between them.
    """
    caps = {}
    for metric in metrics:
        if isinstance(metric, Mean) and metric.winsorise is not None:
            found = demand(metric).outcomes[0].values(values)
            found = found[~np.isnan(found)]
            if len(found):
                caps[metric.name] = float(np.quantile(found, metric.winsorise))
    return caps


def edges_of(score: Floats, groups: int) -> tuple[float, ...]:
    """Between so many groups of equal size of (n,) scores, fewer where many scores tie; missing ones left
    out."""
    known = score[np.isfinite(score)]
    if len(known) == 0:
        return ()
    return tuple(np.unique(np.quantile(known, np.arange(1, groups) / groups)).tolist())


def group_names(edges: Sequence[float]) -> tuple[str, ...]:
    """Names of the groups, lowest scores first; in order as texts too.

    >>> group_names([0.1, 0.2])
    ('01', '02', '03')
    """
    return tuple(f"{k:02d}" for k in range(1, len(edges) + 2))


def capped(one: Demand, cap: float | None) -> Demand:
    """The demand with its outcome cut, where it is to be."""
    return one if cap is None else one.capped_at(cap)
