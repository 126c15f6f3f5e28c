"""causalml, scikit-uplift and UTBoost: a population in, a function from features to effects out.

The LightGBM models inside have, of two settings, the one that ranked better on a seed that no table shows.
Known propensities are handed over, so that nobody has to estimate them; where they are not, causalml does.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.uplift_data import Population
from retention_lab.arrays import Floats

Predict = Callable[[Floats], Floats]
Fit = Callable[[Population], Predict]
SMALL: dict[str, Any] = {
    "n_estimators": 100, "num_leaves": 8, "learning_rate": 0.05, "min_child_samples": 200, "reg_lambda": 10.0,
}  # fmt: skip
DEFAULT: dict[str, Any] = {"n_estimators": 100}
_QUIET = {"n_jobs": 1, "verbosity": -1}


def peers(population: Population) -> dict[str, Fit]:
    """Those that can read the population: outcomes of 0 and 1, one offer, or any."""
    found: dict[str, Fit] = {
        "causalml S": lambda train: _causalml("BaseSRegressor", train, DEFAULT),
        "causalml T": lambda train: _causalml("BaseTRegressor", train, SMALL),
        "causalml X": lambda train: _causalml("BaseXRegressor", train, DEFAULT),
        "causalml R": lambda train: _causalml("BaseRLearner", train, SMALL),
        "causalml DR": lambda train: _causalml("BaseDRRegressor", train, SMALL),
    }
    binary = bool(np.isin(population.outcome, (0, 1)).all())
    if binary and population.effect.shape[1] == 1:
        found |= {"scikit-uplift solo": _solo, "scikit-uplift two models": _two_models, "UTBoost": _utboost}
    return found


def _causalml(learner: str, train: Population, settings: dict[str, Any]) -> Predict:
    import causalml.inference.meta as meta
    from lightgbm import LGBMRegressor

    offers = range(1, train.propensity.shape[1])
    against = train.propensity[:, 1:] / (train.propensity[:, 1:] + train.propensity[:, :1])
    chance = {k: against[:, k - 1] for k in offers} if train.logged else None
    named = {} if learner in ("BaseSRegressor", "BaseTRegressor") or chance is None else {"p": chance}
    # without being told, the R-learner starts a process per core, whose seconds nobody would count
    alone = {"cv_n_jobs": 1} if learner == "BaseRLearner" else {}
    base = LGBMRegressor(**settings, **_QUIET)
    model = getattr(meta, learner)(learner=base, control_name=0, **alone)
    model.fit(X=train.features, treatment=train.arm, y=train.outcome, **named)
    shares = {k: float(against[:, k - 1].mean()) for k in offers}

    def predict(features: Floats) -> Floats:
        more = {}
        if named and learner == "BaseXRegressor":
            more = {"p": {k: np.full(len(features), share) for k, share in shares.items()}}
        return np.asarray(model.predict(X=features, **more)).reshape(len(features), -1)

    return predict


def _solo(train: Population) -> Predict:
    import pandas as pd
    from lightgbm import LGBMClassifier
    from sklift.models import SoloModel

    model = SoloModel(estimator=LGBMClassifier(**DEFAULT, **_QUIET))
    model.fit(pd.DataFrame(train.features), pd.Series(train.outcome), pd.Series(train.arm))
    return lambda features: np.asarray(model.predict(pd.DataFrame(features)))[:, None]


def _two_models(train: Population) -> Predict:
    import pandas as pd
    from lightgbm import LGBMClassifier
    from sklift.models import TwoModels

    models = [LGBMClassifier(**SMALL, **_QUIET) for _ in range(2)]
    model = TwoModels(estimator_trmnt=models[0], estimator_ctrl=models[1])
    model.fit(pd.DataFrame(train.features), pd.Series(train.outcome), pd.Series(train.arm))
    return lambda features: np.asarray(model.predict(pd.DataFrame(features)))[:, None]


def _utboost(train: Population) -> Predict:
    from utboost import UTBClassifier

    model = UTBClassifier(criterion="gbm", n_estimators=100, max_depth=3, learning_rate=0.1)
    model.fit(train.features, train.arm, train.outcome)

    def predict(features: Floats) -> Floats:
        chances = np.asarray(model.predict(features))
        return np.asarray(chances[:, 1:] - chances[:, :1])

    return predict
