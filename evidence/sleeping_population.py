"""A population in which every fifth customer is driven away by contact, and the best rule on its features.

Nobody sees who such a sleeping dog is: feature 0 says how likely. Features 1 and 2 say how much the others
gain by the first and the second offer, from nothing upwards; feature 3 moves what all do anyway, feature 4
nothing.
"""

from dataclasses import dataclass

import numpy as np

from evidence.training import Experiment
from retention_lab.arrays import Bools, Floats

FEATURES = 5
_STEEPNESS = 2.0
_LEVEL = -2.2285  # makes one customer in five a sleeping dog
_AMOUNT = 40.0  # mean amount of a purchase; lognormal with sigma 1


@dataclass(frozen=True, slots=True)
class Kind:
    """P(event) without an offer: base + .3 base x tanh(feature 3). harm: what any offer takes from it for a
    sleeping dog; lift: (K,) what each offer adds to it at most for the others. money: whether an event is a
    purchase of a lognormal amount; cost: (K,) of each offer per customer, in money."""

    base: float
    harm: float
    lift: tuple[float, ...]
    money: bool = False
    cost: tuple[float, ...] | None = None

    @property
    def unit(self) -> float:
        """Outcome per event, on average."""
        return _AMOUNT if self.money else 1.0


KINDS = {
    "binary": Kind(0.40, 0.25, (0.20,)),
    "money": Kind(0.10, 0.07, (0.10,), money=True, cost=(0.3,)),
    "three-arms": Kind(0.40, 0.25, (0.20, 0.20)),
}


def customers(rng: np.random.Generator, rows: int) -> Floats:
    """(rows, 5) features."""
    return rng.normal(size=(rows, FEATURES))


def experiment(kind: Kind, rows: int, rng: np.random.Generator) -> Experiment:
    """A randomised experiment with equal arms."""
    x = customers(rng, rows)
    shares = (1 / (1 + len(kind.lift)),) * (1 + len(kind.lift))
    arm = rng.choice(len(shares), size=rows, p=shares)
    dog = rng.random(rows) < dog_chance(x)
    effect = np.where(dog[:, None], -kind.harm, _lift(kind, x))
    added = np.column_stack([np.zeros(rows), effect])[np.arange(rows), arm]
    chance = kind.base * (1 + 0.3 * np.tanh(x[:, 3])) + added
    amount = rng.lognormal(np.log(_AMOUNT) - 0.5, 1.0, rows) if kind.money else 1.0
    outcome = (rng.random(rows) < chance) * amount
    return Experiment(x, arm, shares, outcome, kind.money, kind.cost)


def dog_chance(x: Floats) -> Floats:
    """(n,) chance that a customer of these features is a sleeping dog."""
    return np.asarray(1 / (1 + np.exp(-(_LEVEL + _STEEPNESS * x[:, 0]))), dtype=np.float64)


def net_effect(kind: Kind, x: Floats) -> Floats:
    """(n, K) expected net value of each offer over none, given the features: what the best rule goes by."""
    dog = dog_chance(x)[:, None]
    effect = (1 - dog) * _lift(kind, x) - dog * kind.harm
    return np.asarray(kind.unit * effect - np.array(kind.cost or 0.0), dtype=np.float64)


def share_of_dogs(x: Floats, contacted: Bools) -> float:
    """Which part of the sleeping dogs a rule contacts, in expectation."""
    return float(np.average(contacted, weights=dog_chance(x)))


def _lift(kind: Kind, x: Floats) -> Floats:
    return np.column_stack([top * np.clip(x[:, 1 + k], 0.0, 1.0) for k, top in enumerate(kind.lift)])
