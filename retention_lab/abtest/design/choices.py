"""The designs among which a reader chooses: by effect, by units or by days, and tables of them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.designs import design_for_days, design_for_effect, design_for_units
from retention_lab.abtest.design.duration import Schedule
from retention_lab.abtest.design.power import expected_units
from retention_lab.abtest.design.relative import absolute_effect, relative_effect
from retention_lab.abtest.design.result import Design
from retention_lab.errors import LabError

_MULTIPLES = (0.5, 0.75, 1.0, 1.5, 2.0)  # of the effect that was chosen
_POWERS = (0.8, 0.9)
_ENTRY_DAYS = (7, 14, 21, 28, 42, 56)  # on which units enter; their windows close later


@dataclass(frozen=True, slots=True)
class Choice:
    """One row to choose from. units: of each arm, control first; None, and the reason, where there is no such
    design. days: None, and the reason, where it is not known when so many have come."""

    mde_absolute: float
    mde_relative: float | None
    units: tuple[int, ...] | None
    days: int | None
    power: float
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The contract's names for them."""
        found = {
            "mde_absolute": self.mde_absolute,
            "mde_relative": self.mde_relative,
            "n_per_arm": None if self.units is None else min(self.units),
            "days": self.days,
            "power": self.power,
        }
        return found if self.reason is None else {**found, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Planner:
    """A comparison to be planned.

    sign: of an improvement, 1 up and -1 down. power: asked for. schedule: how units come; None where nobody
    knows, and `no_schedule` says why.
    """

    comparison: Comparison
    sign: float
    power: float
    schedule: Schedule | None
    no_schedule: str = "Nothing says how many units come in a day."

    def for_effect(self, size: float) -> Design:
        """size: in the metric's unit, 0 or above. Raises LabError as `design_for_effect`."""
        return design_for_effect(self.comparison, self.sign * size, power=self.power)

    def for_share(self, share: float) -> Design:
        """share: of the baseline. Raises LabError as `for_effect`, and where the baseline is too near 0."""
        return self.for_effect(abs(absolute_effect(self.comparison.outcome, share)))

    def for_smallest_arm(self, units: int) -> Design:
        """units: of the smallest arm. Raises LabError as `design_for_units`."""
        together = units / min(self.comparison.shares)
        return self._own(design_for_units(self._towards, together, power=self.power))

    def for_days(self, days: int) -> Design:
        """days: until the last window closes. Raises LabError as `design_for_days`, or without a schedule."""
        if self.schedule is None:
            raise LabError(
                f"{days} days were asked for. {self.no_schedule}",
                "Name the column of times in `exposed_at`, with two weeks of history, or ask with --n.",
                key="exposed_at",
            )
        return self._own(design_for_days(self._towards, days, power=self.power, schedule=self.schedule))

    def with_days(self, design: Design) -> Choice:
        """The design, and how long it takes."""
        days, reason = design.days, None
        if self.schedule is None:
            reason = self.no_schedule
        elif days is None:
            try:
                days = self.schedule.days_until(design.n_per_arm / min(self.comparison.shares))
            except LabError as error:
                reason = f"{error.found} {error.next_step}"
        return Choice(design.mde_absolute, design.mde_relative, design.units, days, design.power, reason)

    def by_effect(self, design: Design) -> tuple[Choice, ...]:
        """Effects about the design's, each with several powers."""
        sizes = dict.fromkeys(abs(design.mde_absolute) * multiple for multiple in _MULTIPLES)
        powers = sorted({*_POWERS, self.power})
        return tuple(replace(self, power=power)._choice(size) for size in sizes for power in powers)

    def by_days(self) -> tuple[Choice, ...]:
        """What effect each length finds; nothing where nobody knows, or where all come at once."""
        if self.schedule is None:
            return ()
        window, last = self.schedule.window_days, self.schedule.entry.last_day
        lengths = [window + days for days in _ENTRY_DAYS if days <= last]
        units = self.schedule.units_by(np.array(lengths, dtype=np.int64))
        if len(units) == 0 or units[0] == units[-1]:
            return ()
        found = []
        for days in lengths:
            try:
                found.append(self.with_days(self.for_days(days)))
            except LabError:  # too few units have come by then
                continue
        return tuple(found)

    def expected_units(self, design: Design) -> float | None:
        """Of all arms when the test stops, on average, where the effect is as planned; None where nothing
        stops it before its end."""
        looks = self.comparison.looks
        if looks is None or len(looks.fractions) < 2:
            return None
        together = design.n_per_arm / min(self.comparison.shares)
        return expected_units(self.comparison, design.mde_absolute, together)

    @property
    def _towards(self) -> Comparison:
        """The half of a two-sided test that finds improvements: upwards and downwards, a share varies
        differently, and a question for the smallest effect is answered upwards."""
        hypothesis = self.comparison.hypothesis
        if hypothesis.alternative != "two_sided" or self.sign > 0:
            return self.comparison
        return replace(
            self.comparison, hypothesis=replace(hypothesis, alpha=hypothesis.alpha / 2, alternative="less")
        )

    def _own(self, design: Design) -> Design:
        return replace(design, alpha=self.comparison.hypothesis.alpha)

    def _choice(self, size: float) -> Choice:
        try:
            return self.with_days(self.for_effect(size))
        except LabError as error:
            effect = self.sign * size
            relative = relative_effect(self.comparison.outcome, effect)
            return Choice(effect, relative, None, None, self.power, f"{error.found} {error.next_step}")
