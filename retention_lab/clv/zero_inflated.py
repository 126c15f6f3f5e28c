"""Zero-inflated lognormal value: who spends nothing, and how unequally the others spend, in one loss.

Trees with three outputs: log odds to buy, mean and log spread of the logarithm of what a buyer spends.
Squared error follows the few largest customers; this loss does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, log_expit

from retention_lab.arrays import Floats
from retention_lab.clv.trees import Corrections, TreeParams, fit_corrections
from retention_lab.errors import LabError

_WIDEST = 3.0  # spread of logarithms, beyond which the mean is not to be believed
_LEAST = 0.05


@dataclass(frozen=True, slots=True)
class ZeroInflated:
    """start: log odds, mean and log spread over everybody, from which the trees go on."""

    start: tuple[float, float, float]
    trees: Corrections

    def scores(self, features: Floats) -> Floats:
        """(n, d) -> (n, 3): log odds to buy, mean and log spread of a buyer's logarithm."""
        return np.asarray(self.trees.scores(features) + np.array(self.start), dtype=np.float64)

    def expected_value(self, features: Floats) -> Floats:
        """(n, d) -> (n,) money expected."""
        odds, mean, log_spread = self.scores(features).T
        spread = np.clip(np.exp(log_spread), _LEAST, _WIDEST)
        return np.asarray(expit(odds) * np.exp(mean + spread**2 / 2), dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """Where the trees begin, and their text."""
        return {"start.txt": " ".join(map(repr, self.start)).encode(), "trees.txt": self.trees.text.encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "ZeroInflated":
        """The model that `to_files` wrote."""
        odds, mean, log_spread = (float(word) for word in files["start.txt"].decode().split())
        return ZeroInflated((odds, mean, log_spread), Corrections(files["trees.txt"].decode()))


def fit_zero_inflated(features: Floats, value: Floats, params: TreeParams | None = None) -> ZeroInflated:
    """Fit to (n, d) features and (n,) values from 0 on.

    Raises LabError where a value is missing or below 0, or fewer than ten are above 0, or none is 0.
    Source: Wang, Liu, Miao (2019), arXiv:1912.07753.
    """
    if not np.isfinite(value).all() or value.min(initial=0) < 0:
        raise LabError("A value is missing or below 0.", "Count returns beyond purchases as 0.", key="value")
    bought = value > 0
    if bought.sum() < 10 or bought.all():
        raise LabError(
            f"{int(bought.sum())} of {len(value)} values are above 0, which leaves nothing to tell apart.",
            "Provide customers who bought and customers who did not, at least ten of the former.",
        )
    logs = np.log(value[bought])
    share = float(bought.mean())
    start = (
        float(np.log(share / (1 - share))), float(logs.mean()), float(np.log(max(logs.std(), _LEAST)))
    )  # fmt: skip

    def objective(scores: Floats, _: Any) -> tuple[Floats, Floats]:
        return gradients(scores, value)

    begun = np.tile(np.array(start), (len(value), 1))
    return ZeroInflated(start, fit_corrections(features, value, begun, objective, params or TreeParams(), 3))


def zero_inflated_loss(scores: Floats, value: Floats) -> Floats:
    """(n,) negative log-likelihood of values (n,), up to a constant of their own, at scores (n, 3)."""
    odds, mean, log_spread = scores.T
    bought = value > 0
    z = (np.log(np.where(bought, value, 1.0)) - mean) / np.exp(log_spread)
    return np.asarray(np.where(bought, -log_expit(odds) + z**2 / 2 + log_spread, -log_expit(-odds)))


def gradients(scores: Floats, value: Floats) -> tuple[Floats, Floats]:
    """(n, 3) slopes of the loss, and (n, 3) curvatures, expected ones where the loss's own may be below 0."""
    odds, mean, log_spread = scores.T
    bought, chance = value > 0, expit(odds)
    spread = np.maximum(np.exp(log_spread), _LEAST)
    z = np.where(bought, (np.log(np.where(bought, value, 1.0)) - mean) / spread, 0.0)
    slope = np.column_stack([chance - bought, -z / spread, np.where(bought, 1 - z**2, 0.0)])
    curve = np.column_stack([chance * (1 - chance), bought / spread**2, 2.0 * bought])
    return slope, np.maximum(curve, 1e-9)
