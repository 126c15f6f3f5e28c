"""Rows drawn with a known truth, through the very functions that `lab train` runs."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats, Ints
from retention_lab.uplift.gate import Gate, GateRule, gate
from retention_lab.workflows.uplift_rows import UpliftRows
from retention_lab.workflows.uplift_training import Fitted, SplitRule, fit, split_rows

LEARNERS = ("stack", "constant", "t")
HELD_OUT = 0.3  # as where a definition says nothing
_ARMS = ("none", "coupon", "letter")
_GATE = GateRule()


@dataclass(frozen=True, slots=True)
class Experiment:
    """n customers: features (n, d); arm (n,), drawn with `shares` (K + 1,); outcome (n,), 0 or 1, or money;
    cost: (K,) of each offer per customer, where the outcome is money and its net value counts."""

    features: Floats
    arm: Ints
    shares: tuple[float, ...]
    outcome: Floats
    money: bool = False
    cost: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """fitted: as `lab train` has it; stack: the stack's gate, also where another candidate was the best."""

    fitted: Fitted
    stack: Gate


def train(experiment: Experiment, folds: int | None, seed: int) -> Trained:
    """Train as a definition with these learners would; folds: as `validation.folds`, None for the default."""
    rows, rule = _rows(experiment), SplitRule(HELD_OUT, folds, seed)
    parts = split_rows(rows, rule)
    fitted = fit(rows, parts, LEARNERS, rule, _GATE, lambda _: None)
    stack = next(one.candidate.model for one in fitted.candidates if one.candidate.name == "stack")
    effect = stack.effect(experiment.features[parts.validation])
    group, feasible = fitted.group, fitted.feasible
    verdict = gate(fitted.gamma, effect, rows.arms, rows.worth, _GATE, feasible=feasible, group=group)
    return Trained(fitted, verdict)


def table_of(features: Floats) -> pa.Table:
    """(n, d) numbers as the table of features that a scorer reads."""
    return pa.table({f"x{j}": column for j, column in enumerate(features.T)})


def _rows(experiment: Experiment) -> UpliftRows:
    count, offers = len(experiment.arm), len(experiment.shares) - 1
    table = table_of(experiment.features)
    return UpliftRows(
        table=table,
        arms=_ARMS[: offers + 1],
        arm=experiment.arm,
        propensity=np.tile(experiment.shares, (count, 1)),
        outcomes={"outcome": experiment.outcome},
        kinds={"outcome": "money" if experiment.money else "binary"},
        target="outcome",
        per_unit=1.0,
        in_money=experiment.cost is not None,
        unit=np.arange(count).astype(str),
        customer=np.arange(count),
        redeemed=None,
        active=None,
        contact_cost=np.array(experiment.cost or (0.0,) * offers),
        redemption_cost=np.zeros(offers),
        planned=np.array(experiment.shares),
        time=None,
        sha256="",
        context=table,
    )
