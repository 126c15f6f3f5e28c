"""Learners that read each number as a straight line, scaled as the user says, in place of a curve."""

from collections.abc import Callable

from retention_lab.churn.learners.logistic import LogisticParams, fit_logistic
from retention_lab.churn.learners.mlp import MlpParams, fit_mlp
from retention_lab.churn.learners.protocol import ChurnModel
from retention_lab.churn.learners.svm import SvmParams, fit_svm
from retention_lab.churn.preparation import Preparing, Scaling
from retention_lab.churn.sample import ChurnSample


def as_lines(name: str, scale: Scaling, seed: int) -> Callable[[ChurnSample], ChurnModel] | None:
    """How the named learner is fitted to scaled numbers; None for trees, which no scale changes, and for the
    hazard model, whose baseline is a curve."""
    straight = Preparing(scale=scale, knots=0)
    fits: dict[str, Callable[[ChurnSample], ChurnModel]] = {
        "logistic": lambda rows: fit_logistic(rows, seed, LogisticParams(preparing=straight)),
        "svm": lambda rows: fit_svm(rows, seed, SvmParams(preparing=straight)),
        "mlp": lambda rows: fit_mlp(rows, seed, MlpParams(preparing=straight)),
    }
    return fits.get(name)
