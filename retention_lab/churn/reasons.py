"""Why a customer's risk is what it is: parts of the log-odds, gathered into reasons to act on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats

GROUPS = ("product", "service", "price", "competition")
OTHER = "other"

# parts of feature names, in lower case, by what they are evidence of; the first group that fits counts
_SIGNS: Mapping[str, tuple[str, ...]] = {
    "competition": ("compet", "rival", "switch", "porting"),
    "price": (
        "price", "charge", "monthly_fee", "discount", "bill", "payment", "cost", "tariff", "coupon",
        "redemption",
    ),
    "product": (
        "product", "return", "internet", "phone", "lines", "streaming", "security", "backup", "device",
        "protection", "quality", "categor", "defect",
    ),
    "service": (
        "service", "support", "complain", "ticket", "score", "feedback", "delay", "deliver", "call", "wait",
        "refund",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One feature: its name and how much it adds to the log-odds of leaving; below 0 it holds them."""

    feature: str
    log_odds: float


@dataclass(frozen=True, slots=True)
class Reason:
    """A group of features that together raise the risk (or, below 0, lower it), strongest parts first."""

    group: str
    log_odds: float
    parts: tuple[Part, ...]


def feature_groups(names: Sequence[str], given: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """(d,) the reason that each feature is evidence of; `given` wins over the signs in its name.

    A name is a hint, not knowledge: who knows the columns should say so.

    >>> feature_groups(["MonthlyCharges", "tenure", "last_feedback_days"])
    ('price', 'other', 'service')
    """
    said = given or {}
    return tuple(said.get(name) or _sign(name.lower()) for name in names)


def reasons(contributions: Floats, names: Sequence[str], groups: Sequence[str]) -> tuple[Reason, ...]:
    """Of one customer: (d + 1,) parts of the log-odds, base value last -> reasons, strongest first."""
    found = []
    for group in dict.fromkeys(groups):
        parts = [
            Part(name, float(value))
            for name, value, of in zip(names, contributions[:-1], groups, strict=True)
            if of == group
        ]
        parts.sort(key=lambda part: -abs(part.log_odds))
        found.append(Reason(group, float(sum(part.log_odds for part in parts)), tuple(parts)))
    return tuple(sorted(found, key=lambda one: -one.log_odds))


def main_reason(
    contributions: Floats, groups: Sequence[str], among: Sequence[str] = GROUPS
) -> tuple[str | None, ...]:
    """(n, d + 1) -> (n,) the group of `among` that raises each customer's risk most; None where none does."""
    which = np.array(groups)
    named = [group for group in among if (which == group).any()]
    if not named:
        return (None,) * len(contributions)
    sums = np.column_stack([contributions[:, :-1][:, which == group].sum(axis=1) for group in named])
    best = sums.argmax(axis=1)
    return tuple(named[i] if sums[row, i] > 0 else None for row, i in enumerate(best))


def _sign(name: str) -> str:
    for group, signs in _SIGNS.items():
        if any(sign in name for sign in signs):
            return group
    return OTHER
