"""Were rows written twice? Customers who look alike were still drawn one by one."""

import numpy as np
from scipy import stats

from retention_lab.arrays import Floats, Ints
from retention_lab.checks import Check, check
from retention_lab.features import Features
from retention_lab.row_content import row_hashes

REPEATS_ALPHA = 0.001
_LARGEST = 5  # rows alike; more of them are a common kind of customer, not one that was written again


def repeated_rows_check(features: Features, arm: Ints, propensity: Floats | None) -> Check:
    """Soft: two to five rows with the same features are no oftener all in one arm than the draw allows.

    Customers who look alike got their arms independently; copies of one row all bear its arm. Exact up to
    Hoeffding's bound: where chances (n, K + 1) differ, the binomial of their mean has the heavier tail.
    Source: Hoeffding (1956), Annals of Mathematical Statistics 27(3), doi:10.1214/aoms/1177728178.
    """
    name = "repeated_rows"
    if propensity is None:
        detail = "The arms were not drawn at random, so rows that look alike may share their arm."
        return check(name, "soft", None, None, REPEATS_ALPHA, detail)
    order, start, size = _alike(features)
    if len(start) == 0:
        return check(name, "soft", True, 1.0, REPEATS_ALPHA, "No few rows have the same features.")
    arms = arm[order]
    one_arm = np.minimum.reduceat(arms, start) == np.maximum.reduceat(arms, start)
    chance = np.multiply.reduceat(propensity[order], start, axis=0).sum(axis=1)
    same, groups, expected = int(one_arm.sum()), len(start), float(chance.sum())
    p_value = float(stats.binom.sf(same - 1, groups, min(1.0, expected / groups)))
    detail = (
        f"{int(size.sum())} rows have the features of one to four others: {same} of {groups} such groups are "
        f"all in one arm, {expected:.0f} expected."
    )
    passed = p_value >= REPEATS_ALPHA
    advice = "" if passed else " Rows were probably written twice: keep one row a customer."
    return check(name, "soft", passed, p_value, REPEATS_ALPHA, detail + advice)


def _alike(features: Features) -> tuple[Ints, Ints, Ints]:
    """Rows in groups of two to five with the same features: their places, where groups start, their sizes."""
    values = features.values
    content = row_hashes((values[:, j] for j in range(values.shape[1])), len(values))
    order = np.argsort(content)  # who stands first among equals does not matter
    ordered = content[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    size = np.diff(first, append=len(ordered))
    few = (size > 1) & (size <= _LARGEST)
    kept = np.asarray(order[np.repeat(few, size)], dtype=np.int64)
    return kept, np.cumsum(size[few]) - size[few], size[few]
