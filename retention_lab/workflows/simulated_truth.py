"""What only the simulated retailer knows of a plan: the best choices, and what any choices would earn."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.simulate import Truth
from retention_lab.targeting.allocate import allocate
from retention_lab.workflows.plan_files import PlannedRows


@dataclass(frozen=True, slots=True)
class PlanTruth:
    """n customers of a plan, K offers.

    gain: (n, K) expected profit over none. cost: (n, K) expected contact and redemption cost. feasible:
    (n, K) offers that can be made. budget: of the campaign.
    """

    gain: Floats
    cost: Floats
    feasible: Bools
    budget: float | None

    def earns(self, choice: Ints) -> float:
        """Expected profit over none of (n,) arms, in all."""
        return float(
            np.column_stack([np.zeros(len(choice)), self.gain])[np.arange(len(choice)), choice].sum()
        )

    def best(self, gain: Floats | None = None, cost: Floats | None = None) -> Ints:
        """(n,) the best arms under the budget: by the truth, or as somebody who believes other numbers."""
        believed, price = self.gain if gain is None else gain, self.cost if cost is None else cost
        return allocate(np.where(self.feasible, believed, -np.inf), price, self.budget).arm


def plan_truth(truth: Truth, rows: PlannedRows, budget: float | None) -> PlanTruth:
    """The truth about the customers and offers of a plan, as drawn from the simulation at the plan's instant.

    Raises LabError for an offer that the simulated retailer does not have.
    """
    for name in rows.offers:
        if name not in truth.arms:
            raise LabError(
                f"The simulated retailer has no offer '{name}'.",
                f"Use its offers: {', '.join(truth.arms[1:])}.",
                key="offers",
            )
    place = {customer: i for i, customer in enumerate(truth.customer_ids.to_pylist())}
    customers = np.array([place[customer] for customer in rows.ids.tolist()])
    offers = [truth.arms.index(name) for name in rows.offers]
    gain = truth.expected_profit - truth.expected_profit[:, :1]
    feasible = rows.propensity[:, 1:] > 0  # with exploration, every feasible arm could be drawn
    return PlanTruth(gain[customers][:, offers], truth.expected_cost[customers][:, offers], feasible, budget)
