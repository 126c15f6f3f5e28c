"""What a planned campaign is expected to earn: by the model that chose, and by held-out evidence."""

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.off_policy import policy_difference
from retention_lab.targeting.draw import Roles


def under_roles(choice: Floats, feasible: Bools, shares: Roles) -> Floats:
    """(n, K + 1) probabilities of the arms once holdout and exploration have had their shares.

    choice: (n, K + 1) probabilities under the policy alone. feasible: (n, K). shares: for the same rows.
    As `draw.propensities`, which takes choices without chance.
    """
    out = choice * (1 - shares.holdout - shares.exploration)[:, None] + shares.explored(feasible)
    out[:, 0] += shares.holdout
    return np.asarray(out, dtype=np.float64)


def expected_total(probabilities: Floats, amount: Floats) -> float:
    """Sum over customers of Σ p(offer) x amount(offer), before the draw: value, cost or contribution.

    probabilities: (n, K + 1), none first. amount: (n, K); not read where the probability is 0, so -inf may
    stand for offers that cannot be made.
    """
    offered = probabilities[:, 1:]
    if offered.shape != amount.shape:
        raise LabError(
            f"Probabilities are {probabilities.shape} and amounts {amount.shape}.",
            "Give one amount for each customer and offer, and one probability more, for none.",
        )
    return float(np.sum(offered * np.where(offered > 0, amount, 0.0)))


def held_out_total(
    scores: Floats,
    probabilities: Floats,
    customers: int,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Estimate:
    """The plan's total over `customers` against none for all, valued on rows that had no part in choosing.

    scores: (m, K + 1) doubly robust scores of held-out randomised rows, in money, net of cost for a profit.
    probabilities: (m, K + 1) of the same policy on those rows, by `allocate.probabilities_at` and
    `under_roles`. group: (m,) customer of each row. The interval covers the held-out sample's chance, and
    holds for the audience where the held-out customers are like it. Raises LabError from `off_policy` where
    the probabilities are not a policy's.
    """
    none = np.zeros(len(scores), dtype=np.int64)
    per_head = policy_difference(scores, probabilities, none, group, confidence=confidence)
    return per_head.scaled(customers)
