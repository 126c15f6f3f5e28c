"""Linear classifiers of messages: each is a weight for every term, so each can say which words decided."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from retention_lab.arrays import Floats
from retention_lab.errors import ConfigurationError, did_you_mean
from retention_lab.feedback.vocabulary import Matrix


@dataclass(frozen=True, slots=True)
class LinearRule:
    """weights: (d,) of the terms; above 0 speaks for the positive label."""

    weights: Floats
    intercept: float

    def probability(self, weighed: Matrix) -> Floats:
        """(n,) before calibration."""
        return np.asarray(expit(weighed @ self.weights + self.intercept), dtype=np.float64)


Learner = Callable[[Matrix, Floats], LinearRule]


def fit_logistic(weighed: Matrix, label: Floats) -> LinearRule:
    """Logistic regression with a ridge."""
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(C=4.0, solver="liblinear", random_state=0, max_iter=1000).fit(weighed, label)
    return LinearRule(found.coef_[0], float(found.intercept_[0]))


def fit_svm(weighed: Matrix, label: Floats) -> LinearRule:
    """Linear support vector machine. Source: Joachims (1998), ECML, doi:10.1007/BFb0026683."""
    from sklearn.svm import LinearSVC

    found = LinearSVC(C=0.3, random_state=0, max_iter=10_000).fit(weighed, label)
    return LinearRule(found.coef_[0], float(found.intercept_[0]))


def fit_naive_bayes(weighed: Matrix, label: Floats) -> LinearRule:
    """Complement naive Bayes: quick, and good on few messages; bolder than it should be.

    Source: Rennie, Shih, Teevan, Karger (2003), ICML.
    """
    from sklearn.naive_bayes import ComplementNB

    found = ComplementNB(alpha=0.5).fit(weighed, label)
    negative, positive = found.feature_log_prob_  # of two classes, each is the complement of the other
    prior = float(np.log(label.mean()) - np.log1p(-label.mean()))
    return LinearRule(np.asarray(positive - negative, dtype=np.float64), prior)


LEARNERS: dict[str, Learner] = {"logistic": fit_logistic, "svm": fit_svm, "naive_bayes": fit_naive_bayes}


def learner(name: str) -> Learner:
    """The learner of that name. Raises ConfigurationError where there is none."""
    if name not in LEARNERS:
        raise ConfigurationError(
            f"No classifier of messages is named '{name}'.", did_you_mean(name, LEARNERS), key="models"
        )
    return LEARNERS[name]
