"""Logistic regression, with smooth curves in place of straight lines for numbers."""

import warnings
from dataclasses import dataclass, field

import numpy as np

from retention_lab.churn.learners.linear import LinearModel
from retention_lab.churn.preparation import Preparing, prepare
from retention_lab.churn.sample import ChurnSample, require_both


@dataclass(frozen=True, slots=True)
class LogisticParams:
    """strength: inverse of the penalty on squared slopes of the prepared columns. knots: see `Preparing`."""

    strength: float = 0.3
    preparing: Preparing = field(default_factory=lambda: Preparing(knots=8))
    balanced: bool = False


def fit_logistic(sample: ChurnSample, seed: int = 7, params: LogisticParams | None = None) -> LinearModel:
    """Penalised maximum likelihood; the steadiest of the learners, and blind to interactions.

    balanced: leavers and stayers weigh the same in total; probabilities are then too high by design, and the
    calibration has to take that back. The seed is not used: the optimum is one.
    Raises LabError unless somebody left and somebody stayed.
    Source: le Cessie and van Houwelingen (1992), Applied Statistics 41(1), doi:10.2307/2347628.
    """
    from sklearn.linear_model import LogisticRegression  # brings half a second of imports along

    del seed
    require_both(sample.left)
    used = params or LogisticParams()
    prepared = prepare(sample.features, used.preparing)
    columns = prepared.columns(sample.features.values)
    centre = columns.mean(axis=0)
    model = LogisticRegression(
        C=used.strength, max_iter=2000, tol=1e-8, class_weight="balanced" if used.balanced else None
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a step short of the tolerance predicts the same to six digits
        model.fit(columns - centre, sample.left)
    return LinearModel(prepared, np.asarray(model.coef_[0]), centre, float(model.intercept_[0]))
