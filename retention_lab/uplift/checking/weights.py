"""What weighting by propensities costs, and whether estimated ones make the arms alike."""

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.checks import Check, check
from retention_lab.features import Features

LEAST_EFFECTIVE = 0.1  # of an arm's rows: intervals are then three times as wide as its rows suggest
LARGEST_WEIGHT = 0.05  # of an arm's total: one row that decides by itself
LARGEST_DIFFERENCE = 0.1  # in standard deviations


def weights_check(arm: Ints, propensity: Floats | None) -> Check:
    """Soft: in no arm do a few rows carry most of the weight (1 / propensity of the arm received).

    Value: the smallest effective sample of an arm, (Σw)² / Σw², as a share of its rows.
    Source: Kish (1965), Survey Sampling.
    """
    name = "effective_sample"
    if propensity is None:
        return check(name, "soft", None, None, LEAST_EFFECTIVE, "Propensities are to be estimated.")
    weight = _weights(arm, propensity)
    count, total, squares = (
        np.bincount(arm, weights=values, minlength=propensity.shape[1])
        for values in (np.ones(len(arm)), weight, weight**2)
    )
    effective = float(np.min(total**2 / squares / count))
    largest = float(np.max(weight / total[arm]))
    detail = (
        f"Weighted, the arm that suffers most counts as {effective:.1%} of its rows; the largest weight is "
        f"{weight.max():.4g}, and one row bears at most {largest:.2%} of its arm."
    )
    # an arm of 20 rows gives each of them .05 of its weight without anybody's fault
    heavy = largest > max(LARGEST_WEIGHT, 2 / float(count.min()))
    passed = effective >= LEAST_EFFECTIVE and not heavy
    return check(name, "soft", passed, effective, LEAST_EFFECTIVE, detail)


def balance_check(features: Features, arm: Ints, propensity: Floats | None) -> Check:
    """Soft: weighted by estimated propensities, every arm has the features of all rows.

    Value: the largest difference of a weighted mean from that of all rows, in standard deviations of all
    rows; of numbers, of each level of a category, and of what is missing. For propensities that were
    estimated: known ones balance up to chance, which the other checks judge.
    Source: Austin (2009), Statistics in Medicine 28(25), doi:10.1002/sim.3697.
    """
    name = "balance"
    if propensity is None:
        return check(name, "soft", None, None, LARGEST_DIFFERENCE, "Propensities are to be estimated.")
    weight = _weights(arm, propensity)
    total = np.bincount(arm, weights=weight, minlength=propensity.shape[1])
    differences = [
        max((_difference(values, arm, weight / total[arm]) for values in _numbers(features, j)), default=0.0)
        for j in range(len(features.schema.names))
    ]
    named = zip(features.schema.names, differences, strict=True)
    found = [f"{one} ({value:.2f})" for one, value in named if value > LARGEST_DIFFERENCE]
    detail = (
        f"{', '.join(found)}: differs between an arm and all rows, in standard deviations, also once rows "
        "are weighted by their estimated propensities. The arms stay unlike, and effects may be theirs."
        if found
        else "Weighted by their estimated propensities, the arms have the same features."
    )
    largest = max(differences, default=0.0)
    return check(name, "soft", not found, largest, LARGEST_DIFFERENCE, detail)


def _weights(arm: Ints, propensity: Floats) -> Floats:
    return np.asarray(1.0 / propensity[np.arange(len(arm)), arm], dtype=np.float64)


def _numbers(features: Features, j: int) -> list[Floats]:
    """What a feature says, as numbers with a mean: itself or its levels, and whether it is missing."""
    column, levels = features.values[:, j], features.schema.levels[j]
    missing = ~np.isfinite(column)
    gaps = [missing.astype(np.float64)] if missing.any() else []
    if levels is not None:
        return gaps + [(column == code).astype(np.float64) for code in _common(column)]
    return [*gaps, np.where(missing, np.mean(column, where=~missing), column)] if not missing.all() else gaps


def _common(codes: Floats) -> list[int]:
    """Levels with at least a hundredth of the rows: of rare ones the difference is mostly noise."""
    count = np.bincount(codes[~np.isnan(codes)].astype(np.int64))
    return np.flatnonzero(count >= max(1, len(codes) / 100)).tolist()


def _difference(values: Floats, arm: Ints, share: Floats) -> float:
    """share: (n,) weight of each row in its arm, summing to 1 there."""
    spread = float(np.std(values))
    if spread == 0:
        return 0.0
    means = np.bincount(arm, weights=share * values)
    return float(np.max(np.abs(means - values.mean()))) / spread
