"""Units of one block of replications: drawn from the history, in the order in which they come."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from retention_lab.abtest.simulation.effects import Effect, mean_of, planted
from retention_lab.abtest.simulation.history import History
from retention_lab.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class DrawnUnits:
    """columns: (n, c) of all metrics, each once, n units sorted by look and stratum; ends: where each of the
    looks * strata groups begins, and n behind; without, with_effect: by metric, the places of its columns
    without an effect and with one; truth: the effect that was planted, in the metric's unit."""

    columns: Floats
    looks: int
    strata: int
    ends: Ints
    without: Mapping[str, Ints]
    with_effect: Mapping[str, Ints]
    truth: Mapping[str, float]

    def added(self, assigned: Floats) -> Floats:
        """(replications, n) who is in an arm -> (looks, strata, replications, c) its sums up to each look."""
        parts = [assigned[:, a:b] @ self.columns[a:b] for a, b in self._groups]
        return self._cumulated(np.stack(parts))

    @property
    def total(self) -> Floats:
        """(looks, strata, 1, c) sums over all units up to each look."""
        return self._cumulated(np.stack([self.columns[a:b].sum(axis=0) for a, b in self._groups])[:, None])

    @property
    def _groups(self) -> list[tuple[int, int]]:
        return list(pairwise(self.ends.tolist()))

    def _cumulated(self, parts: Floats) -> Floats:
        return np.asarray(np.cumsum(parts.reshape(self.looks, self.strata, *parts.shape[1:]), axis=0))


def drawn_units(
    history: History, units: int, looks: int, effects: Mapping[str, Effect], rng: np.random.Generator
) -> DrawnUnits:
    """Units of the history, without repeats as long as there are enough; what comes in on a day comes in
    order, and where days are not known, all at random. effects: to plant, by metric."""
    rows = _rows(history, units, rng)
    stratum = np.zeros(units, dtype=np.int64) if history.stratum is None else history.stratum[rows]
    strata = 1 if history.stratum is None else int(history.stratum.max()) + 1
    group = np.arange(units) * looks // units * strata + stratum
    order = np.argsort(group, kind="stable")
    rows, ends = rows[order], np.searchsorted(group[order], np.arange(looks * strata + 1))
    kept = _Columns({}, [])
    without, with_effect, truth = {}, {}, {}
    for one in history.metrics:
        values, name, effect = one.values[rows], one.metric.name, effects.get(one.metric.name)
        without[name] = kept.places(one.layout.columns(values, one.centre))
        if effect is not None:
            moved = planted(one, values, effect, rng)
            truth[name] = mean_of(one, moved) - mean_of(one, values)
            with_effect[name] = kept.places(one.layout.columns(moved, one.centre))
    return DrawnUnits(np.column_stack(kept.columns), looks, strata, ends, without, with_effect, truth)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Columns, each kept once."""

    known: dict[bytes, int]
    columns: list[Floats]

    def places(self, columns: Floats) -> Ints:
        """Where (n, c) columns are kept."""
        found = []
        for column in columns.T:
            place = self.known.setdefault(column.tobytes(), len(self.columns))
            if place == len(self.columns):
                self.columns.append(column)
            found.append(place)
        return np.array(found, dtype=np.int64)


def _rows(history: History, units: int, rng: np.random.Generator) -> Ints:
    there = history.units
    rows = rng.permutation(there)[:units] if units <= there else rng.integers(0, there, units)
    if history.day is not None:
        rows = rows[np.argsort(history.day[rows], kind="stable")]
    return np.asarray(rows, dtype=np.int64)
