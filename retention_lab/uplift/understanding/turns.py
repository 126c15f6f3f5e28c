"""What would change a choice: the nearest value of one feature with which a customer gets another offer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.features import Features

_STEPS = 19  # values of a number that are tried: quantiles of what others have
_LEVELS = 20  # levels that are tried, the most frequent first


@dataclass(frozen=True, slots=True)
class Turn:
    """feature: its value now and the one `to` which the choice would turn to `arm`; None: missing. distance:
    share of the other customers between the two; of levels, those who have another one."""

    feature: str
    value: str | float | None
    to: str | float
    arm: str
    distance: float


def turns(
    choose: Callable[[Features], Ints], one: Features, seen: Features, arms: Sequence[str], most: int = 3
) -> tuple[Turn, ...]:
    """The `most` nearest changes of a single feature that turn the choice; none where nothing does.

    choose: (n, d) features -> (n,) position among the arms, 0 for none; one: a single row; seen: (m, d) rows
    of other customers, whose values are tried. It says what the model chooses for customers who differ in
    that feature alone, not what would happen if somebody's feature were changed.
    Source: Wachter, Mittelstadt and Russell (2018), Harvard Journal of Law & Technology 31(2), section III.
    """
    now = int(choose(one)[0])
    found = []
    for j, name in enumerate(one.schema.names):
        values, distance = _tried(one.values[0, j], seen.values[:, j], one.schema.levels[j])
        if len(values) == 0:
            continue
        rows = np.repeat(one.values, len(values), axis=0)
        rows[:, j] = values
        chosen = choose(Features(rows, one.schema))
        turned = np.flatnonzero(chosen != now)
        if len(turned):
            best = turned[np.argmin(distance[turned])]
            levels = one.schema.levels[j]
            to = float(values[best]) if levels is None else levels[int(values[best])]
            found.append(Turn(name, _shown(one, j), to, arms[int(chosen[best])], float(distance[best])))
    return tuple(sorted(found, key=lambda turn: turn.distance)[:most])


def _tried(now: float, others: Floats, levels: tuple[str, ...] | None) -> tuple[Floats, Floats]:
    """Values to try, and how far each is from the present one."""
    known = others[~np.isnan(others)]
    if len(known) == 0:
        return np.zeros(0), np.zeros(0)
    if levels is not None:
        codes, counts = np.unique(known, return_counts=True)
        order = np.argsort(-counts, kind="stable")[:_LEVELS]
        order = order[codes[order] != now]
        return codes[order], 1 - counts[order] / len(known)
    ranked = np.sort(known)
    values = np.unique(np.quantile(ranked, np.linspace(0, 1, _STEPS + 2), method="nearest"))
    values = values[values != now]
    place = np.searchsorted(ranked, values, side="left") / len(ranked)
    here = 0.5 if np.isnan(now) else np.searchsorted(ranked, now, side="left") / len(ranked)
    return values, np.abs(place - here)


def _shown(one: Features, j: int) -> str | float | None:
    value, levels = one.values[0, j], one.schema.levels[j]
    if np.isnan(value):
        return None
    return float(value) if levels is None else levels[int(value)]
