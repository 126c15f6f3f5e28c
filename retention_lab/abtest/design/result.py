"""What a design comes to: so many units and days for such an effect."""

from dataclasses import dataclass
from typing import Any

from retention_lab.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Design:
    """A plan, with the field names that its JSON has.

    metric: its name; baseline: its value under control. mde_absolute: the effect found with the power, in the
    metric's unit; mde_relative: the same over the baseline, None where that is too near 0 or below.
    units: (K + 1,) of each arm, control first, rounded up. days: from the first unit's entry until the last
    unit's window has closed, None without a schedule. power: asked for, and reached by rounding up. alpha: of
    one comparison.
    """

    metric: str
    baseline: float
    mde_absolute: float
    mde_relative: float | None
    units: tuple[int, ...]
    days: int | None
    power: float
    alpha: float

    @property
    def n_per_arm(self) -> int:
        """Units of the smallest arm; with equal shares, of every arm."""
        return min(self.units)

    def as_json(self) -> dict[str, Any]:
        """The keys of `lab experiment design --json`."""
        return {
            "metric": self.metric,
            "baseline": self.baseline,
            "mde_absolute": self.mde_absolute,
            "mde_relative": self.mde_relative,
            "n_per_arm": self.n_per_arm,
            "days": self.days,
            "power": self.power,
            "alpha": self.alpha,
        }


@dataclass(frozen=True, slots=True)
class EffectByDay:
    """The curve of a plot: with which effect each length of the experiment can do.

    days: (D,); units: (D,) of all arms whose windows have closed by then; mde_absolute: (D,) in the metric's
    unit;
    mde_relative: (D,) over the baseline, None where that is too near 0 or below.
    """

    days: Ints
    units: Floats
    mde_absolute: Floats
    mde_relative: Floats | None
