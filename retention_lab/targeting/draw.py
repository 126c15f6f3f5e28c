"""The draw that makes a campaign an experiment: role first, then the arm given the role.

The policy's choice is made for every eligible customer as if there were no holdout. A customer is then in the
holdout (no offer), explores (any feasible arm, none among them, equally likely) or follows the policy. The
logged propensity is the chance of each arm over all roles:

    p = holdout on none + exploration spread over the feasible arms + the rest on the choice
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.hashing import unit_interval
from retention_lab.targeting.limits import NO_LIMITS, CountCap, Limits, MoneyCap, amounts

HOLDOUT: Final = "holdout"
EXPLORATION: Final = "exploration"
POLICY: Final = "policy"
LEAST: Final = 0.01  # exploration on each feasible arm: below it, weights above 100 would drown the evidence


@dataclass(frozen=True, slots=True)
class Roles:
    """How likely each role is, and what exploring means.

    holdout: the same for all. exploration: (n,) of each customer; larger where many arms are feasible.
    favoured: (n, K + 1) chances of the arms, none first, for what exploration has beyond `LEAST` on each
    feasible arm (`thompson`, say); None: every feasible arm is equally likely.
    """

    holdout: float
    exploration: Floats
    favoured: Floats | None = None

    def explored(self, feasible: Bools) -> Floats:
        """(n, K + 1) chances to explore and then to draw each arm; rows sum to `exploration`."""
        arms = _feasible_arms(feasible)
        allowed = np.append(np.ones((len(feasible), 1), dtype=np.bool_), feasible, axis=1)
        even = self.exploration if self.favoured is None else np.minimum(self.exploration, LEAST * arms)
        found = np.where(allowed, (even / arms)[:, None], 0.0)
        if self.favoured is not None:
            found += (self.exploration - even)[:, None] * self.favoured
        return np.asarray(found, dtype=np.float64)

    def part(self, rows: np.ndarray) -> "Roles":
        """The roles of some of the customers."""
        favoured = None if self.favoured is None else self.favoured[rows]
        return Roles(self.holdout, self.exploration[rows], favoured)


@dataclass(frozen=True, slots=True)
class ScaledExploration:
    """The roles that the budget allows, and what was done to the exploration to get there.

    asked: the exploration share that was asked for. used: the mean share over customers that is left.
    floor_kept: every feasible arm keeps at least `LEAST`. expected_cost: of the launch, under the logged
    probabilities. detail: one sentence for the reader.
    """

    roles: Roles
    asked: float
    used: float
    scaled: bool
    floor_kept: bool
    expected_cost: float
    detail: str


@dataclass(frozen=True, slots=True)
class Draw:
    """One launch: (n,) arms, roles and the policy's choice, (n, K + 1) logged propensities, none first."""

    arm: Ints
    role: np.ndarray
    propensity: Floats
    intended: Ints


def roles(feasible: Bools, holdout: float, exploration: float, favoured: Floats | None = None) -> Roles:
    """Shares of the roles; exploration is raised where it would give a feasible arm less than `LEAST`.

    feasible: (n, K) offers that can be made; none always can. favoured: as `Roles` has it.
    Raises ConfigurationError where a share is not one, or the shares leave nothing to the policy; LabError
    where the favoured chances of a customer are none.
    """
    for name, share in (("holdout", holdout), ("exploration", exploration)):
        if not 0 <= share < 1:
            raise ConfigurationError(
                f"{name} is {share}.", "Give a share of at least 0 and below 1.", key=name
            )
    explored = np.maximum(exploration, LEAST * _feasible_arms(feasible))
    if holdout + float(explored.max(initial=0.0)) > 1:
        raise ConfigurationError(
            f"A holdout of {holdout} and an exploration of {explored.max():.2f} leave nothing to the policy.",
            "Lower one of them, or offer fewer arms.",
            key="exploration",
        )
    if favoured is not None:
        _check_favoured(favoured, feasible)
    return Roles(holdout, explored, favoured)


def scale_exploration(
    choice: Ints,
    feasible: Bools,
    cost: Floats,
    asked: tuple[float, float],
    budget: float | None,
    favoured: Floats | None = None,
    limits: Limits = NO_LIMITS,
) -> ScaledExploration:
    """The roles under which the launch keeps to the budget and to every cap, in expectation.

    choice: (n,) arms. cost: (n, K) expected. asked: shares of holdout and exploration. favoured: as `Roles`.
    limits: the caps; least shares are about the choices alone, and are not read.
    What exploration has above `LEAST` on each arm goes first; only where that is not enough, the rest shrinks
    too, to nothing at the utmost: the policy's own choices are never changed.
    Raises LabError where the choices alone, less the holdout, take more than there is.
    """
    wanted = roles(feasible, *asked, favoured)
    floor = LEAST * _feasible_arms(feasible)
    money = _use(MoneyCap("budget", cost, math.inf if budget is None else budget), choice, wanted, feasible)
    uses = [money, *(_use(cap, choice, wanted, feasible) for cap in limits.caps)]
    full = money.total(wanted.exploration, floor)
    if all(use.keeps(wanted.exploration, floor) for use in uses):
        return _scaled(wanted, asked[1], full, "Exploration is as asked for.", (False, True))
    for use in uses:
        use.refuse_choices_beyond()
    broken = tuple(use.name for use in uses if not use.keeps(wanted.exploration, floor))
    if all(use.total(floor, floor) <= use.most for use in uses):
        part = _largest(
            lambda s: all(use.total(np.maximum(s * asked[1], floor), floor) <= use.most for use in uses)
        )
        share, kept = np.maximum(part * asked[1], floor), True
    else:
        part = _largest(lambda s: all(use.total(s * floor, floor) <= use.most for use in uses))
        share, kept = part * floor, False
    used = Roles(asked[0], share, favoured)
    said = _said(asked[1], share, kept, broken)
    return _scaled(used, asked[1], money.total(share, floor), said, (True, kept))


def propensities(choice: Ints, feasible: Bools, shares: Roles) -> Floats:
    """(n, K + 1) chance of each arm over all roles; rows sum to one.

    Raises LabError where a choice is not feasible.
    """
    rows = np.arange(len(choice))
    allowed = np.append(np.ones((len(choice), 1), dtype=np.bool_), feasible, axis=1)
    impossible = np.flatnonzero(~allowed[rows, choice])
    if len(impossible):
        raise LabError(
            f"The choice for row {impossible[0]} is an offer that cannot be made to this customer.",
            "Give such offers the value -inf before allocating.",
        )
    p = shares.explored(feasible)
    p[:, 0] += shares.holdout
    p[rows, choice] += 1 - shares.holdout - shares.exploration
    return np.asarray(p, dtype=np.float64)


def draw(ids: Sequence[str], choice: Ints, feasible: Bools, shares: Roles, salt: str) -> Draw:
    """Draw the role of every customer, then the arm given the role.

    ids: (n,) customers. salt: the launch's name and seed; a customer's draw depends on it and on the id
    alone, never on the row or on who else is in the launch.
    Raises LabError where an id comes twice.
    """
    if len(set(ids)) != len(ids):
        raise LabError(
            f"{len(ids) - len(set(ids))} customers come twice.",
            "Keep one row for each customer before the draw.",
        )
    uniform = unit_interval(ids, f"draw/{salt}")
    holds = uniform < shares.holdout
    explores = ~holds & (uniform < shares.holdout + shares.exploration)
    arm = np.where(holds, 0, choice)
    # Given that the number fell on exploration, where it fell there is uniform again: it picks the arm.
    width = np.where(shares.exploration > 0, shares.exploration, 1.0)
    inside = np.clip((uniform - shares.holdout) / width, 0.0, np.nextafter(1.0, 0.0))
    arm[explores] = _explored(shares.part(explores).explored(feasible[explores]), inside[explores])
    role = np.where(holds, HOLDOUT, np.where(explores, EXPLORATION, POLICY))
    return Draw(np.asarray(arm, dtype=np.int64), role, propensities(choice, feasible, shares), choice)


def _explored(mass: Floats, uniform: Floats) -> Ints:
    """(n,) arms, as likely as their shares of the (n, K + 1) mass: the first whose sum passes the number."""
    reached = np.cumsum(mass, axis=1)
    return np.asarray((uniform[:, None] >= reached / reached[:, -1:]).sum(axis=1), dtype=np.int64)


def _check_favoured(favoured: Floats, feasible: Bools) -> None:
    n, offers = feasible.shape
    if favoured.shape != (n, offers + 1):
        raise LabError(
            f"The favoured chances are {favoured.shape} for {n} customers and {offers} offers.",
            "Give each customer one for none and one for each offer.",
        )
    wrong = (np.abs(favoured.sum(axis=1) - 1) > 1e-9) | (favoured < 0).any(axis=1)
    wrong |= ((favoured[:, 1:] > 0) & ~feasible).any(axis=1)
    if wrong.any():
        raise LabError(
            f"The favoured chances of row {int(np.argmax(wrong))} do not sum to one, or favour an offer that "
            "cannot be made.",
            "Take them from allocations over the same customers and offers.",
        )


def _feasible_arms(feasible: Bools) -> Floats:
    return np.asarray(1.0 + feasible.sum(axis=1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Use:
    """What a launch takes of something of which there is only so much.

    alone: by the choices, less the holdout. even, beyond: (n,) of a customer who explores all arms alike,
    and as favoured. chosen: (n,) by the choice.
    """

    name: str
    most: float
    alone: float
    even: Floats
    beyond: Floats
    chosen: Floats

    @property
    def slack(self) -> float:
        """What rounding may add."""
        return 1e-9 * max(1.0, abs(self.most)) if math.isfinite(self.most) else 0.0

    def total(self, share: Floats, floor: Floats) -> float:
        """Under the logged probabilities, where so large a share of each customer explores."""
        even = np.minimum(share, floor)
        more = float(even @ (self.even - self.chosen)) + float((share - even) @ (self.beyond - self.chosen))
        return self.alone + more

    def keeps(self, share: Floats, floor: Floats) -> bool:
        """Whether that is no more than there is."""
        return self.total(share, floor) <= self.most + self.slack

    def refuse_choices_beyond(self) -> None:
        """Raises LabError where the choices alone take more than there is."""
        if self.alone > self.most + self.slack:
            takes = "cost" if self.name == "budget" else "take"
            raise LabError(
                f"The policy's choices {takes} {self.alone:.2f} after the holdout, more than the {self.name} "
                f"of {self.most:.2f}.",
                "Allocate under the same budget and caps before the draw.",
            )


def _use(cap: MoneyCap | CountCap, choice: Ints, wanted: Roles, feasible: Bools) -> _Use:
    n = len(feasible)
    known = amounts(cap, feasible)
    even = known.sum(axis=1) / _feasible_arms(feasible)
    favoured = wanted.favoured
    chosen = np.append(np.zeros((n, 1)), known, axis=1)[np.arange(n), choice]
    return _Use(
        name=cap.name,
        most=cap.most,
        alone=(1 - wanted.holdout) * float(chosen.sum()),
        even=even,
        beyond=even if favoured is None else np.einsum("ij,ij->i", favoured[:, 1:], known),
        chosen=chosen,
    )


def _largest(fits: Callable[[float], bool]) -> float:
    """A share in [0, 1] beyond which something no longer fits, where 0 fits and 1 does not."""
    low, high = 0.0, 1.0
    for _ in range(60):  # halvings: more would not change a float
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _said(asked: float, share: Floats, kept: bool, broken: Sequence[str]) -> str:
    floor = (
        f"every feasible arm keeps {LEAST}"
        if kept
        else f"some feasible arms keep less than {LEAST}, so they teach less"
    )
    why = ["cost more than the budget"] if "budget" in broken else []
    caps = [f"'{name}'" for name in broken if name != "budget"]
    why += [f"go beyond {', '.join(caps)}"] if caps else []
    return (
        f"Exploration was lowered from {asked:.3g} to {float(share.mean()):.3g} of the customers, "
        f"since more would {' and '.join(why)}; {floor}."
    )


def _scaled(
    used: Roles, asked: float, cost: float, detail: str, done: tuple[bool, bool]
) -> ScaledExploration:
    mean = float(used.exploration.mean()) if len(used.exploration) else 0.0
    return ScaledExploration(used, asked, mean, done[0], done[1], cost, detail)
