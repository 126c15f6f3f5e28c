"""All the evidence about one model on rows that it has never seen."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.calibration import calibration_slope
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, not_computed, unit_codes
from retention_lab.off_policy import policy_difference
from retention_lab.uplift.best_arm import best_arm
from retention_lab.uplift.groups import GroupEffects, group_effects_of
from retention_lab.uplift.policy import greedy_policy
from retention_lab.uplift.ranking import Ranked, autoc_of, qini_difference, qini_of, ranked, uplift_at_of
from retention_lab.uplift.worth import Worth

SHARES = (0.1, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class Evidence:
    """estimates: by metric name; reasons: why a metric could not be computed, by its name; groups: effects of
    customers from the lowest predicted effect to the highest, by the offer's name."""

    estimates: dict[str, Estimate]
    reasons: dict[str, str]
    groups: dict[str, GroupEffects] = field(default_factory=dict)

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
    are judged on them. Nothing is divided by the average effect.
    """
    net, predicted = worth.net_scores(gamma, feasible), worth.net_effect(effect, feasible)
    group = None if group is None else unit_codes(group)
    found = Evidence({}, {})
    for k, name in enumerate(arms[1:]):
        rows = slice(None) if feasible is None else feasible[:, k]
        members = None if group is None else group[rows]
        offer = ranked((net[:, k + 1] - net[:, 0])[rows], predicted[rows, k], members)
        _judge_offer(found, offer, name, f".{name}" if len(arms) > 2 else "", confidence)
    choice = best_arm(net, predicted, arms, group, confidence=confidence)
    found.estimates["policy_value"] = choice.value
    for name in arms:
        found.estimates[f"policy_gain.{name}"] = choice.gain[name]
    for name in arms:
        found.estimates[f"policy_share.{name}"] = choice.share[name]
    return found


def _judge_offer(found: Evidence, offer: Ranked, name: str, suffix: str, confidence: float) -> None:
    """Add how one offer's predictions rank, group and scale; its rows were sorted once, for all of them."""
    found.estimates[f"qini{suffix}"] = qini_of(offer, confidence=confidence)
    found.estimates[f"autoc{suffix}"] = autoc_of(offer, confidence=confidence)
    for share in SHARES:
        key = f"uplift_at_{share * 100:.0f}{suffix}"
        found.estimates[key] = uplift_at_of(offer, share, confidence=confidence)
    try:
        slope = calibration_slope(offer.e, offer.score, offer.group, confidence=confidence)
        found.estimates[f"calibration_slope{suffix}"] = slope
    except LabError as error:
        found.reasons[f"calibration_slope{suffix}"] = error.found
    try:
        found.groups[name] = group_effects_of(offer, confidence=confidence)
        found.estimates[f"gates_top_less_bottom{suffix}"] = found.groups[name].top_less_bottom
    except LabError as error:
        found.reasons[f"gates_top_less_bottom{suffix}"] = error.found


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
