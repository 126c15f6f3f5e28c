"""Designs for an effect, a number of units or a number of days, and tables of them among which to choose."""

from collections.abc import Iterable
from math import ceil

import numpy as np

from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.duration import Schedule
from retention_lab.abtest.design.power import detectable_effect, is_detectable, required_units
from retention_lab.abtest.design.relative import relative_effect
from retention_lab.abtest.design.result import Design, EffectByDay
from retention_lab.arrays import Ints
from retention_lab.errors import LabError


def design_for_effect(
    comparison: Comparison, effect: float, *, power: float = 0.8, schedule: Schedule | None = None
) -> Design:
    """The units, and days, with which an effect in the metric's unit is found with this power.

    Raises LabError as `required_units`, and when the schedule never reaches so many units.
    """
    units = required_units(comparison, effect, power)
    return _design(comparison, effect, units, power, schedule)


def design_for_units(
    comparison: Comparison, units: float, *, power: float = 0.8, schedule: Schedule | None = None
) -> Design:
    """The smallest effect that so many units of all arms find with this power.

    Raises LabError as `detectable_effect`, and when the schedule never reaches so many units.
    """
    effect = detectable_effect(comparison, units, power)
    return _design(comparison, effect, units, power, schedule)


def design_for_days(comparison: Comparison, days: int, *, power: float = 0.8, schedule: Schedule) -> Design:
    """The smallest effect that the units whose windows have closed after so many days find with this power.

    Raises LabError as `detectable_effect`, and when the schedule does not reach so far.
    """
    units = float(schedule.units_by(np.array([days]))[0])
    effect = detectable_effect(comparison, units, power)
    arms = tuple(int(share * units) for share in comparison.shares)  # what has come cannot be rounded up
    relative = relative_effect(comparison.outcome, effect)
    return Design(
        comparison.metric,
        comparison.outcome.baseline,
        effect,
        relative,
        arms,
        days,
        power,
        comparison.hypothesis.alpha,
    )


def designs_for_effects(
    comparison: Comparison,
    effects: Iterable[float],
    powers: Iterable[float] = (0.8, 0.9),
    *,
    schedule: Schedule | None = None,
) -> tuple[Design, ...]:
    """One design for each effect and power, effect by effect: the table from which to choose.

    Raises LabError as `design_for_effect`.
    """
    chosen = tuple(powers)
    return tuple(
        design_for_effect(comparison, effect, power=power, schedule=schedule)
        for effect in effects
        for power in chosen
    )


def designs_for_days(
    comparison: Comparison,
    days: Iterable[int],
    powers: Iterable[float] = (0.8, 0.9),
    *,
    schedule: Schedule,
) -> tuple[Design, ...]:
    """One design for each length and power, length by length.

    Raises LabError as `design_for_days`.
    """
    chosen = tuple(powers)
    return tuple(
        design_for_days(comparison, day, power=power, schedule=schedule) for day in days for power in chosen
    )


def effect_by_day(
    comparison: Comparison, days: Ints, *, power: float = 0.8, schedule: Schedule
) -> EffectByDay:
    """The smallest effect for each of the (D,) lengths; those are left out by which too few windows
    have closed to find any effect.

    Raises LabError when all are left out, or as `design_for_days`.
    """
    units = schedule.units_by(days)
    enough = np.array([is_detectable(comparison, float(n), power) for n in units], dtype=bool)
    if not enough.any():
        raise LabError(
            f"By day {int(np.max(days, initial=0))} too few units will have entered and closed their windows "
            f"to find any effect on '{comparison.metric}' with a power of {power:g}.",
            "Ask for later days.",
        )
    kept_days, kept = days[enough], units[enough]
    effect = np.array([detectable_effect(comparison, float(n), power) for n in kept])
    relative = [relative_effect(comparison.outcome, float(one)) for one in effect]
    shown = np.array(relative, dtype=np.float64) if None not in relative else None
    return EffectByDay(kept_days, kept, effect, shown)


def _design(
    comparison: Comparison, effect: float, units: float, power: float, schedule: Schedule | None
) -> Design:
    # A whole number that division left a hair above itself stays that number.
    arms = tuple(ceil(share * units * (1 - 1e-12)) for share in comparison.shares)
    return Design(
        comparison.metric,
        comparison.outcome.baseline,
        effect,
        relative_effect(comparison.outcome, effect),
        arms,
        None if schedule is None else schedule.days_until(units),
        power,
        comparison.hypothesis.alpha,
    )
