"""The usual ways to choose whom to contact, to see what a policy adds to them."""

from collections.abc import Mapping

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError

NAMES = ("risk_only", "response_only", "everyone", "random", "nobody")


def usual_choices(
    risk: Floats, response: Floats, value: Floats, cost: Floats, budget: float | None, key: Floats
) -> Mapping[str, Ints]:
    """(n,) arms of each usual way, 0 = none; all give the one offer that gains most on average.

    risk: (n,) the higher, the likelier the customer leaves. response: (n, K) probability to buy with each
    offer. value: (n, K) gain, -inf where an offer cannot be made. cost: (n, K) expected. budget: money,
    spent on the customers in order until it is gone, by all but `everyone`; None is no limit. key: (n,)
    random numbers.

    Raises LabError where no offer can be made to everyone.
    """
    offer = best_single_offer(value)
    price = cost[:, offer]
    orders = {"risk_only": -risk, "response_only": -response[:, offer], "random": key}
    choices = {name: _spend(np.lexsort((key, order)), price, budget, offer) for name, order in orders.items()}
    rows = len(risk)
    everyone = np.full(rows, offer + 1, dtype=np.int64)
    return choices | {"everyone": everyone, "nobody": np.zeros(rows, dtype=np.int64)}


def best_single_offer(value: Floats) -> int:
    """Position of the offer that gains most when everyone gets it."""
    possible = np.isfinite(value).all(axis=0)
    if not possible.any():
        raise LabError(
            "No offer can be made to everyone, so the usual ways have nothing to give.",
            "Add an offer that the audience's channel carries.",
        )
    average = np.where(possible, np.where(np.isfinite(value), value, 0.0).mean(axis=0), -np.inf)
    return int(np.argmax(average))


def _spend(order: Ints, price: Floats, budget: float | None, offer: int) -> Ints:
    arm = np.zeros(len(order), dtype=np.int64)
    if budget is None:
        arm[:] = offer + 1
        return arm
    affordable = np.cumsum(price[order]) <= budget
    arm[order[affordable]] = offer + 1
    return arm
