"""From looking to buying: who of those who viewed something put it in a cart, and who of those ordered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from retention_lab.arrays import Bools
from retention_lab.customers.groups import by_group
from retention_lab.customers.rates import share
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

STEPS = ("view", "cart", "order")


@dataclass(frozen=True, slots=True)
class Funnel:
    """Customers who took each step and all before it: those who viewed, who then also filled a cart, and who
    then also ordered. elsewhere: customers who ordered without the steps before (a shop, another device).
    """

    view: int
    cart: int
    order: int
    elsewhere: int

    def step(self, name: str, *, confidence: float = 0.95) -> Estimate | None:
        """Of those at the step before, the share who took this one; None where nobody was there."""
        of, count = {"cart": (self.view, self.cart), "order": (self.cart, self.order)}[name]
        return share(count, of, confidence=confidence) if of else None

    def whole(self, *, confidence: float = 0.95) -> Estimate | None:
        """Of those who viewed, the share who came to order through a cart; None where nobody viewed."""
        return share(self.order, self.view, confidence=confidence) if self.view else None

    def as_json(self) -> dict[str, Any]:
        """Counts, and the three shares."""
        shares = {
            "cart_share": self.step("cart"),
            "order_share": self.step("order"),
            "whole_share": self.whole(),
        }
        return {
            "view": self.view,
            "cart": self.cart,
            "order": self.order,
            "ordered_elsewhere": self.elsewhere,
            **{name: None if one is None else one.as_json() for name, one in shares.items()},
        }


def funnel(viewed: Bools, carted: Bools, ordered: Bools) -> Funnel:
    """The funnel of (n,) customers, each counted once.

    >>> import numpy as np
    >>> yes, no = np.array([True]), np.array([False])
    >>> funnel(yes, no, yes)  # ordered, but not through a cart
    Funnel(view=1, cart=0, order=0, elsewhere=1)
    """
    if not len(viewed) == len(carted) == len(ordered):
        raise LabError("The steps are of different customers.", "Give one flag per customer and step.")
    second = viewed & carted
    third = second & ordered
    return Funnel(int(viewed.sum()), int(second.sum()), int(third.sum()), int((ordered & ~third).sum()))


def funnels_by(
    groups: Sequence[str | None], viewed: Bools, carted: Bools, ordered: Bools
) -> dict[str | None, Funnel]:
    """One funnel per group, sorted by name; None, where a customer has no group, comes last."""
    return {
        name: funnel(viewed[inside], carted[inside], ordered[inside]) for name, inside in by_group(groups)
    }
