"""What an offer to a customer is worth, net of what it costs."""

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError


def expected_cost(redemption: Floats, contact_cost: Floats, redemption_cost: Floats) -> Floats:
    """Contact cost + redemption cost x P(redeem), in money per customer and offer.

    redemption: (n, K) probabilities. contact_cost: (K,) per contact. redemption_cost: (K,) per redemption,
    only what the amount paid does not already lack (points, gifts, postage): a discount lowers the amount.

    Raises LabError where shapes disagree, a number is not finite or a probability is outside [0, 1].
    """
    _check_probabilities(redemption)
    _check_costs(redemption, contact_cost, redemption_cost)
    return np.asarray(contact_cost + redemption * redemption_cost, dtype=np.float64)


def net_value(
    effect: Floats,
    redemption: Floats,
    contact_cost: Floats,
    redemption_cost: Floats,
    feasible: Bools | None = None,
) -> Floats:
    """Contribution effect less expected cost, in money per customer and offer: (n, K).

    effect: (n, K) contribution under the offer less contribution under none.
    feasible: (n, K) booleans; the value of an offer that cannot be made is -inf, and no allocation picks it.

    Raises LabError as `expected_cost` does, and where an effect is not finite.

    >>> net_value(np.array([[5.0]]), np.array([[0.5]]), np.array([0.25]), np.array([2.0]))
    array([[3.75]])
    """
    if effect.shape != redemption.shape:
        raise LabError(
            f"Effects are {effect.shape} and redemption probabilities {redemption.shape}.",
            "Provide both for the same customers and offers.",
        )
    if not np.isfinite(effect).all():
        row, offer = np.argwhere(~np.isfinite(effect))[0]
        raise LabError(
            f"The effect of offer {offer + 1} on row {row} is not a finite number.",
            "Check the model's features for that row.",
        )
    value = effect - expected_cost(redemption, contact_cost, redemption_cost)
    return value if feasible is None else np.where(feasible, value, -np.inf)


def _check_probabilities(redemption: Floats) -> None:
    bad = ~((redemption >= 0) & (redemption <= 1))
    if bad.any():
        row, offer = np.argwhere(bad)[0]
        raise LabError(
            f"The probability that row {row} redeems offer {offer + 1} is not between 0 and 1.",
            "Check the redemption model.",
        )


def _check_costs(redemption: Floats, contact_cost: Floats, redemption_cost: Floats) -> None:
    offers = redemption.shape[1]
    for name, cost in (("cost_per_contact", contact_cost), ("cost_per_redemption", redemption_cost)):
        if np.shape(cost) != (offers,):
            raise LabError(
                f"{name} has the shape {np.shape(cost)} for {offers} offers.", "Give one cost for each offer."
            )
        if not np.isfinite(cost).all():
            raise LabError(f"{name} is not a finite number for every offer.", "Fill it in the offers table.")
