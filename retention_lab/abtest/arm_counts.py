"""What a share is computed from: how many units of an arm converted."""

from dataclasses import dataclass

from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class ArmCounts:
    """successes: units that converted; units: of the arm, at least 1."""

    successes: int
    units: int

    def __post_init__(self) -> None:
        if self.units < 1:
            raise LabError(
                f"An arm has {self.units} units, so there is nothing to compare.",
                "Check the arm column, or wait until units have been assigned.",
            )
        if not 0 <= self.successes <= self.units:
            raise LabError(
                f"{self.successes} of {self.units} units are said to have converted.",
                "Count every unit once, as 0 or 1.",
            )
        if self.successes != int(self.successes) or self.units != int(self.units):
            raise LabError(
                f"{self.successes} of {self.units} units are not whole numbers.",
                "Count units; compare means instead where an outcome is not 0 or 1.",
            )

    @property
    def share(self) -> float:
        """Of units that converted."""
        return self.successes / self.units

    @property
    def failures(self) -> int:
        """Units that did not convert."""
        return self.units - self.successes
