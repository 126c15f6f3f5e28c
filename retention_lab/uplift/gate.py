"""The evidence that a model must show before it may become champion: pure functions over held-out scores."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.checks import Check, check
from retention_lab.estimate import Estimate
from retention_lab.off_policy import policy_difference
from retention_lab.uplift.policy import budget_gain, greedy_policy, policy_gain, share_policy
from retention_lab.uplift.worth import Worth


@dataclass(frozen=True, slots=True)
class GateRule:
    """confidence: of the two-sided intervals; share: of the audience under a budget; tolerance: of a loss to
    the champion, per head, in the unit of net value."""

    confidence: float = 0.95
    share: float = 0.2
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Gate:
    """everyone: G1; budget: G2; champion: G3 (None: there is no champion); checks: as shown in the JSON."""

    everyone: bool
    budget: bool
    champion: bool | None
    checks: tuple[Check, ...]

    @property
    def better_than_constants(self) -> bool:
        """G1 or G2: whether targeting beats treating everybody alike."""
        return self.everyone or self.budget

    @property
    def promotable(self) -> bool:
        """G1 or G2, and G3."""
        return self.better_than_constants and self.champion is not False


def gate(
    gamma: Floats,
    effect: Floats,
    arms: tuple[str, ...],
    worth: Worth,
    rule: GateRule,
    *,
    champion_effect: Floats | None = None,
    feasible: Bools | None = None,
    group: np.ndarray | None = None,
) -> Gate:
    """Judge a model on held-out rows.

    gamma: (n, K + 1) scores of the outcome; effect: (n, K) predictions of the model; champion_effect: (n, K)
    predictions of the champion; arms: names, control first. No model may have been fitted on these rows.
    feasible: (n, K) customers who could have got each offer; None: all.
    """
    net, predicted = worth.net_scores(gamma, feasible), worth.net_effect(effect, feasible)
    everyone = _against_constants(net, predicted, arms, rule, group)
    budget = _against_random_spend(net, predicted, arms, worth, rule, group)
    g1 = all(one["passed"] for one in everyone)
    g2 = all(one["passed"] for one in budget)
    checks = [*everyone, *budget]
    champion = None
    if champion_effect is None:
        detail = "There is no champion yet, so there is none to be compared with."
        checks.append(check("G3.champion", "hard", None, None, -rule.tolerance, detail))
    else:
        other = worth.net_effect(champion_effect, feasible)
        difference = _against_champion(net, predicted, other, rule, group, at_share=g2 and not g1)
        detail = "Value of this version's choices less the champion's, per head, on rows new to both."
        checks.append(_bound("G3.champion", difference, -rule.tolerance, detail))
        champion = bool(checks[-1]["passed"])
    return Gate(g1, g2, champion, tuple(checks))


def constant_gate(
    gamma: Floats,
    arm: int,
    arms: tuple[str, ...],
    worth: Worth,
    rule: GateRule,
    group: np.ndarray | None = None,
    feasible: Bools | None = None,
) -> Check:
    """Whether one arm for everybody may become champion: its average net effect over none is above 0."""
    policy = np.full(len(gamma), arm)
    net = worth.net_scores(gamma, feasible)
    gain = policy_gain(net, policy, 0, group, confidence=rule.confidence)
    costs = "" if worth.cost is None else ", net of costs"
    detail = f"Average effect of {arms[arm]!r} for everybody over {arms[0]!r}{costs}, per head."
    return _bound(f"constant.{arms[arm]}", gain, 0.0, detail)


def _against_constants(
    net: Floats, predicted: Floats, arms: tuple[str, ...], rule: GateRule, group: np.ndarray | None
) -> list[Check]:
    policy = greedy_policy(predicted)
    return [
        _bound(
            f"G1.{name}",
            policy_gain(net, policy, k, group, confidence=rule.confidence),
            0.0,
            f"Value of the model's choices less that of {name!r} for everybody, per head.",
        )
        for k, name in enumerate(arms)
    ]


def _against_random_spend(
    net: Floats,
    predicted: Floats,
    arms: tuple[str, ...],
    worth: Worth,
    rule: GateRule,
    group: np.ndarray | None,
) -> list[Check]:
    choice = share_policy(predicted, rule.share)
    costs = worth.costs(len(arms))
    return [
        _bound(
            f"G2.{name}",
            budget_gain(net, choice, k, costs, group, confidence=rule.confidence),
            0.0,
            f"Value of the model's choice of {choice.share:.0%} of the audience less that of the same spend "
            f"with {name!r} on random customers, per head.",
        )
        for k, name in enumerate(arms)
        if k > 0
    ]


def _against_champion(
    net: Floats,
    predicted: Floats,
    other: Floats,
    rule: GateRule,
    group: np.ndarray | None,
    *,
    at_share: bool,
) -> Estimate:
    # a version that only passed under a budget is compared as it may be used: at that share
    arm_count = net.shape[1]
    if at_share:
        choices = [share_policy(one, rule.share).probabilities(arm_count) for one in (predicted, other)]
        return policy_difference(net, choices[0], choices[1], group, confidence=rule.confidence)
    policies = greedy_policy(predicted), greedy_policy(other)
    return policy_difference(net, policies[0], policies[1], group, confidence=rule.confidence)


def _bound(name: str, estimate: Estimate, threshold: float, detail: str) -> Check:
    interval = f"{_said(estimate.value)} [{_said(estimate.low)}, {_said(estimate.high)}]"
    return check(name, "hard", estimate.low > threshold, estimate.low, threshold, f"{detail} {interval}")


def _said(value: float) -> str:
    """Signed, to a hundredth, or to three digits where that would say nothing."""
    return f"{value:+,.2f}" if abs(value) >= 1 else f"{value:+.3g}"
