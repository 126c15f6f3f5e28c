"""How long an experiment lasts: until enough units have entered, and their outcome windows have closed."""

from dataclasses import dataclass

import numpy as np

from retention_lab.abtest.design.entry import EntryCurve
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Schedule:
    """entry: units by day. window_days: over which a unit's outcome is summed from its entry.

    traffic: share of the entering units that take part, in any arm.

    Raises LabError when the window is negative or the share does not lie above 0 and up to 1.
    """

    entry: EntryCurve
    window_days: int = 0
    traffic: float = 1.0

    def __post_init__(self) -> None:
        if self.window_days < 0:
            raise LabError(f"The outcome window is {self.window_days} days.", "Give 0 or more.")
        if not 0 < self.traffic <= 1:
            raise LabError(
                f"The share of units that take part is {self.traffic:g}.",
                "Give a share above 0, and 1 for all.",
            )

    def units_by(self, days: Ints) -> Floats:
        """(m,) expected units of all arms whose windows have closed by the end of each of (m,) days.

        Raises LabError when the history does not speak of so late a day.
        """
        return np.asarray(
            self.traffic * self.entry.units_by(np.asarray(days) - self.window_days), dtype=np.float64
        )

    def days_until(self, units: float) -> int:
        """Days until so many units of all arms are expected to have entered and closed their windows.

        Raises LabError when the history does not promise so many.
        """
        entered = self.traffic * self.entry.units_by(np.arange(1, self.entry.last_day + 1))
        enough = np.flatnonzero(entered >= units * (1 - 1e-9))
        if len(enough) == 0:
            if self.entry.ends:
                raise LabError(
                    f"{units:,.0f} units are needed, and {entered[-1]:,.0f} are there.",
                    "Plan for a larger effect, or widen the audience.",
                )
            raise LabError(
                f"{units:.0f} units are needed, but only about {entered[-1]:.0f} are expected to enter "
                f"within {self.entry.last_day} days, as far as this history speaks.",
                "Plan for a larger effect, widen the audience, or give a longer history.",
            )
        return int(enough[0]) + 1 + self.window_days
