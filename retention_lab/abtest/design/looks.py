"""When an experiment is looked at before its end, and how large the statistic must then be."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from retention_lab.abtest.design.crossing import Crossing, crossing
from retention_lab.abtest.design.hypothesis import Hypothesis
from retention_lab.arrays import Floats
from retention_lab.errors import LabError

_MOST = 400  # looks: hourly for two weeks, daily for a year
_SLACK = 0.02  # by which published boundaries, searched or simulated, may miss their level


@dataclass(frozen=True, slots=True)
class Looks:
    """fractions: (L,) of the planned units at each look, rising to 1.

    boundary: (L,) units of all arms that have entered at each look -> (L,) how large z must be to stop.
    A group sequential boundary depends on the fractions alone; an always valid one on the units. An
    experiment stops at the first look that crosses; its power is the chance of having stopped by the last.

    Raises LabError when the fractions do not rise to 1, or are more than 400.
    """

    fractions: Floats
    boundary: Callable[[Floats], Floats]

    def __post_init__(self) -> None:
        steps = np.diff(self.fractions, prepend=0.0)
        if len(steps) == 0 or not np.all(steps > 0) or abs(float(self.fractions[-1]) - 1) > 1e-9:
            raise LabError(
                "The looks' fractions of the planned units do not rise from above 0 to 1.",
                "Give them in order, the last as 1, for example 0.25, 0.5, 0.75, 1.",
            )
        if len(steps) > _MOST:
            raise LabError(
                f"{len(steps)} looks were planned; the recursion goes up to {_MOST}.",
                "Plan at most one a day: between looks that close together nothing is lost.",
            )

    def critical(self, units: float) -> Floats:
        """(L,) how large z must be at each look, when so many units of all arms are planned.

        Raises LabError when the boundary gives a value that is not above 0, or not one for each look.
        """
        found = np.asarray(self.boundary(self.fractions * units), dtype=np.float64)
        if found.shape != self.fractions.shape or not np.all(found > 0):
            raise LabError(
                f"The boundary gives {found.shape} values for {len(self.fractions)} looks, or some not "
                "above 0.",
                "Give one z value above 0 a look; infinity for a look at which the test cannot stop.",
            )
        return found

    def crossing(self, critical: Floats, shift: float, *, two_sided: bool) -> Crossing:
        """When z first crosses, if it lies `shift` standard errors from the null with all units."""
        lower = -critical if two_sided else np.full_like(critical, -np.inf)
        return crossing(self.fractions, lower, critical, shift)

    def check_level(self, hypothesis: Hypothesis, units: float) -> None:
        """Raises LabError when the boundaries raise more false alarms than the hypothesis allows."""
        two_sided = hypothesis.alternative == "two_sided"
        level = self.crossing(self.critical(units), 0.0, two_sided=two_sided).chance
        if level > hypothesis.alpha * (1 + _SLACK):
            raise LabError(
                f"These boundaries raise a false alarm with probability {level:.4g}, but alpha is "
                f"{hypothesis.alpha:g}.",
                "Compute them for this alpha, this alternative and these looks.",
            )


def planned_looks(fractions: Floats, critical: Floats) -> Looks:
    """Looks whose (L,) z boundary depends on the fractions of the planned units, not on how many those are.

    Raises LabError when the two differ in length, a value is not above 0, or as `Looks`.

    >>> planned_looks(np.array([0.5, 1.0]), np.array([2.797, 1.977])).critical(1_000.0)
    array([2.797, 1.977])
    """
    fixed = np.array(critical, dtype=np.float64)
    looks = Looks(np.array(fractions, dtype=np.float64), lambda _: fixed)
    looks.critical(1.0)  # refuses here what would otherwise be refused at the first use
    return looks


def even_looks(looks: int) -> Floats:
    """(L,) fractions of so many looks, equally far apart.

    Raises LabError when there is none.
    """
    if looks < 1:
        raise LabError(f"{looks} looks were planned.", "Plan at least one: the analysis at the end.")
    return np.asarray(np.arange(1, looks + 1) / looks, dtype=np.float64)
