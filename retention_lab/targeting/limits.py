"""What a plan keeps to beside its budget: caps on money and on contacts, stock, least shares of groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class MoneyCap:
    """At most so much money in all. amount: (n, K) of each customer and offer, not negative."""

    name: str
    amount: Floats
    most: float


@dataclass(frozen=True, slots=True)
class CountCap:
    """At most so many customers with one of these offers. offers: 1..K."""

    name: str
    offers: tuple[int, ...]
    most: float


@dataclass(frozen=True, slots=True)
class LeastShares:
    """Of each group at least this share gets an offer, rounded up to whole customers.

    group: (n,) 0..G-1. names, share: of the G groups; a share of 0 asks for nothing.
    """

    group: Ints
    names: tuple[str, ...]
    share: Floats

    @property
    def count(self) -> Ints:
        """(G,) customers who must get an offer."""
        size = np.bincount(self.group, minlength=len(self.names))
        return np.ceil(self.share * size * (1 - 1e-12)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Limits:
    """Everything beside the budget; empty means nothing."""

    money: tuple[MoneyCap, ...] = ()
    counts: tuple[CountCap, ...] = ()
    least: LeastShares | None = None

    @property
    def empty(self) -> bool:
        """Whether the budget is all there is."""
        return not self.money and not self.counts and self.least is None

    @property
    def caps(self) -> tuple[MoneyCap | CountCap, ...]:
        """Everything that is at most so much."""
        return (*self.money, *self.counts)

    def part(self, rows: np.ndarray) -> "Limits":
        """The same limits over some of the customers, who may take all that there is of each."""
        least = self.least
        return Limits(
            tuple(replace(cap, amount=cap.amount[rows]) for cap in self.money),
            self.counts,
            None if least is None else replace(least, group=least.group[rows]),
        )

    def scaled(self, share: float) -> "Limits":
        """So much of every cap; least shares are shares already."""
        return Limits(
            tuple(replace(cap, most=cap.most * share) for cap in self.money),
            tuple(replace(cap, most=cap.most * share) for cap in self.counts),
            self.least,
        )


NO_LIMITS = Limits()


def amounts(cap: MoneyCap | CountCap, feasible: Bools) -> Floats:
    """(n, K) what each customer's offer takes of a cap; 0 where it cannot be made. feasible: (n, K)."""
    if isinstance(cap, MoneyCap):
        return np.where(feasible, cap.amount, 0.0)
    counts = np.isin(np.arange(1, feasible.shape[1] + 1), cap.offers)
    return np.asarray(feasible & counts, dtype=np.float64)


def stock_caps(names: Sequence[str], stock: Sequence[float | None]) -> tuple[CountCap, ...]:
    """One cap for each offer of which there are only so many; None is as many as wanted.

    >>> stock_caps(["mug", "coupon"], [300, None])
    (CountCap(name='stock of mug', offers=(1,), most=300.0),)
    """
    return tuple(
        CountCap(f"stock of {name}", (k,), float(most))
        for k, (name, most) in enumerate(zip(names, stock, strict=True), 1)
        if most is not None
    )


def channel_caps(channels: Sequence[str | None], caps: Mapping[str, float]) -> tuple[CountCap, ...]:
    """One cap for each channel that has one and that an offer uses. channels: (K,) of the offers.

    >>> channel_caps(["sms", "email", "sms"], {"sms": 2000})
    (CountCap(name='channel sms', offers=(1, 3), most=2000.0),)
    """
    used = {name: tuple(k for k, of in enumerate(channels, 1) if of == name) for name in caps}
    return tuple(
        CountCap(f"channel {name}", used[name], float(most)) for name, most in caps.items() if used[name]
    )


def check_limits(limits: Limits, customers: int, offers: int) -> None:
    """Raises LabError with the name of the first limit that says nothing about these customers and offers."""
    for money in limits.money:
        if money.amount.shape != (customers, offers):
            raise LabError(
                f"'{money.name}' has amounts of the shape {money.amount.shape} for {customers} customers and "
                f"{offers} offers.",
                "Give one amount for each customer and offer.",
            )
    for cap in limits.caps:
        if not cap.most >= 0:
            raise LabError(f"'{cap.name}' is capped at {cap.most}.", "Give a number of at least 0.")
    for count in limits.counts:
        if any(not 1 <= k <= offers for k in count.offers):
            raise LabError(f"'{count.name}' caps an offer that is not there.", f"Name offers 1 to {offers}.")
    if limits.least is not None:
        _check_shares(limits.least, customers)


def _check_shares(least: LeastShares, customers: int) -> None:
    groups = len(least.names)
    if least.share.shape != (groups,) or not ((least.share >= 0) & (least.share <= 1)).all():
        raise LabError(
            f"The least shares are {least.share.tolist()} for {groups} groups.",
            "Give each group a share from 0 to 1.",
        )
    if least.group.shape != (customers,) or (
        customers and (least.group.min() < 0 or least.group.max() >= groups)
    ):
        raise LabError(
            "Some customers are in no group that has a name.", "Give every customer the position of a group."
        )
