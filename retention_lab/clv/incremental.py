"""What an offer adds to lifetime value: contribution won in the window, and customers kept beyond it."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate


@dataclass(frozen=True, slots=True)
class IncrementalValue:
    """(n,) each, money: what the offer adds within its window, beyond it, and net of what it costs."""

    within: Floats
    beyond: Floats
    net: Floats

    def mean(self, *, confidence: float = 0.95) -> Estimate:
        """Net value of the offer to a customer on average, as the customers differ; p-value against 0.

        The spread is that between customers: how wrong the effects themselves may be is for the experiment
        that they come from to say.
        """
        return mean_estimate(self.net, confidence=confidence)


def incremental_value(
    effect: Floats, staying_effect: Floats, value_if_alive: Floats, cost: Floats, discount: float = 0.0
) -> IncrementalValue:
    """Value of an offer to each customer.

    effect: (n,) contribution that the offer adds within its window, as an uplift model has it.
    staying_effect: (n,) what it adds to the chance of being a customer when the window ends.
    value_if_alive: (n,) lifetime value beyond the window of a customer who is one then.
    cost: (n,) of contact and redemption. discount: over the window, 0.01 is 1 %.

    An effect on buying within the window is no proof of one beyond it: who only buys earlier is no likelier
    to stay, and then the second part is 0. The two effects therefore come in apart.
    Raises LabError where a number is missing, or a chance changes by more than 1.
    """
    parts = {
        "effect": effect, "staying_effect": staying_effect, "value_if_alive": value_if_alive, "cost": cost,
    }  # fmt: skip
    for name, values in parts.items():
        if values.shape != effect.shape or not np.isfinite(values).all():
            raise LabError(
                f"{name} is not one finite number for every customer.",
                "Fill it in, or leave them out.",
                key=name,
            )
    if np.abs(staying_effect).max(initial=0) > 1:
        raise LabError(
            "A chance to stay changes by more than 1.", "Give shares, not percent.", key="staying_effect"
        )
    beyond = np.asarray(staying_effect * value_if_alive / (1 + discount), dtype=np.float64)
    return IncrementalValue(effect, beyond, np.asarray(effect + beyond - cost, dtype=np.float64))


def value_if_alive(value: Floats, probability_alive: Floats) -> Floats:
    """(n,) lifetime value of customers known to be alive, from (n,) values that count who has left as 0.

    A customer whose chance is 0 has no such value: LabError.
    """
    if np.any(probability_alive <= 0) or np.any(probability_alive > 1):
        raise LabError(
            "A chance to be alive is not above 0 and up to 1.", "Leave out customers who left for certain."
        )
    return np.asarray(value / probability_alive, dtype=np.float64)


def staying_effect(survival_with: Floats, survival_without: Floats) -> Floats:
    """(n,) what an offer adds to staying through a window, from survival curves (n, periods) by the window's
    end, as a hazard model gives them with the offer and without.

    Raises LabError where a curve leaves 0 to 1 or rises.
    """
    for curve in (survival_with, survival_without):
        rises = curve.ndim != 2 or np.any(np.diff(curve, axis=1) > 1e-12)
        if rises or curve.min(initial=0) < 0 or curve.max(initial=0) > 1:
            raise LabError("A survival curve rises, or leaves 0 to 1.", "Give (n, periods) shares that fall.")
    return np.asarray(survival_with[:, -1] - survival_without[:, -1], dtype=np.float64)
