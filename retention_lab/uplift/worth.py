"""What an outcome is worth, and what each arm costs: the step from an outcome to net value."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Worth:
    """per_unit: currency per unit of outcome (1 where the outcome is money, or no value is given).

    cost: (K + 1,) expected cost of giving each arm to a customer, control first; contact and redemption
    together. None: no costs are known, and results stay in the outcome's unit.
    """

    per_unit: float = 1.0
    cost: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        numbers = [self.per_unit, *(self.cost or ())]
        if not np.isfinite(numbers).all() or self.per_unit <= 0 or min(numbers) < 0:
            raise LabError(
                "The value per unit must be above 0, and costs not below 0.", "Correct `value`.", key="value"
            )

    def costs(self, arm_count: int) -> Floats:
        """(K + 1,) costs; zeros where none are known. Raises LabError on another number of arms."""
        if self.cost is None:
            return np.zeros(arm_count)
        if len(self.cost) != arm_count:
            raise LabError(
                f"Costs are given for {len(self.cost)} arms, and there are {arm_count}.",
                "Give one per arm, control first.",
                key="value",
            )
        return np.array(self.cost, dtype=np.float64)

    def net_scores(self, gamma: Floats, feasible: Bools | None = None) -> Floats:
        """(n, K + 1) doubly robust scores of net value under each arm.

        feasible: (n, K) customers who could have got each offer; choosing it for another means control.
        """
        net = np.asarray(gamma * self.per_unit - self.costs(gamma.shape[1]), dtype=np.float64)
        if feasible is not None:
            net[:, 1:] = np.where(feasible, net[:, 1:], net[:, :1])
        return net

    def net_effect(self, effect: Floats, feasible: Bools | None = None) -> Floats:
        """(n, K) effects as net value over control; 0 where the offer cannot be given."""
        costs = self.costs(effect.shape[1] + 1)
        net = np.asarray(effect * self.per_unit - (costs[1:] - costs[0]), dtype=np.float64)
        return net if feasible is None else np.where(feasible, net, 0.0)
