"""Do the intervals and tests of this analysis keep their promises on the project's own units?

Whoever was in which arm is forgotten, and units are assigned at random again, thousands of times: there is no
effect then but chance's, and a test at 5 % must find one in 5 % of them. Planting an effect tells how often
it would be found.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np

from retention_lab.abtest.metrics import Metric, Quantile
from retention_lab.abtest.simulation.effects import Effect, effect_of
from retention_lab.abtest.simulation.history import History, history_of
from retention_lab.abtest.simulation.replicate import Block, Key, Plan, replicate
from retention_lab.abtest.simulation.report import LookRates, MetricSimulation, Rate, Simulation
from retention_lab.abtest.simulation.verdicts import METHODS
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.units import is_share
from retention_lab.errors import LabError

_BAND = 3.3  # binomial standard errors: a level that holds lies outside once in a thousand
_MOST_UNITS = 100_000  # by default: more take minutes, and say the same
_LOOKS = 14  # by default, where nothing is planned: every day of two weeks
_FEWEST = 100  # replications


def simulate(
    table: Any,
    spec: Specification,
    *,
    replications: int = 10_000,
    units: int | None = None,
    effect: str | None = None,
    looks: int | None = None,
    seed: int = 1,
) -> Simulation:
    """False positives, coverage and power of this analysis on a table with one row a unit.

    units: of one test, clusters where whole ones are randomised; None: as many as are planned, or as there
    are, up to 100,000. effect: `0.01` in each metric's own unit or `5%` of its mean; None: the planned
    smallest effect, for primary metrics. looks: on the way to the end; None: as planned, or 14.
    Raises LabError where a number is out of range, or the table does not allow the question.
    """
    history = history_of(table, spec)
    skipped = {one.name: _reason(one, spec) for one in spec.metrics}
    plan = Plan(
        _at_least("replications", replications, _FEWEST),
        _at_least("units", _units(history, spec) if units is None else units, 2 * len(history.arms)),
        _at_least("looks", spec.plan.looks or spec.plan.days or _LOOKS if looks is None else looks, 1),
        _effects([one for one in spec.metrics if skipped[one.name] is None], spec, effect),
        seed,
    )
    if plan.looks > plan.units:
        raise LabError(
            f"{plan.looks} looks were asked for at {plan.units} units.", "Ask for fewer.", key="looks"
        )
    blocks, alpha = list(replicate(history, spec, plan)), round(1 - spec.analysis.confidence, 12)
    found = []
    for one in spec.metrics:
        for arm in history.arms[1:]:
            reason = skipped[one.name]
            silent = MetricSimulation(one.name, arm, reason=reason)
            found.append(_found((one.name, arm), blocks, alpha) if reason is None else silent)
    shares = dict(zip(history.arms, history.shares, strict=True))
    return Simulation(plan.replications, plan.units, plan.looks, seed, shares, tuple(found))


def _reason(metric: Metric, spec: Specification) -> str | None:
    """Why a metric is not simulated."""
    if isinstance(metric, Quantile):
        return "quantiles rest on counts of every value, and are not simulated."
    if is_share(metric) and spec.analysis.proportion == "exact":
        return "exact intervals hold by construction, and are too slow to be repeated by the thousand."
    return None


def _at_least(name: str, value: int, least: int) -> int:
    if value < least:
        raise LabError(f"{value} {name} were asked for.", f"Ask for {least} at least.", key=name)
    return value


def _units(history: History, spec: Specification) -> int:
    """Planned, or as many as there are."""
    if spec.plan.n_per_arm is not None and not history.clustered:
        return round(spec.plan.n_per_arm / min(history.shares))
    return min(history.units, _MOST_UNITS)


def _effects(metrics: Sequence[Metric], spec: Specification, effect: str | None) -> dict[str, Effect]:
    if effect is not None:
        return {one.name: effect_of(effect) for one in metrics}
    mde = spec.plan.mde
    return {} if mde is None else {one.name: Effect(mde, False) for one in metrics if one.role == "primary"}


def _found(key: Key, blocks: Sequence[Block], alpha: float) -> MetricSimulation:
    without = [one.without[key] for one in blocks]
    with_effect = [one.with_effect[key] for one in blocks if key in one.with_effect]
    shown = with_effect or without
    known = np.concatenate([one.known for one in shown])
    covered = np.concatenate([one.covered for one in shown])
    if not known.any():
        return MetricSimulation(*key, reason="no replication had an interval: there are too few units.")
    by_looks = {
        method: LookRates(
            _rate(np.concatenate([one.by_looks[method] for one in without]), alpha),
            _share([one.by_looks[method] for one in with_effect]),
        )
        for method in METHODS
    }
    truth = [one.truth[key[0]] for one in blocks if key in one.with_effect]
    return MetricSimulation(
        *key,
        float(known.mean()),
        _rate(np.concatenate([one.rejected for one in without]), alpha),
        _rate(covered[known], round(1 - alpha, 12)),
        float(np.mean(truth)) if truth else None,
        _share([one.rejected for one in with_effect]),
        by_looks,
    )


def _rate(happened: np.ndarray, nominal: float) -> Rate:
    half = _BAND * sqrt(nominal * (1 - nominal) / len(happened))
    return Rate(float(happened.mean()), nominal, max(nominal - half, 0.0), min(nominal + half, 1.0))


def _share(happened: Sequence[np.ndarray]) -> float | None:
    return float(np.concatenate(happened).mean()) if happened else None
