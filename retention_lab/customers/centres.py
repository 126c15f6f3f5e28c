"""Where groups of customers have their centres: K-means, and Ward's hierarchy cut at a number of groups."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances_argmin
from threadpoolctl import threadpool_limits

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError

STARTS = 5
MOST_JOINED = (
    2_000  # Ward's hierarchy needs all distances between two customers: a random part stands for all
)

Centres = Callable[[Floats, int, int], Floats]


def kmeans_centres(points: Floats, groups: int, seed: int) -> Floats:
    """(k, p) centres of K-means, the best of five starts, the largest group first.

    Source: Lloyd (1982), IEEE Trans. Inf. Theory 28(2); starts by Arthur and Vassilvitskii (2007), SODA.
    """
    with threadpool_limits(1):  # sums in one order: the same customers always give the same centres
        found = KMeans(n_clusters=groups, n_init=STARTS, random_state=seed).fit(points)
    return largest_first(np.asarray(found.cluster_centers_, dtype=np.float64), points)


def ward_centres(points: Floats, groups: int, seed: int) -> Floats:
    """(k, p) means of the groups that Ward's hierarchy has where it is cut, the largest first.

    Of more than 2,000 customers, so many drawn at random are joined; the others then belong to the nearest
    centre, as new ones do.
    Source: Ward (1963), JASA 58(301), doi:10.1080/01621459.1963.10500845.
    """
    if len(points) > MOST_JOINED:
        chosen = np.random.default_rng(seed).choice(len(points), MOST_JOINED, replace=False)
        joined = points[np.sort(chosen)]
    else:
        joined = points
    labels = fcluster(linkage(joined, method="ward"), groups, criterion="maxclust") - 1
    means = np.array([joined[labels == k].mean(axis=0) for k in range(labels.max() + 1)])
    return largest_first(means, points)


METHODS: Mapping[str, Centres] = {"kmeans": kmeans_centres, "ward": ward_centres}


def centres(method: str, points: Floats, groups: int, seed: int) -> Floats:
    """(k, p) centres by that method.

    Raises LabError where the points do not form so many groups.
    """
    different = len(np.unique(points, axis=0))
    if different < groups:
        raise LabError(
            f"{groups} groups were asked for, and the customers stand at {different} different points.",
            "Ask for fewer groups, or name more features.",
            key="k",
        )
    return METHODS[method](points, groups, seed)


def nearest(points: Floats, middle: Floats) -> Ints:
    """(n,) position of the nearest of (k, p) centres; of two as near, the first."""
    return np.asarray(pairwise_distances_argmin(points, middle), dtype=np.int64)


def largest_first(middle: Floats, points: Floats) -> Floats:
    """The same centres, ordered by how many points are nearest to them; ties by their coordinates."""
    counts = np.bincount(nearest(points, middle), minlength=len(middle))
    order = sorted(range(len(middle)), key=lambda k: (-counts[k], *middle[k].tolist()))
    return middle[order]
