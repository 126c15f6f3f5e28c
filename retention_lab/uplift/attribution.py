"""SHAP values through sums, products and links: what each feature adds to a figure built of several models.

Contributions are (n, d + 1): one column a feature, the last the base value; a row sums to the prediction.
Contributions of a sum or difference of models are the sum or difference of theirs, and need no function.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.special import expit

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.uplift.boosting import Boosted

_SMALL_CHANGE = 1e-6  # below it, a quotient of differences is less exact than the slope


def product_contributions(a: Floats, b: Floats) -> Floats:
    """(n, d + 1) contributions of the product of two predictions, whose own contributions are a and b.

    ab - a0 b0 = (a + a0)/2 (b - b0) + (b + b0)/2 (a - a0), and each difference is split as its own
    contributions split it: exact, and the two factors change places without a difference. Rows sum to the
    product, and the base value is the product of the base values.
    Raises LabError where the shapes differ.
    Source: the chain of multipliers of Shrikumar, Greenside, Kundaje (2017), "Learning important features
    through propagating activation differences", arXiv:1704.02685, for SHAP values in Chen, Lundberg, Lee
    (2022), Nature Communications 13, 4512, doi:10.1038/s41467-022-31384-3.

    >>> product_contributions(np.array([[1.0, 0.0, 2.0]]), np.array([[0.0, 4.0, 1.0]]))
    array([[ 3., 10.,  2.]])
    """
    if a.shape != b.shape:
        raise LabError(
            f"Contributions of shapes {a.shape} and {b.shape} cannot be multiplied.",
            "Explain both models on the same rows and features.",
        )
    middle_a = (a.sum(axis=1) + a[:, -1]) / 2
    middle_b = (b.sum(axis=1) + b[:, -1]) / 2
    found = middle_a[:, None] * b + middle_b[:, None] * a
    found[:, -1] = a[:, -1] * b[:, -1]
    return np.asarray(found, dtype=np.float64)


def rescaled_contributions(
    contributions: Floats, before: Floats, after: Callable[[Floats], Floats]
) -> Floats:
    """(n, d + 1) contributions of after(l), from those of l: all of a row's are multiplied by one number.

    contributions: (n, d + 1) of l; before: (n,) l itself; after: elementwise and smooth, as the logistic
    function is. The number is (after(l) - after(l0)) / (l - l0), and the slope at l0 where l hardly differs
    from its base value l0. Rows sum to after(before), and the base value is after(l0).
    Source: the rescale rule of Shrikumar, Greenside, Kundaje (2017), arXiv:1704.02685; for SHAP values, Chen,
    Lundberg, Lee (2022), Nature Communications 13, 4512, doi:10.1038/s41467-022-31384-3.
    """
    base = contributions[:, -1]
    change = np.asarray(before - base, dtype=np.float64)
    small = np.abs(change) < _SMALL_CHANGE
    step = 1e-4 * np.maximum(1.0, np.abs(base))
    slope = (after(base + step) - after(base - step)) / (2 * step)
    quotient = (after(before) - after(base)) / np.where(small, 1.0, change)
    found = contributions * np.where(small, slope, quotient)[:, None]
    found[:, -1] = after(base)
    return np.asarray(found, dtype=np.float64)


def prediction_contributions(
    model: Boosted, values: Floats, known: Mapping[int, float] | None = None
) -> Floats:
    """(n, d + 1) contributions that sum to `model.predict(values)`: of a probability, where it predicts one.

    known: features that count as known, as in `Boosted.contributions`; the sum is the prediction with them.
    A model fitted with log-loss explains its log-odds, which the logistic function turns into a probability.
    Raises LabError for a model of several classes.
    """
    raw = model.contributions(values, known)
    return rescaled_contributions(raw, raw.sum(axis=1), expit) if model.predicts_probability else raw
