"""What every forecast model can do."""

from typing import Protocol

from retention_lab.arrays import Floats, Ints
from retention_lab.demand.panel import Panel


class Forecaster(Protocol):
    """A fitted model. It is applied to any history, not only to the one that it was fitted to."""

    @property
    def knows_campaigns(self) -> bool:
        """Whether the calendar of campaigns changes what it says."""

    def forecast(self, panel: Panel, origins: Ints, horizon: int) -> Floats:
        """(s, o, h): what is expected of each series 1 to h periods on, from what lay before each origin.

        Origin k knows the values of the first k periods, and the calendar of campaigns as far as planned.
        NaN where a series had not begun.
        """

    def to_files(self) -> dict[str, bytes]:
        """Its files, in open formats."""
