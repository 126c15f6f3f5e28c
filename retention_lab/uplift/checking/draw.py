"""Were the arms drawn as planned, and could every row have got every arm?"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats

from retention_lab.arrays import Floats, Ints
from retention_lab.checks import Check, Severity, check
from retention_lab.errors import LabError
from retention_lab.uplift.propensities import SMALLEST_PROPENSITY

SAMPLE_RATIO_SOFT = 0.01


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
    p_value = float(stats.chisquare(counts, shares / shares.sum() * len(arm)).pvalue)
    severity: Severity = "soft" if alpha <= p_value < SAMPLE_RATIO_SOFT else "hard"
    threshold = SAMPLE_RATIO_SOFT if severity == "soft" else alpha
    rows = zip(arms, counts, shares, strict=True)
    seen = ", ".join(f"{one} {n} of {len(arm)} (planned {share:.4g})" for one, n, share in rows)
    return check(name, severity, p_value >= SAMPLE_RATIO_SOFT, p_value, threshold, f"{seen}.")


def arms_check(arm: Ints, arms: Sequence[str]) -> Check:
    """Hard: every arm has rows. arm: (n,) codes; arms: names, control first."""
    counts = np.bincount(arm, minlength=len(arms))
    empty = [name for name, count in zip(arms, counts, strict=True) if count == 0]
    smallest = int(np.argmin(counts))
    detail = (
        f"No row is in {', '.join(empty)}, so there is nothing to compare."
        if empty
        else f"Every arm has rows; {arms[smallest]} has the fewest, {counts[smallest]} of {len(arm)}."
    )
    return check("arms_with_rows", "hard", not empty, int(counts[smallest]), 1, detail)


def overlap_check(propensity: Floats | None) -> Check:
    """Soft: every feasible arm (propensity above 0) has at least .01 for every row."""
    name, threshold = "overlap", SMALLEST_PROPENSITY
    if propensity is None:
        return check(name, "soft", None, None, threshold, "Propensities are to be estimated.")
    thin = (propensity > 0) & (propensity < threshold)
    smallest = float(propensity.min(initial=1.0, where=propensity > 0))
    rows = int(thin.any(axis=1).sum())
    detail = f"{rows} of {len(propensity)} rows have an arm with a propensity below {threshold:g}."
    return check(name, "soft", rows == 0, smallest, threshold, detail)
