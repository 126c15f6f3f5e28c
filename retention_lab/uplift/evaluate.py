"""All the evidence about one model on rows that it has never seen."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.calibration import calibration_slope
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, not_computed
from retention_lab.off_policy import policy_difference, policy_value
from retention_lab.uplift.policy import greedy_policy, policy_gain
from retention_lab.uplift.ranking import autoc, qini, qini_difference, uplift_at
from retention_lab.uplift.worth import Worth

SHARES = (0.1, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class Evidence:
    """estimates: by metric name; reasons: why a metric could not be computed, by its name."""

    estimates: dict[str, Estimate]
    reasons: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """As in the JSON of the commands: numbers, or nulls with a reason."""
        found = {name: estimate.as_json() for name, estimate in self.estimates.items()}
        return found | {name: not_computed(reason) for name, reason in self.reasons.items()}


def evaluate(
    gamma: Floats,
    effect: Floats,
    arms: tuple[str, ...],
    worth: Worth,
    group: np.ndarray | None = None,
    *,
    feasible: Bools | None = None,
    confidence: float = 0.95,
) -> Evidence:
    """Ranking, policy and calibration of a model's effects (n, K), on held-out gamma (n, K + 1).

    arms: names, control first. Units are outcome per head, or net money per head where `worth` has a value.
    feasible: (n, K) customers who could have got each offer (None: all); an offer's ranking and calibration
    are judged on them.
    """
    net, predicted = worth.net_scores(gamma, feasible), worth.net_effect(effect, feasible)
    estimates: dict[str, Estimate] = {}
    reasons: dict[str, str] = {}
    for k, name in enumerate(arms[1:]):
        suffix = f".{name}" if len(arms) > 2 else ""
        rows = slice(None) if feasible is None else feasible[:, k]
        e, score = (net[:, k + 1] - net[:, 0])[rows], predicted[rows, k]
        members = None if group is None else group[rows]
        estimates[f"qini{suffix}"] = qini(e, score, members, confidence=confidence)
        estimates[f"autoc{suffix}"] = autoc(e, score, members, confidence=confidence)
        for share in SHARES:
            key = f"uplift_at_{share * 100:.0f}{suffix}"
            estimates[key] = uplift_at(e, score, share, members, confidence=confidence)
        try:
            slope = calibration_slope(e, score, members, confidence=confidence)
            estimates[f"calibration_slope{suffix}"] = slope
        except LabError as error:
            reasons[f"calibration_slope{suffix}"] = error.found
    policy = greedy_policy(predicted)
    estimates["policy_value"] = policy_value(net, policy, group, confidence=confidence)
    for k, name in enumerate(arms):
        estimates[f"policy_gain.{name}"] = policy_gain(net, policy, k, group, confidence=confidence)
    return Evidence(estimates, reasons)


def difference(
    gamma: Floats,
    effect: Floats,
    other: Floats,
    arms: tuple[str, ...],
    worth: Worth,
    group: np.ndarray | None = None,
    *,
    feasible: Bools | None = None,
    confidence: float = 0.95,
) -> dict[str, Estimate]:
    """Paired differences, this model less the other, on rows new to both: Qini per arm, policy value."""
    net = worth.net_scores(gamma, feasible)
    ours, theirs = worth.net_effect(effect, feasible), worth.net_effect(other, feasible)
    found = {
        f"qini.{name}" if len(arms) > 2 else "qini": qini_difference(
            net[:, k + 1] - net[:, 0], ours[:, k], theirs[:, k], group, confidence=confidence
        )
        for k, name in enumerate(arms[1:])
    }
    found["policy_value"] = policy_difference(
        net, greedy_policy(ours), greedy_policy(theirs), group, confidence=confidence
    )
    return found
