"""Who is about to leave, how sure that is, why, and what a campaign earns that acts on it."""

from typing import TYPE_CHECKING, Any

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.churn.evaluate import Evidence, difference, evaluate
from retention_lab.churn.learners import ChurnModel
from retention_lab.churn.profit import Campaign, expected_maximum_profit, maximum_profit
from retention_lab.churn.sample import ChurnSample
from retention_lab.churn.selection import Candidate, Candidates, champion
from retention_lab.churn.tiers import fit_tiers, tier_table
from retention_lab.features import Features, numeric_features
from retention_lab.split import stratified_folds

if TYPE_CHECKING:
    from retention_lab.churn.estimator import ChurnClassifier

__all__ = [
    "Campaign",
    "Candidate",
    "Candidates",
    "ChurnClassifier",
    "ChurnModel",
    "ChurnSample",
    "Evidence",
    "champion",
    "difference",
    "evaluate",
    "expected_maximum_profit",
    "fit",
    "fit_tiers",
    "maximum_profit",
    "sample",
    "stratified_folds",
    "tier_table",
]


def sample(features: Features | Floats, left: Floats | Ints, group: np.ndarray | None = None) -> ChurnSample:
    """Wrap (n, d) features and (n,) labels, 1 where the customer left.

    Raises LabError for labels that are neither 0 nor 1.
    """
    known = features if isinstance(features, Features) else numeric_features(features)
    return ChurnSample(known, np.asarray(left, dtype=np.float64), group)


def fit(name: str, sample: ChurnSample, seed: int = 7, folds: int = 5) -> ChurnModel:
    """Fit the named model and calibrate it on cross-fitted predictions; `probability(features)` is (n,).

    Raises ConfigurationError for a name that is not known.
    """
    fold = stratified_folds(sample.left, folds, seed, sample.group)
    return Candidates(sample, fold, seed).fit(name).model


def __getattr__(name: str) -> Any:
    # scikit-learn takes a third of a second to import, and a model that only predicts does without it
    if name == "ChurnClassifier":
        from retention_lab.churn.estimator import ChurnClassifier

        return ChurnClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
