"""Can a campaign's result be trusted? Checks in the form that every command shows."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from retention_lab.checks import Check, Severity, check
from retention_lab.errors import LabError
from retention_lab.targeting.incremental import CampaignRows, compare

SAMPLE_RATIO_HARD, SAMPLE_RATIO_SOFT = 0.001, 0.01
PRE_PERIOD_ALPHA = 0.01
LEAST_ACTIVE = (
    20  # customers without an offer in whom anything happened; see docs/evidence/measured_profit.json
)


def checks(rows: CampaignRows, arms: Sequence[str]) -> list[Check]:
    """All checks of a campaign's rows. arms: (K + 1) names, none first."""
    return [sample_ratio(rows, arms), pre_period(rows), enough_without_offer(rows)]


def sample_ratio(rows: CampaignRows, arms: Sequence[str]) -> Check:
    """Counts of the arms against the sums of their logged propensities.

    Chi-square of the excess with the covariance that independent draws with these propensities have: exact
    for customers with different chances, where the usual chi-square is not.
    """
    name, p = "sample_ratio", rows.propensity
    drawn = np.bincount(rows.arm, minlength=p.shape[1])
    excess = drawn - p.sum(axis=0)
    covariance = np.diag(p.sum(axis=0)) - p.T @ p
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    seen = ", ".join(
        f"{arm} {count:,} of {expected:,.1f} expected"
        for arm, count, expected in zip(arms, drawn, p.sum(axis=0), strict=True)
    )
    if rank == 0:
        return check(name, "hard", None, None, SAMPLE_RATIO_HARD, "Nothing was left to chance.")
    square = float(excess @ np.linalg.pinv(covariance, hermitian=True) @ excess)
    p_value = float(stats.chi2.sf(square, rank))
    soft = SAMPLE_RATIO_HARD <= p_value < SAMPLE_RATIO_SOFT
    severity: Severity = "soft" if soft else "hard"
    threshold = SAMPLE_RATIO_SOFT if soft else SAMPLE_RATIO_HARD
    return check(name, severity, p_value >= SAMPLE_RATIO_SOFT, p_value, threshold, f"{seen}.")


def pre_period(rows: CampaignRows) -> Check:
    """Soft: customers with an offer and those who stand for them were alike before; all covariates at once.

    Source: Hotelling (1931), Annals of Mathematical Statistics 2(3), doi:10.1214/aoms/1177732979.
    """
    name = "pre_period"
    if rows.covariates is None or rows.covariates.shape[1] == 0:
        return check(name, "soft", None, None, PRE_PERIOD_ALPHA, "Nothing is known from before the launch.")
    try:
        total, covariance = _imbalance(rows)
    except LabError as error:
        return check(name, "soft", None, None, PRE_PERIOD_ALPHA, error.found)
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if rank == 0:
        return check(name, "soft", None, None, PRE_PERIOD_ALPHA, "The covariates do not vary.")
    square = float(total @ np.linalg.pinv(covariance, hermitian=True) @ total)
    p_value = float(stats.chi2.sf(square, rank))
    passed = p_value >= PRE_PERIOD_ALPHA
    alike = "were alike" if passed else "differed by more than the draw explains"
    detail = f"Before the launch, customers with and without an offer {alike}."
    return check(name, "soft", passed, p_value, PRE_PERIOD_ALPHA, detail)


def enough_without_offer(rows: CampaignRows) -> Check:
    """Soft: enough customers without an offer did anything at all for the interval to rest on."""
    name = "enough_without_offer"
    comparable = (rows.arm == 0) & (rows.propensity[:, 1:].sum(axis=1) > 0)
    active = int((rows.contribution[comparable] != 0).sum())
    detail = f"{active:,} of {int(comparable.sum()):,} customers without an offer bought something."
    passed = active >= LEAST_ACTIVE
    if not passed:
        detail += (
            " So few make the interval unsure: measure again after a larger holdout or a longer horizon."
        )
    return check(name, "soft", passed, float(active), float(LEAST_ACTIVE), detail)


def _imbalance(rows: CampaignRows) -> tuple[np.ndarray, np.ndarray]:
    """(d,) total of each covariate over treated rows less what stands for them, and its (d, d) covariance."""
    known = np.asarray(rows.covariates, dtype=np.float64)
    known = (known - known.mean(axis=0)) / np.where(known.std(axis=0) > 0, known.std(axis=0), 1.0)
    none = CampaignRows(
        rows.arm,
        rows.intended,
        rows.role,
        rows.propensity,
        rows.contribution,
        rows.redemption_cost,
        rows.contact_cost,
    )
    zero = np.zeros(len(rows.arm))
    position = compare(none, np.arange(len(rows.arm), dtype=np.float64), rows.arm > 0, zero)
    used, weight = position.outcome.astype(np.int64), position.weight
    sign = np.where(position.treated, 1.0, -1.0)
    total = (sign * weight) @ known[used]
    covariance = np.zeros((known.shape[1], known.shape[1]))
    for group in range(int(position.group.max()) + 1):
        inside = position.group == group
        values = known[used[inside]]
        spread = (values - values.mean(axis=0)).T @ (values - values.mean(axis=0)) / max(1, len(values) - 1)
        covariance += float((weight[inside] ** 2).sum()) * spread
    return np.asarray(total), covariance
