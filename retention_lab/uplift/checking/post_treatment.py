"""Was a feature moved by the offer? Nothing that was known before a random draw depends on it."""

import numpy as np
from scipy import stats

from retention_lab.arrays import Floats, Ints
from retention_lab.checks import Check, check
from retention_lab.uplift.checking.bins import SMALLEST_BIN, Binned, merged
from retention_lab.uplift.sample import observed_propensity

POST_TREATMENT_ALPHA = 0.01  # over all features together
LEAST_EXPECTED = 5.0  # rows of the rarest arm in a bin: below, chi-square is no good approximation


def post_treatment_check(features: Binned, arm: Ints, propensity: Floats | None) -> Check:
    """Soft: no feature differs between the arms by more than the draw allows; Bonferroni over the features.

    Score test of arm against feature given each row's (n, K + 1) propensities; the pooled test of
    independence where all rows had the same chances. Without propensities a choice cannot be told from a
    consequence: passed is None.
    Source: Pearson (1900), doi:10.1080/14786440009463897; Cox and Hinkley (1974), Theoretical Statistics.
    """
    name = "post_treatment_feature"
    if propensity is None:
        detail = "The arms were not drawn at random, so features may differ between them from the start."
        return check(name, "soft", None, None, POST_TREATMENT_ALPHA, detail)
    equal = equal_chances(propensity)
    chances = observed_propensity(arm, propensity.shape[1])[:1] if equal else propensity
    rarest = float(np.min(chances.mean(axis=0), initial=1.0, where=chances.max(axis=0) > 0))
    bins = (merged(codes, max(SMALLEST_BIN, LEAST_EXPECTED / rarest)) for codes in features.codes)
    values = [_independence(arm, chances, one) for one in bins]
    adjusted = [min(1.0, p * len(values)) for p in values]
    found = [one for one, p in zip(features.names, adjusted, strict=True) if p < POST_TREATMENT_ALPHA]
    detail = (
        f"{', '.join(found)}: differs between the arms. Was it measured after the offer? Then exclude it."
        if found
        else "No feature differs between the arms by more than chance."
    )
    return check(name, "soft", not found, min(adjusted, default=1.0), POST_TREATMENT_ALPHA, detail)


def equal_chances(propensity: Floats) -> bool:
    """Whether all (n, K + 1) rows had the same chances."""
    return bool(np.abs(propensity - propensity[0]).max() <= 1e-12)


def _independence(arm: Ints, propensity: Floats, bins: Ints) -> float:
    """p-value; sums over bins of (arm received − its propensity), each with its exact covariance.

    propensity: (1, K + 1) where all rows had the same chances, which were then estimated from these rows.
    """
    arms, cells = propensity.shape[1], int(bins.max()) + 1
    if cells < 2:
        return 1.0
    counts = np.bincount(bins * arms + arm, minlength=cells * arms).reshape(cells, arms)
    expected, covariance = _moments(propensity, bins, counts.sum(axis=1))
    score = counts - expected
    rank = np.linalg.matrix_rank(covariance, hermitian=True)
    inverse = np.linalg.pinv(covariance, hermitian=True)
    statistic = float(np.einsum("bk,bkl,bl->", score, inverse, score))
    freedom = int(rank.sum()) - (arms - 1 if len(propensity) == 1 else 0)
    return float(stats.chi2.sf(statistic, freedom)) if freedom > 0 else 1.0


def _moments(propensity: Floats, bins: Ints, rows: Ints) -> tuple[Floats, Floats]:
    """Per bin, (b, K + 1) expected counts of the arms and their (b, K + 1, K + 1) covariance."""
    arms = propensity.shape[1]
    if len(propensity) == 1:
        share = propensity[0]
        one_row = np.diag(share) - np.outer(share, share)
        count = rows.astype(np.float64)
        return count[:, None] * share, count[:, None, None] * one_row

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(bins, weights=values, minlength=len(rows)), dtype=np.float64)

    columns = [np.ascontiguousarray(propensity[:, k]) for k in range(arms)]
    expected = np.column_stack([total(column) for column in columns])
    covariance = np.empty((len(rows), arms, arms))
    for k in range(arms):
        for j in range(k + 1):
            both = total(columns[k] * columns[j])
            covariance[:, k, j] = covariance[:, j, k] = (expected[:, k] if j == k else 0.0) - both
    return expected, covariance
