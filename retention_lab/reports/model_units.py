"""The units of a model report: of the outcome itself, and of what choices are worth."""

from dataclasses import dataclass

from retention_lab.reports.model import ModelReport
from retention_lab.reports.numbers import Unit
from retention_lab.reports.words import Words


@dataclass(frozen=True, slots=True)
class Units:
    """outcome: of values and gains; own: of the outcome as it was measured, where a visit, say, is worth
    money; the differences: in points, where the unit is a share."""

    outcome: Unit
    own: Unit

    @property
    def difference(self) -> Unit:
        """Of a difference in value."""
        return _difference(self.outcome)

    @property
    def own_difference(self) -> Unit:
        """Of a difference in the outcome."""
        return _difference(self.own)


def units_of(report: ModelReport, words: Words) -> Units:
    """Units in the page's language."""
    outcome, own = (
        Unit(kind, words.language, report.currency if kind == "money" else "")
        for kind in (report.unit, report.own_unit or report.unit)
    )
    return Units(outcome, own)


def _difference(unit: Unit) -> Unit:
    return Unit("points", unit.language) if unit.kind == "share" else unit
