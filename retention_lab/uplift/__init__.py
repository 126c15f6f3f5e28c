"""Who responds because we acted: samples, learners, doubly robust scores, and evidence with intervals."""

from retention_lab.calibration import Calibration, calibration
from retention_lab.features import Features
from retention_lab.off_policy import policy_value
from retention_lab.uplift.best_arm import best_arm, best_arm_curve
from retention_lab.uplift.estimators import UpliftClassifier, UpliftRegressor
from retention_lab.uplift.groups import group_effects
from retention_lab.uplift.learners import UpliftModel
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.policy import policy_gain
from retention_lab.uplift.ranking import autoc, gain_curve, qini, qini_difference, radcliffe_qini, uplift_at
from retention_lab.uplift.recalibrate import Recalibration, fit_recalibration
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.scores import doubly_robust_scores, gamma_on
from retention_lab.uplift.selection import fit_candidate

__all__ = [
    "Calibration",
    "Features",
    "Recalibration",
    "UpliftClassifier",
    "UpliftModel",
    "UpliftRegressor",
    "UpliftSample",
    "autoc",
    "best_arm",
    "best_arm_curve",
    "calibration",
    "doubly_robust_scores",
    "fit",
    "fit_recalibration",
    "gain_curve",
    "gamma_on",
    "group_effects",
    "policy_gain",
    "policy_value",
    "qini",
    "qini_difference",
    "radcliffe_qini",
    "uplift_at",
]


def fit(name: str, sample: UpliftSample, seed: int = 7) -> UpliftModel:
    """Fit the named learner; the model's `effect(features)` is (n, K), in the outcome's unit.

    Raises ConfigurationError for a name that is not known.
    """
    return fit_candidate(name, prepare(sample, seed=seed)).model
