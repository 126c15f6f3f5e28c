"""The usual ways to choose whom to contact, under the same budget, to compare a policy with.

All but `nobody` make one offer: the one with the highest average net value over the customers it can be made
to, the best that a marketer knows without a model of each customer. `risk_only` and `response_only` go down
their list, and `random_customers` down a random one, until the next customer would break the budget.
"""

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError

NAMES = ("risk_only", "response_only", "everyone", "random", "nobody")


def usual_choices(
    risk: Floats, response: Floats, value: Floats, cost: Floats, budget: float | None, key: Floats
) -> dict[str, Ints]:
    """(n,) arms of each usual way, 0 = none, by the names that plans use: `NAMES`.

    risk: (n,) the higher, the likelier the customer leaves. response: (n, K) probability of a response under
    each offer. value: (n, K) net, -inf where an offer cannot be made. cost: (n, K) expected. budget: money;
    None is no limit. key: (n,) random numbers keyed by the customer.
    Raises LabError where no offer can be made to anyone.
    """
    return {
        "risk_only": risk_only(risk, value, cost, budget),
        "response_only": response_only(response, value, cost, budget),
        "everyone": everyone(value),
        "random": random_customers(key, value, cost, budget),
        "nobody": nobody(len(value)),
    }


def best_offer(value: Floats) -> int:
    """1..K: the offer with the highest average net value where it can be made.

    value: (n, K) net values, -inf where the offer cannot be made.
    Raises LabError where no offer can be made to anyone.
    """
    possible = value > -np.inf
    count = possible.sum(axis=0)
    if not count.any():
        raise LabError(
            "No offer can be made to any customer.", "Check the audience's channel and the offers."
        )
    total = np.where(possible, value, 0.0).sum(axis=0)
    return int(np.argmax(np.where(count > 0, total / count.clip(1), -np.inf))) + 1


def risk_only(risk: Floats, value: Floats, cost: Floats, budget: float | None) -> Ints:
    """(n,) arms: the best single offer to the customers likeliest to leave. risk: (n,)."""
    return _down_the_list(risk, value, cost, budget)


def response_only(response: Floats, value: Floats, cost: Floats, budget: float | None) -> Ints:
    """(n,) arms: the best single offer to those likeliest to respond to it, with or without a cause.

    response: (n, K) probability of a response under each offer.
    """
    return _down_the_list(response[:, best_offer(value) - 1], value, cost, budget)


def random_customers(uniform: Floats, value: Floats, cost: Floats, budget: float | None) -> Ints:
    """(n,) arms: the best single offer to customers in random order.

    uniform: (n,) numbers keyed by the customer, so that row order decides nothing.
    """
    return _down_the_list(uniform, value, cost, budget)


def everyone(value: Floats) -> Ints:
    """(n,) arms: the best single offer to all to whom it can be made, whatever it costs."""
    offer = best_offer(value)
    return np.where(value[:, offer - 1] > -np.inf, offer, 0).astype(np.int64)


def nobody(customers: int) -> Ints:
    """(n,) zeros: no offer to anyone."""
    return np.zeros(customers, dtype=np.int64)


def _down_the_list(score: Floats, value: Floats, cost: Floats, budget: float | None) -> Ints:
    """Highest score first; of equal scores the cheaper customer first."""
    offer = best_offer(value)
    price = cost[:, offer - 1]
    order = np.lexsort((price, -score))
    order = order[value[order, offer - 1] > -np.inf]
    if budget is not None:
        highest = np.maximum.accumulate(np.cumsum(price[order]))  # a negative cost never reopens the list
        order = order[: int(np.searchsorted(highest, budget * (1 + 1e-12), side="right"))]
    arm = np.zeros(len(value), dtype=np.int64)
    arm[order] = offer
    return arm
