"""What a plan is expected to earn, seen on randomised rows that no model was fitted on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.off_policy import policy_difference
from retention_lab.targeting.allocate import probabilities_at
from retention_lab.targeting.value import expected_cost, net_value

LEAST_ROWS = 200  # fewer held-out rows in the audience say nothing about it


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is made of, for n customers and K offers.

    value: (n, K) gain of each offer, -inf where the policy may not choose it. cost: (n, K) expected cost.
    feasible: (n, K) offers that can be made at all.
    """

    value: Floats
    cost: Floats
    feasible: Bools


@dataclass(frozen=True, slots=True)
class Valuation:
    """m held-out rows like the audience, K offers, and the numbers to turn them into the audience's totals.

    gain: (m, K + 1) scores of the outcome (in money where it is worth money), cost: (m, K + 1) scores of the
    cost. holdout, exploration: mean shares of the launch. eligible: customers of the audience.
    """

    terms: Terms
    gain: Floats
    cost: Floats
    group: np.ndarray
    holdout: float
    exploration: float
    eligible: int

    def totals(self, choice: Floats) -> tuple[Estimate, Estimate, Estimate]:
        """Incremental outcome, cost and profit of the audience under (m, K + 1) choice probabilities."""
        mixed = self.launch_probabilities(choice)
        return (
            self._total(self.gain, mixed),
            self._total(self.cost, mixed),
            self._total(self.gain - self.cost, mixed),
        )

    def launch_probabilities(self, choice: Floats) -> Floats:
        """(m, K + 1) probabilities of the arms with holdout and exploration mixed in."""
        allowed = np.append(np.ones((len(choice), 1)), self.terms.feasible, axis=1)
        spread = allowed / allowed.sum(axis=1, keepdims=True)
        none = np.eye(choice.shape[1])[np.zeros(len(choice), dtype=np.int64)]
        rest = 1 - self.holdout - self.exploration
        return np.asarray(self.holdout * none + self.exploration * spread + rest * choice)

    def at_price(self, dual_price: float, tied_share: float) -> Floats:
        """(m, K + 1) the plan's own rule on these rows."""
        return probabilities_at(self.terms.value, self.terms.cost, dual_price, tied_share)

    def _total(self, scores: Floats, probabilities: Floats) -> Estimate:
        none = np.zeros(len(scores), dtype=np.int64)
        return policy_difference(scores, probabilities, none, self.group).scaled(self.eligible)


def terms(
    effect: Floats,
    redemption: Floats,
    costs: tuple[Floats, Floats],
    feasible: Bools,
    chosen: Bools,
    *,
    in_money: bool,
) -> Terms:
    """Value and cost of each offer to each customer.

    effect: (n, K) in money, or in the outcome's unit. costs: (K,) per contact and redemption. chosen: (K,)
    offers that the policy may choose: those that its model knows, or a constant policy's only one.
    """
    cost = expected_cost(redemption, *costs)
    value = net_value(effect, redemption, *costs) if in_money else effect
    return Terms(np.where(feasible & chosen, value, -np.inf), cost, feasible)


def in_audience(rows: int, match: Callable[[], Bools] | None) -> Bools:
    """(m,) the held-out rows that the audience's condition holds for.

    Raises LabError where fewer than 200 are left to value a plan on.
    """
    found = np.ones(rows, dtype=np.bool_) if match is None else match()
    if found.sum() < LEAST_ROWS:
        raise LabError(
            f"{int(found.sum())} of {rows} held-out rows are like the audience, and fewer than {LEAST_ROWS} "
            "cannot say what the plan would earn.",
            "Widen `audience.where`, or run an experiment among these customers first (exploration).",
            key="audience.where",
        )
    return found
