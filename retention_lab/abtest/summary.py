"""All that an analysis needs of an A/B test's units: small, mergeable, without a single customer in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from retention_lab.abtest.histogram import Histogram, merge
from retention_lab.abtest.moments import Moments, Sums
from retention_lab.arrays import Ints
from retention_lab.errors import LabError

ALL = ("",)  # the one level, or the one day, of what is not divided


@dataclass(frozen=True, slots=True)
class Cells:
    """m groups of units. arm, day, level: (m,) positions among the names; units: (m,) all units, with or
    without each metric's values."""

    arm: Ints
    day: Ints
    level: Ints
    units: Ints


@dataclass(frozen=True, slots=True)
class Part:
    """The units of a test, divided by arm, day and one thing more: strata, clusters, a segment or nothing.

    days: names in order, one for all where there are none; levels: names of that one thing; moments: by
    metric, over the cells.
    """

    days: tuple[str, ...]
    levels: tuple[str, ...]
    cells: Cells
    moments: Mapping[str, Moments]

    def sums(self, metric: str, arm: int, *, until: int | None = None, level: int | None = None) -> Sums:
        """One arm of a metric up to a day, at one level or at all."""
        return self.moments[metric].sums_over(self._where(arm, until, level))

    def units(self, arm: int, *, until: int | None = None, level: int | None = None) -> int:
        """How many units there are, with or without a metric's values."""
        return int(self.cells.units[self._where(arm, until, level)].sum())

    def by_level(self, metric: str, arm: int, until: int | None = None) -> Moments:
        """One arm of a metric, a cell for each level that it has by that day."""
        where = np.flatnonzero(self._where(arm, until, None))
        known = self.moments[metric]
        present, place = np.unique(self.cells.level[where], return_inverse=True)

        def added(values: np.ndarray) -> np.ndarray:
            found = np.zeros((len(present), *values.shape[1:]), dtype=values.dtype)
            np.add.at(found, place, values[where])
            return np.asarray(found)

        names = ("count", "total", "product", "third", "fourth", "missing")
        return Moments(known.centre, *(added(getattr(known, name)) for name in names))

    def joined(self, later: "Part") -> "Part":
        """Cells of both. Raises LabError where metrics or centres differ."""
        if set(self.moments) != set(later.moments):
            raise LabError(
                "The stored statistics are of other metrics.", "Summarise all days again.", key="metrics"
            )
        days = tuple(sorted({*self.days, *later.days}))
        levels = tuple(sorted({*self.levels, *later.levels}))
        cells = Cells(
            np.concatenate([self.cells.arm, later.cells.arm]),
            np.concatenate([_among(part.days, part.cells.day, days) for part in (self, later)]),
            np.concatenate([_among(part.levels, part.cells.level, levels) for part in (self, later)]),
            np.concatenate([self.cells.units, later.cells.units]),
        )
        moments = {name: self.moments[name].joined(later.moments[name]) for name in self.moments}
        return Part(days, levels, cells, moments)

    def _where(self, arm: int, until: int | None, level: int | None) -> np.ndarray:
        found = self.cells.arm == arm
        if until is not None:
            found = found & (self.cells.day <= until)
        if level is not None:
            found = found & (self.cells.level == level)
        return np.asarray(found)


@dataclass(frozen=True, slots=True)
class Summary:
    """Of one test, up to a day.

    arms: control first. main: by the day on which a unit's window closed, and by stratum where there are
    strata. segments: by column. clusters: by day and cluster, None where units are randomised one by one.
    waiting: (arms,) units whose window is still open: they count for the sample ratio alone. histograms:
    metric -> one for each arm, None where it has no values. edges: between the groups of a score, which are a
    segment under the score's name. caps: metric -> value at which it is cut, fixed
    at the first analysis.
    """

    arms: tuple[str, ...]
    main: Part
    segments: Mapping[str, Part] = field(default_factory=dict)
    clusters: Part | None = None
    waiting: Ints | None = None
    histograms: Mapping[str, tuple[Histogram | None, ...]] = field(default_factory=dict)
    caps: Mapping[str, float] = field(default_factory=dict)
    edges: tuple[float, ...] = ()

    @property
    def days(self) -> tuple[str, ...]:
        """The days on which units came in, in order."""
        return self.main.days

    @property
    def assigned(self) -> Ints:
        """(arms,) units that were assigned, those that wait among them."""
        counted = np.array([self.main.units(arm) for arm in range(len(self.arms))], dtype=np.int64)
        return counted if self.waiting is None else counted + self.waiting

    def joined(self, later: "Summary") -> "Summary":
        """The same test with later days added: nothing but their rows is read again.

        Raises LabError where arms, metrics, centres or caps differ.
        """
        if self.arms != later.arms or dict(self.caps) != dict(later.caps):
            raise LabError(
                "The stored statistics have other arms or caps.",
                "Summarise all days again; results of earlier looks may change.",
            )
        clusters = self.clusters
        if clusters is not None and later.clusters is not None:
            clusters = clusters.joined(later.clusters)
        return Summary(
            self.arms,
            self.main.joined(later.main),
            {name: part.joined(later.segments[name]) for name, part in self.segments.items()},
            clusters,
            later.waiting,
            {
                name: tuple(_merged(a, b) for a, b in zip(mine, later.histograms[name], strict=True))
                for name, mine in self.histograms.items()
            },
            self.caps,
            self.edges,
        )


def _among(mine: tuple[str, ...], code: Ints, names: tuple[str, ...]) -> Ints:
    """The codes of some names as codes of others."""
    place = np.array([names.index(name) for name in mine], dtype=np.int64)
    return np.asarray(place[code], dtype=np.int64)


def _merged(mine: Histogram | None, later: Histogram | None) -> Histogram | None:
    there = [one for one in (mine, later) if one is not None]
    return merge(there) if there else None
