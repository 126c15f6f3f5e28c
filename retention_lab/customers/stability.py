"""Whether groups are found again: the adjusted Rand index over resamples, and how many groups it favours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_rand_score, silhouette_score

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

STABLE = 0.8  # below, too many customers change their group with the sample for the groups to be a fact
AS_FAR_APART = 0.02  # silhouettes of 2,000 customers differ by as much between samples
MOST_RESAMPLED = 5_000
MOST_COMPARED = 2_000  # the silhouette needs all distances between two customers

Regroup = Callable[[Ints], Ints]


@dataclass(frozen=True, slots=True)
class Grouped:
    """A number of groups and how well it does. stability: mean index, its interval the middle 95 % of the
    resamples. silhouette: -1 to 1, None where there are fewer than two groups.
    """

    groups: int
    stability: Estimate
    silhouette: float | None


def stability(labels: Ints, regroup: Regroup, *, resamples: int, seed: int) -> Estimate:
    """Mean adjusted Rand index between `labels` of all (n,) customers and those after refitting on resamples.

    regroup: rows (with repeats) to fit on -> (n,) labels of all customers. 1 is the same groups every time,
    0 what chance gives. Of more than 5,000 customers each resample holds 5,000, which is the harder test.
    Raises LabError with fewer than two resamples.
    Sources: Hubert and Arabie (1985), J. Classif. 2; Dolnicar and Leisch (2010), Mark. Lett. 21.
    """
    if resamples < 2:
        raise LabError("Stability was asked for with fewer than two resamples.", "Take 20.", key="resamples")
    rng = np.random.default_rng(seed)
    found = np.array(
        [
            adjusted_rand_score(
                labels, regroup(rng.integers(0, len(labels), min(len(labels), MOST_RESAMPLED)))
            )
            for _ in range(resamples)
        ]
    )
    low, high = np.quantile(found, [0.025, 0.975])
    return Estimate(float(found.mean()), float(found.std(ddof=1)), float(low), float(high))


def silhouette(points: Floats, labels: Ints, *, seed: int) -> float | None:
    """Mean of (b - a) / max(a, b), a the mean distance to one's own group, b to the nearest other.

    Of more than 2,000 customers, so many drawn at random are compared. None with fewer than two groups.
    Source: Rousseeuw (1987), J. Comput. Appl. Math. 20, doi:10.1016/0377-0427(87)90125-7.
    """
    if len(labels) > MOST_COMPARED:
        chosen = np.sort(np.random.default_rng(seed).choice(len(labels), MOST_COMPARED, replace=False))
        points, labels = points[chosen], labels[chosen]
    if not 2 <= len(np.unique(labels)) < len(labels):
        return None
    return float(silhouette_score(points, labels))


def best_number(candidates: Sequence[Grouped]) -> Grouped:
    """The largest number of groups that are found again (index of .8 and more) and lie apart as well as any:
    with a silhouette within .02 of the best.

    Stability alone would nearly always say two; more groups say more, as long as they are as real. Where no
    number is found again, the most stable one.

    >>> steady, shaky = Estimate(0.95, 0.01, 0.9, 1.0), Estimate(0.6, 0.1, 0.4, 0.8)
    >>> tried = [Grouped(2, steady, 0.5), Grouped(4, steady, 0.49), Grouped(5, steady, 0.4)]
    >>> best_number([*tried, Grouped(6, shaky, 0.6)]).groups
    4
    """
    stable = [one for one in candidates if one.stability.value >= STABLE]
    if not stable:
        return max(candidates, key=lambda one: (one.stability.value, -one.groups))
    best = max(_apart(one) for one in stable)
    return max((one for one in stable if _apart(one) >= best - AS_FAR_APART), key=lambda one: one.groups)


def _apart(one: Grouped) -> float:
    return -1.0 if one.silhouette is None else one.silhouette
