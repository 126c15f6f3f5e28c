"""What a rule for choosing offers earns: against constants, and against the same spend at random."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.estimate import Estimate, mean_estimate
from retention_lab.off_policy import policy_difference, policy_value
from retention_lab.ranks import Ranking, ranking
from retention_lab.uplift.ranking import included_share, mean_near_cut, without_rounding

__all__ = ["best_constant", "budget_gain", "greedy_policy", "policy_gain", "policy_value", "share_policy"]


def greedy_policy(net_effect: Floats) -> Ints:
    """(n,) each customer's best arm by predicted net value, 0 where no offer is worth more than none."""
    best = np.argmax(net_effect, axis=1)
    worth = net_effect[np.arange(len(best)), best] > 0
    return np.asarray(np.where(worth, best + 1, 0), dtype=np.int64)


def policy_gain(
    gamma: Floats,
    policy: np.ndarray,
    constant_arm: int,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Estimate:
    """Value of the policy less value of one arm for everybody, paired, per head; p-value against 0."""
    constant = np.full(len(gamma), constant_arm)
    return policy_difference(gamma, policy, constant, group, confidence=confidence)


def best_constant(gamma: Floats, group: np.ndarray | None = None, *, confidence: float = 0.95) -> int:
    """The offer whose average effect over none has the highest lower bound: the best supported."""
    lower = [
        policy_gain(gamma, np.full(len(gamma), k), 0, group, confidence=confidence).low
        for k in range(1, gamma.shape[1])
    ]
    return int(np.argmax(lower)) + 1


@dataclass(frozen=True, slots=True)
class ShareChoice:
    """Whom a model treats when it may treat a share: (n,) offers, and the part of each row that is treated.

    treated is 1 or 0 but for rows that tie at the cut. `share` is the part of the audience treated: less than
    asked for where the model expects a gain from fewer. `binding`: whether the cut and not the model's own
    expectation ends the list. order: the audience by predicted net value, best first.
    """

    offer: Ints
    treated: Floats
    share: float
    binding: bool
    order: Ranking

    def probabilities(self, arm_count: int) -> Floats:
        """(n, K + 1) the choice as a policy."""
        found = np.zeros((len(self.offer), arm_count))
        found[np.arange(len(self.offer)), self.offer] = self.treated
        found[:, 0] += 1 - self.treated
        return found


def share_policy(net_effect: Floats, share: float) -> ShareChoice:
    """Treat the best `share` by predicted net value, each with its best offer, never at an expected loss.

    net_effect: (n, K) predicted net value of each offer over none.
    """
    offer = np.argmax(net_effect, axis=1)
    value = net_effect[np.arange(len(offer)), offer]
    order = ranking(value)
    positive = float(np.mean(value > 0))
    taken = min(share, positive)
    treated = order.by_row(included_share(order, taken))
    return ShareChoice(np.asarray(offer + 1, dtype=np.int64), treated, taken, positive > share, order)


def budget_gain(
    gamma: Floats,
    choice: ShareChoice,
    offer: int,
    cost: Floats,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Estimate:
    """Net value per head of the model's choice less that of the same spend on `offer` for random customers.

    gamma: (n, K + 1) scores of net value; cost: (K + 1,) cost of each arm per customer; where all are 0,
    spend is the number of customers. A spend beyond what `offer` costs for everybody gives it to everybody.
    The interval includes that the cut and the spend are themselves estimated on these rows.
    """
    rows = np.arange(len(gamma))
    price = cost - cost[0] if np.any(cost > cost[0]) else (np.arange(len(cost)) > 0).astype(np.float64)
    chosen = gamma[rows, choice.offer] - gamma[:, 0]
    spend = price[choice.offer]
    at_random = gamma[:, offer] - gamma[:, 0]
    average = float(np.mean(at_random))
    total = float(np.mean(choice.treated * spend))
    unlimited = total >= price[offer]  # the spend pays for everybody (or the offer is free)
    rate = (1.0 if total > 0 else 0.0) if unlimited else total / price[offer]
    per_spend = 0.0 if unlimited else average / price[offer]
    # a row's worth: its gain, less what its cost would have earned at random
    worth = chosen - per_spend * spend
    at_cut = mean_near_cut(worth[choice.order.row], choice.order, choice.share) if choice.binding else 0.0
    gain = choice.treated * chosen - rate * at_random  # its mean is the value asked for
    adjustment = choice.treated * (per_spend * spend + at_cut) - rate * average
    terms = without_rounding(gain - (adjustment - adjustment.mean()), gamma)
    return mean_estimate(terms, group, confidence=confidence)
