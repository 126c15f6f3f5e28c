"""Trust checks before any fit: were the arms drawn as planned, and were the features there before?

A failed hard check refuses; a soft one is shown with every result.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from retention_lab.arrays import Floats, Ints
from retention_lab.checks import Check, Severity, check
from retention_lab.errors import LabError
from retention_lab.uplift.nuisances import SMALLEST_PROPENSITY
from retention_lab.uplift.sample import UpliftSample, observed_propensity

SAMPLE_RATIO_SOFT = 0.01
POST_TREATMENT_ALPHA = 0.01  # over all features together
LEAK_SHARE = 0.8  # of the outcome's variance, by one feature alone
_SMALLEST_BIN = 50  # rows; smaller bins are merged, since chi-square needs expected counts


def checks(
    sample: UpliftSample,
    arms: Sequence[str],
    planned_shares: Mapping[str, float] | None = None,
    *,
    alpha: float = 0.001,
) -> list[Check]:
    """All checks of a sample; arms: names, control first; alpha: of the sample-ratio check."""
    return [
        sample_ratio_check(sample.arm, arms, planned_shares, alpha=alpha),
        overlap_check(sample.propensity),
        leak_check(sample),
        post_treatment_check(sample),
    ]


def sample_ratio_check(
    arm: Ints, arms: Sequence[str], planned_shares: Mapping[str, float] | None, *, alpha: float = 0.001
) -> Check:
    """Chi-square of the arms' counts against the planned shares: hard below alpha, soft up to .01.

    Without a plan there is nothing to compare with, and `passed` is None.
    Raises LabError when the plan does not name every arm, or its shares do not sum to 1.
    Source: Fabijan et al. (2019), KDD, doi:10.1145/3292500.3330722.
    """
    name = "sample_ratio"
    if planned_shares is None:
        return check(
            name, "hard", None, None, alpha, "No planned shares are given to compare the counts with."
        )
    shares = np.array([planned_shares.get(one, 0.0) for one in arms])
    if set(planned_shares) != set(arms) or shares.min() <= 0 or abs(shares.sum() - 1) > 1e-6:
        raise LabError(
            f"The planned shares must be above 0, sum to 1, and name the arms {', '.join(arms)}.",
            "Correct `planned_shares`, or leave it out.",
            key="planned_shares",
        )
    counts = np.bincount(arm, minlength=len(arms))
    p_value = float(stats.chisquare(counts, shares * len(arm)).pvalue)
    severity: Severity = "soft" if alpha <= p_value < SAMPLE_RATIO_SOFT else "hard"
    threshold = SAMPLE_RATIO_SOFT if severity == "soft" else alpha
    rows = zip(arms, counts, shares, strict=True)
    seen = ", ".join(f"{one} {n} of {len(arm)} (planned {share:.4g})" for one, n, share in rows)
    return check(name, severity, p_value >= SAMPLE_RATIO_SOFT, p_value, threshold, f"{seen}.")


def overlap_check(propensity: Floats | None) -> Check:
    """Soft: every feasible arm (propensity above 0) has at least .01 for every row."""
    name, threshold = "overlap", SMALLEST_PROPENSITY
    if propensity is None:
        return check(name, "soft", None, None, threshold, "Propensities are to be estimated.")
    thin = (propensity > 0) & (propensity < threshold)
    smallest = float(propensity[propensity > 0].min())
    rows = int(thin.any(axis=1).sum())
    detail = f"{rows} of {len(propensity)} rows have an arm with a propensity below {threshold:g}."
    return check(name, "soft", rows == 0, smallest, threshold, detail)


def leak_check(sample: UpliftSample) -> Check:
    """Soft: no single feature explains nearly all of the outcome, as the outcome in disguise would."""
    names = sample.features.schema.names
    shares = [_explained(sample.outcome, bins) for bins in _all_bins(sample)]
    found = [name for name, share in zip(names, shares, strict=True) if share > LEAK_SHARE]
    detail = (
        f"{', '.join(found)}: explains over {LEAK_SHARE:.0%} of the outcome alone. Was it measured later?"
        if found
        else "No feature alone explains nearly all of the outcome."
    )
    return check("suspected_leak", "soft", not found, max(shares, default=0.0), LEAK_SHARE, detail)


def post_treatment_check(sample: UpliftSample) -> Check:
    """Soft: no feature differs between the arms by more than the draw allows; Bonferroni over the features.

    Score test of arm against feature given each row's propensities; the pooled test of independence where
    all rows had the same chances. Without propensities a choice cannot be told from a consequence: passed is
    None.
    Source: Pearson (1900), doi:10.1080/14786440009463897; Cox and Hinkley (1974), Theoretical Statistics.
    """
    name, names = "post_treatment_feature", sample.features.schema.names
    if sample.propensity is None:
        detail = "The arms were not drawn at random, so features may differ between them from the start."
        return check(name, "soft", None, None, POST_TREATMENT_ALPHA, detail)
    equal = not np.any(np.ptp(sample.propensity, axis=0) > 1e-12)
    chances = observed_propensity(sample.arm, sample.arm_count) if equal else sample.propensity
    values = [_independence(sample.arm, chances, bins, estimated=equal) for bins in _all_bins(sample)]
    adjusted = [min(1.0, p * len(names)) for p in values]
    found = [one for one, p in zip(names, adjusted, strict=True) if p < POST_TREATMENT_ALPHA]
    detail = (
        f"{', '.join(found)}: differs between the arms. Was it measured after the offer? Then exclude it."
        if found
        else "No feature differs between the arms by more than chance."
    )
    return check(name, "soft", not found, min(adjusted, default=1.0), POST_TREATMENT_ALPHA, detail)


def require_unique_units(ids: Sequence[Any] | np.ndarray) -> None:
    """Raise LabError where an id appears twice: its outcome would count twice."""
    values = np.asarray(ids)
    _, first, count = np.unique(values, return_index=True, return_counts=True)
    repeated = int(np.sum(count - 1))
    if repeated:
        extra = np.ones(len(values), dtype=np.bool_)
        extra[first] = False
        raise LabError(
            f"{repeated} rows repeat the id of an earlier row, row {int(np.argmax(extra)) + 1} first.",
            "Keep one row per unit, or name another id column.",
            key="id",
        )


def _all_bins(sample: UpliftSample) -> list[Ints]:
    categorical = set(sample.features.schema.categorical)
    values = sample.features.values
    return [_bins(values[:, j], j in categorical) for j in range(values.shape[1])]


def _bins(column: Floats, categorical: bool) -> Ints:
    """Ten quantile bins of numbers or the levels of a category; missing is one bin; small ones are merged."""
    known = ~np.isnan(column)
    codes = np.zeros(len(column), dtype=np.int64)  # 0: missing
    if known.any():
        if categorical:
            cuts = np.unique(column[known])[1:]
        else:
            cuts = np.unique(np.quantile(column[known], np.linspace(0, 1, 11)[1:-1], method="higher"))
        codes[known] = 1 + np.searchsorted(cuts, column[known], side="right")
    small = np.bincount(codes) < _SMALLEST_BIN
    codes[small[codes]] = len(small)
    return np.asarray(np.unique(codes, return_inverse=True)[1], dtype=np.int64)


def _explained(outcome: Floats, bins: Ints) -> float:
    """Share of the variance between bins, less what as many random bins would explain."""
    total = float(np.var(outcome))
    count = np.bincount(bins)
    if total == 0 or len(outcome) <= len(count):
        return 0.0
    mean = np.bincount(bins, weights=outcome) / count
    within = float(np.mean((outcome - mean[bins]) ** 2)) * len(outcome) / (len(outcome) - len(count))
    return max(0.0, 1 - within / (total * len(outcome) / (len(outcome) - 1)))


def _independence(arm: Ints, propensity: Floats, bins: Ints, *, estimated: bool) -> float:
    """p-value; sums over bins of (arm received − its propensity), each with its exact covariance."""
    arms, cells = propensity.shape[1], int(bins.max()) + 1
    if cells < 2:
        return 1.0
    surprise = np.eye(arms)[arm] - propensity
    statistic, freedom = 0.0, -(arms - 1) if estimated else 0
    for b in range(cells):
        chances = propensity[bins == b]
        score = surprise[bins == b].sum(axis=0)
        covariance = np.diag(chances.sum(axis=0)) - chances.T @ chances
        rank = int(np.linalg.matrix_rank(covariance))
        statistic += float(score @ np.linalg.pinv(covariance, hermitian=True) @ score)
        freedom += rank
    return float(stats.chi2.sf(statistic, freedom)) if freedom > 0 else 1.0
