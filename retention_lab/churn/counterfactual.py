"""What would have to be different for a customer's risk to be low: the smallest change that does it.

A model's answer, not a promise: whether the change keeps the customer is a question for an experiment.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import ConfigurationError, did_you_mean
from retention_lab.features import Features, FeatureSchema

Risk = Callable[[Floats], Floats]
_STEPS = 20  # values of a number that are tried
_KEPT = 40  # changes that are built upon


@dataclass(frozen=True, slots=True)
class Change:
    """One feature: what it is and what it would be; numbers, or the names of levels; None is missing."""

    feature: str
    now: float | str | None
    then: float | str | None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """changes: together they bring the risk from `risk_now` to `risk_then`; distance: sum over the changes of
    their size in standard deviations, a change of level counting 1. No changes where it was low already."""

    changes: tuple[Change, ...]
    risk_now: float
    risk_then: float
    distance: float


@dataclass(frozen=True, slots=True)
class Changeable:
    """Which values each feature may take: values[i] are those of column columns[i], spread[i] its standard
    deviation, None for levels."""

    schema: FeatureSchema
    columns: tuple[int, ...]
    values: tuple[Floats, ...]
    spread: tuple[float | None, ...]


def changeable(features: Features, names: Collection[str]) -> Changeable:
    """Levels and quantiles that were seen in (n, d) rows, of the features that can be changed at all.

    Raises ConfigurationError for a feature that is not there.
    """
    schema = features.schema
    unknown = next((name for name in names if name not in schema.names), None)
    if unknown is not None:
        raise ConfigurationError(f"No feature is named {unknown!r}.", did_you_mean(unknown, schema.names))
    columns: list[int] = []
    values: list[Floats] = []
    spread: list[float | None] = []
    for j, name in enumerate(schema.names):
        known = features.values[:, j][~np.isnan(features.values[:, j])]
        if name not in names or len(known) == 0:
            continue
        columns.append(j)
        if schema.levels[j] is not None:
            values.append(np.unique(known))
            spread.append(None)
        else:
            values.append(np.unique(np.quantile(known, np.linspace(0.01, 0.99, _STEPS), method="nearest")))
            spread.append(float(known.std()) or 1.0)
    return Changeable(schema, tuple(columns), tuple(values), tuple(spread))


def counterfactual(
    risk: Risk, row: Floats, may: Changeable, below: float, most_changes: int = 3
) -> Counterfactual | None:
    """The nearest change of at most so many features with a risk under `below`; None where there is none.

    risk: (n, d) -> (n,), the probability or the expected loss, whatever the tier is cut by; row: (d,).
    One feature is searched fully, more of them on the most promising changes so far.
    Source: Wachter, Mittelstadt, Russell (2018), Harvard Journal of Law & Technology 31(2), arXiv:1711.00399.
    """
    now = float(risk(row[None, :])[0])
    if now < below:
        return Counterfactual((), now, now, 0.0)
    kept = np.array([row])
    costs = np.zeros(1)
    best: tuple[float, float, Floats] | None = None
    for _ in range(most_changes):
        tried, paid = _one_more(kept, costs, row, may)
        if len(tried) == 0:
            break
        risks = risk(tried)
        enough = np.flatnonzero(risks < below)
        if len(enough):
            i = enough[np.lexsort((risks[enough], paid[enough]))[0]]
            if best is None or paid[i] < best[0]:
                best = (float(paid[i]), float(risks[i]), tried[i])
        # what is gained per unit of change leads on, but nothing dearer than what was found
        order = np.lexsort((paid, -(now - risks) / np.maximum(paid, 1e-9)))
        order = order[paid[order] < (np.inf if best is None else best[0])]
        by_risk = np.argsort(risks, kind="stable")
        by_risk = by_risk[paid[by_risk] < (np.inf if best is None else best[0])]
        chosen = np.unique(np.concatenate([order[: _KEPT // 2], by_risk[: _KEPT // 2]]))
        kept, costs = tried[chosen], paid[chosen]
        if len(kept) == 0:
            break
    if best is None:
        return None
    return Counterfactual(_changes(row, best[2], may), now, best[1], best[0])


def _one_more(kept: Floats, costs: Floats, row: Floats, may: Changeable) -> tuple[Floats, Floats]:
    """Every kept row with one more feature changed to each of its values, and what all changes cost."""
    tried, paid = [], []
    for base, cost in zip(kept, costs, strict=True):
        for j, values, spread in zip(may.columns, may.values, may.spread, strict=True):
            if base[j] != row[j] and not (np.isnan(base[j]) and np.isnan(row[j])):
                continue  # changed already
            new = values[values != row[j]]
            block = np.repeat(base[None, :], len(new), axis=0)
            block[:, j] = new
            tried.append(block)
            size = np.ones(len(new)) if spread is None or np.isnan(row[j]) else np.abs(new - row[j]) / spread
            paid.append(cost + size)
    if not tried:
        return np.empty((0, len(row))), np.empty(0)
    return np.concatenate(tried), np.concatenate(paid)


def _changes(row: Floats, found: Floats, may: Changeable) -> tuple[Change, ...]:
    differs = [j for j in may.columns if found[j] != row[j]]
    return tuple(
        Change(may.schema.names[j], _said(row[j], may.schema, j), _said(found[j], may.schema, j))
        for j in differs
    )


def _said(value: float, schema: FeatureSchema, column: int) -> float | str | None:
    levels = schema.levels[column]
    if np.isnan(value):
        return None
    return float(value) if levels is None else levels[int(value)]
