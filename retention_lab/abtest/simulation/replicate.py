"""Tests of units that are assigned again and again, a block of replications at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.abtest.simulation.assignment import assignments
from retention_lab.abtest.simulation.drawn import DrawnUnits, drawn_units
from retention_lab.abtest.simulation.effects import Effect
from retention_lab.abtest.simulation.history import History, MetricUnits
from retention_lab.abtest.simulation.sums import ManySums
from retention_lab.abtest.simulation.verdicts import Judge, Verdicts, group_critical_values
from retention_lab.abtest.specification import Specification
from retention_lab.arrays import Floats, Ints

_FEWEST_BLOCKS = 50  # each draws units anew, where there are more than a test has
_NUMBERS = 10_000_000  # of a matrix of assignments: 80 MB

Key = tuple[str, str]  # metric, arm


@dataclass(frozen=True, slots=True)
class Plan:
    """replications: tests without an effect, and as many with one; units: of each; looks: on the way, the
    last one at the end; effects: planted, by metric."""

    replications: int
    units: int
    looks: int
    effects: Mapping[str, Effect]
    seed: int


@dataclass(frozen=True, slots=True)
class Block:
    """Of some replications, by metric and arm. without, with_effect: what they say; truth: by metric, the
    effect that was planted, in its unit."""

    without: Mapping[Key, Verdicts]
    with_effect: Mapping[Key, Verdicts]
    truth: Mapping[str, float]


def replicate(history: History, spec: Specification, plan: Plan) -> Iterator[Block]:
    """Blocks of replications, until there are as many as were planned.

    Each block draws its units from the history, and every replication in it assigns them anew. The sums over
    an arm are the product of the assignments with the units' columns.
    """
    rng = np.random.default_rng(plan.seed)
    judges = _judges(history, spec, group_critical_values(spec, plan.looks))
    size = max(1, min(-(-plan.replications // _FEWEST_BLOCKS), max(8, _NUMBERS // plan.units)))
    for start in range(0, plan.replications, size):
        drawn = drawn_units(history, plan.units, plan.looks, plan.effects, rng)
        replications = min(size, plan.replications - start)
        yield _block(history, drawn, judges, assignments(rng, replications, plan.units, history.shares))


def _judges(history: History, spec: Specification, group: Floats) -> dict[Key, Judge]:
    return {
        (one.metric.name, arm): Judge(spec, one.form, one.layout.share, arm, group)
        for one in history.metrics
        for arm in history.arms[1:]
    }


def _block(history: History, drawn: DrawnUnits, judges: Mapping[Key, Judge], arms: list[Floats]) -> Block:
    added = [drawn.added(one) for one in arms]
    rest = drawn.total - np.sum(added, axis=0)
    without, with_effect = {}, {}
    for one in history.metrics:
        name = one.metric.name
        control = _sums(one, rest, drawn.without[name])
        for arm, sums in zip(history.arms[1:], added, strict=True):
            judge, treated = judges[name, arm], _sums(one, sums, drawn.without[name])
            without[name, arm] = judge.verdicts(control, treated, 0.0)
            if name in drawn.with_effect:
                treated = _sums(one, sums, drawn.with_effect[name])
                with_effect[name, arm] = judge.verdicts(control, treated, drawn.truth[name])
    return Block(without, with_effect, drawn.truth)


def _sums(one: MetricUnits, added: Floats, places: Ints) -> list[ManySums]:
    """Of every stratum, (looks, replications)."""
    return [one.layout.sums(added[:, s][..., places], one.centre) for s in range(added.shape[1])]
