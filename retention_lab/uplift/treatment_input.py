"""Arms and their chances as scikit-learn's users hand them over, read once, or a refusal."""

from typing import Any

import numpy as np
from sklearn.utils.validation import column_or_1d

from retention_lab.arrays import Floats
from retention_lab.estimator_input import InputError


def arms(treatment: Any) -> np.ndarray:
    """(n,) arms as they came; raises InputError where there are none."""
    if treatment is None:
        raise InputError(
            "No treatment came, and without it there is no effect to learn or to judge.",
            "Pass treatment=…, 0 for control and k for the k-th offer. Within cross-validation, searches or "
            "pipelines: sklearn.set_config(enable_metadata_routing=True), then params={'treatment': …}.",
            key="treatment",
        )
    return np.asarray(column_or_1d(treatment))


def chances(propensity: Any) -> Floats | None:
    """(n, K + 1) propensities; raises InputError for one number a row, which could mean two things."""
    if propensity is None:
        return None
    found = np.asarray(propensity, dtype=np.float64)
    if found.ndim != 2:
        raise InputError(
            f"Propensities came with shape {found.shape}: of the arm received, or of the offer?",
            "Give one column per arm, control first: for one offer np.column_stack([1 - p, p]).",
            key="propensity",
        )
    return found
