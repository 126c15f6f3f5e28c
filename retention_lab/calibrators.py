"""Turn a model's probabilities into ones that keep their word: Platt, beta, isotonic, or left as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import expit, logit

from retention_lab.arrays import Floats, Ints

Kind = Literal["none", "platt", "beta", "isotonic"]
KINDS: tuple[Kind, ...] = ("none", "platt", "beta", "isotonic")
_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Calibrator:
    """kind; numbers: platt: intercept and slope on log-odds; beta: a, b, c; isotonic: the steps' places, then
    their heights; none: nothing."""

    kind: Kind
    numbers: tuple[float, ...] = ()

    def apply(self, probability: Floats) -> Floats:
        """(n,) -> (n,); the order of rows stays, but that isotonic steps make ties."""
        p = np.clip(probability, _EDGE, 1 - _EDGE)
        if self.kind == "none":
            return np.asarray(probability, dtype=np.float64)
        if self.kind == "isotonic":
            half = len(self.numbers) // 2
            return np.interp(p, self.numbers[:half], self.numbers[half:])
        if self.kind == "platt":
            intercept, slope = self.numbers
            return np.asarray(expit(intercept + slope * logit(p)), dtype=np.float64)
        a, b, c = self.numbers
        return np.asarray(expit(a * np.log(p) - b * np.log1p(-p) + c), dtype=np.float64)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a model's files."""
        return {"kind": self.kind, "numbers": list(self.numbers)}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Calibrator":
        """The calibrator that `as_json` wrote."""
        return Calibrator(value["kind"], tuple(map(float, value["numbers"])))


def fit_calibrator(probability: Floats, label: Floats, kind: Kind) -> Calibrator:
    """Learn from (n,) probabilities of rows that the model was not fitted on.

    Platt corrects scores that are too bold or too timid, beta also such as are so on one side alone, isotonic
    anything that rises, for which it needs a thousand rows and more.
    Source: Platt (1999), Advances in Large Margin Classifiers; Kull, Silva Filho, Flach (2017), AISTATS
    (beta); Zadrozny and Elkan (2002), KDD, doi:10.1145/775047.775151 (isotonic).
    """
    if kind == "none":
        return Calibrator("none")
    p = np.clip(probability, _EDGE, 1 - _EDGE)
    if kind == "isotonic":
        return _isotonic(p, label)
    if kind == "platt":
        columns = np.column_stack([np.ones(len(p)), logit(p)])
        return Calibrator(
            "platt", _maximum_likelihood(columns, label, [0.0, 1.0], [(None, None), (0.0, None)])
        )
    columns = np.column_stack([np.log(p), -np.log1p(-p), np.ones(len(p))])
    bounds = [(0.0, None), (0.0, None), (None, None)]
    return Calibrator("beta", _maximum_likelihood(columns, label, [1.0, 1.0, 0.0], bounds))


@dataclass(frozen=True, slots=True)
class Chosen:
    """calibrator: of all rows, of the kind with the least cross-fitted log loss; probability: (n,) each row
    calibrated by the others'; log_loss: of every kind."""

    calibrator: Calibrator
    probability: Floats
    log_loss: Mapping[str, float]


def choose_calibrator(
    probability: Floats, label: Floats, fold: Ints, kinds: Sequence[Kind] = KINDS
) -> Chosen:
    """Try the kinds on (n,) cross-fitted probabilities; the earlier named wins among equals."""
    found = {kind: _cross_fitted(probability, label, fold, kind) for kind in kinds}
    losses: dict[str, float] = {kind: log_loss(calibrated, label) for kind, calibrated in found.items()}
    best = min(kinds, key=lambda kind: losses[kind])
    return Chosen(fit_calibrator(probability, label, best), found[best], losses)


def log_loss(probability: Floats, label: Floats) -> float:
    """Mean over rows of minus the log of the probability that was given to what happened."""
    p = np.clip(probability, _EDGE, 1 - _EDGE)
    return float(-np.mean(np.where(label == 1, np.log(p), np.log1p(-p))))


def _cross_fitted(probability: Floats, label: Floats, fold: Ints, kind: Kind) -> Floats:
    found = np.empty(len(probability))
    for k in np.unique(fold):
        out = fold == k
        found[out] = fit_calibrator(probability[~out], label[~out], kind).apply(probability[out])
    return found


def _isotonic(p: Floats, label: Floats) -> Calibrator:
    from sklearn.isotonic import IsotonicRegression

    least = 1 / (2 * len(p))  # a step without a positive is rare, not impossible
    steps = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip").fit(p, label)
    return Calibrator("isotonic", (*map(float, steps.X_thresholds_), *map(float, steps.y_thresholds_)))


def _maximum_likelihood(
    columns: Floats, label: Floats, start: list[float], bounds: Sequence[tuple[float | None, float | None]]
) -> tuple[float, ...]:
    from scipy.optimize import minimize  # which a model that only predicts does without

    def loss(numbers: Floats) -> tuple[float, Floats]:
        odds = columns @ numbers
        value = np.mean(np.logaddexp(0, odds) - label * odds)
        return float(value), np.asarray(columns.T @ (expit(odds) - label) / len(label), dtype=np.float64)

    found = minimize(loss, np.array(start), jac=True, method="L-BFGS-B", bounds=bounds)
    return tuple(float(x) for x in found.x)
