"""What the design itself does to the variance: covariates take from it, clusters add to it."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Precision:
    """Factors on the variance of an effect, against independent units and no covariates.

    explained: share of a unit's variance that covariates known before assignment explain (CUPED), 0 <= R^2 <
    1.
    cluster_size: mean units of a cluster, where clusters are drawn into arms; 1 for units on their own.
    cluster_size_cv: standard deviation of the clusters' sizes over their mean.
    intraclass_correlation: of what the covariates leave, between two units of a cluster.

    Raises LabError when a number lies out of its range.
    Source: Deng, Xu, Kohavi, Walker (2013), WSDM, doi:10.1145/2433396.2433413 (covariates); Eldridge, Ashby,
    Kerry (2006), International Journal of Epidemiology 35(5), doi:10.1093/ije/dyl129 (clusters of unequal
    sizes).

    >>> round(Precision(explained=0.5, cluster_size=11, intraclass_correlation=0.1).factor, 6)
    1.0
    """

    explained: float = 0.0
    cluster_size: float = 1.0
    cluster_size_cv: float = 0.0
    intraclass_correlation: float = 0.0

    def __post_init__(self) -> None:
        ranges = (
            ("share explained by covariates", self.explained, 0 <= self.explained < 1, "from 0 to below 1"),
            ("mean cluster size", self.cluster_size, 1 <= self.cluster_size < np.inf, "1 or more"),
            (
                "variation of cluster sizes",
                self.cluster_size_cv,
                0 <= self.cluster_size_cv < np.inf,
                "0 or more",
            ),
            (
                "intraclass correlation",
                self.intraclass_correlation,
                0 <= self.intraclass_correlation <= 1,
                "from 0 to 1",
            ),
        )
        for what, value, fits, known in ranges:
            if not fits:
                raise LabError(f"The {what} is {value:g}.", f"Give a number {known}.")

    @property
    def factor(self) -> float:
        """By which the variance of an effect is multiplied."""
        weighted_size = (1 + self.cluster_size_cv**2) * self.cluster_size  # of the cluster a unit lies in
        clustering = 1 + max(weighted_size - 1, 0.0) * self.intraclass_correlation
        return (1 - self.explained) * clustering


def explained_share(influence: Floats, covariates: Floats) -> float:
    """R^2 of (n,) influence values, or values, on (n, p) covariates known before the window of the values.

    Of a ratio's covariate (the same ratio before), give its own influence values as the column.

    Raises LabError when there are too few rows for so many covariates, one is missing or infinite, or no
    value varies. A covariate that does not vary explains nothing and is no error.
    """
    columns = covariates.reshape(len(influence), -1)
    rows, count = columns.shape
    if rows < count + 2:
        raise LabError(
            f"{rows} past units cannot show what {count} covariates explain.",
            "Use fewer covariates, or a longer history.",
        )
    if not (np.isfinite(columns).all() and np.isfinite(influence).all()):
        raise LabError(
            "A covariate or a value of the past units is missing or infinite.",
            "Fill it or leave that unit out, as the analysis will.",
        )
    left = what_covariates_leave(influence, columns)
    centred = influence - np.mean(influence)
    total = float(centred @ centred)
    if total == 0:
        raise LabError("The metric does not vary over the past units.", "Use a history in which it does.")
    return min(max(1 - float(left @ left) / total, 0.0), 1.0)


def what_covariates_leave(influence: Floats, covariates: Floats) -> Floats:
    """(n,) residuals, of mean 0, of (n,) values on (n, p) covariates; a constant one takes nothing."""
    centred = influence - np.mean(influence)
    design = covariates - np.mean(covariates, axis=0)
    scale = np.sqrt(np.sum(design**2, axis=0))
    design = design[:, scale > 0] / scale[scale > 0]
    slope = np.linalg.lstsq(design, centred, rcond=None)[0]
    return np.asarray(centred - design @ slope, dtype=np.float64)


def clustered_precision(values: Floats, cluster: Ints, *, explained: float = 0.0) -> Precision:
    """Precision of an experiment that draws whole clusters, from past units: (n,) values and cluster codes.

    values: influence values, or what covariates leave of them, then with their `explained` share. The
    correlation is the one-way analysis of variance's; a negative one, which chance gives where there is
    none, is taken as 0, on the safe side. The mean size is of the clusters that are there. Where large
    clusters have other means than small ones, the variance is larger than this says.

    Raises LabError when there are fewer than two clusters, no cluster has two units, or no value varies.
    Source: Donner and Koval (1980), Biometrics 36(1), doi:10.2307/2530491.
    """
    codes = np.unique(cluster, return_inverse=True)[1]
    sizes = np.bincount(codes).astype(np.float64)
    clusters, units = len(sizes), len(values)
    if clusters < 2 or clusters == units:
        raise LabError(
            f"{units} past units lie in {clusters} clusters, which shows no correlation within a cluster.",
            "Use a history of at least two clusters, some with several units.",
        )
    means = np.bincount(codes, weights=values) / sizes
    between = float(sizes @ (means - np.mean(values)) ** 2) / (clusters - 1)
    within = float(np.sum((values - means[codes]) ** 2)) / (units - clusters)
    if between + within == 0:
        raise LabError("The metric does not vary over the past units.", "Use a history in which it does.")
    typical = (units - float(sizes @ sizes) / units) / (clusters - 1)
    correlation = (between - within) / (between + (typical - 1) * within)
    mean_size = units / clusters
    return Precision(explained, mean_size, float(np.std(sizes)) / mean_size, max(correlation, 0.0))
