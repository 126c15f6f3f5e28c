"""Many series over the same periods, from lines of a log: what was sold of each, period by period."""

from dataclasses import dataclass, replace

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.demand.periods import Period, first_days, periods_of
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Panel:
    """values: (s, t), NaN before a series' first line; a later period without lines is 0.

    first: number of the first period, see `periods`. campaign: (s, t + ahead), how much of a campaign runs in
    each period, as far ahead as that is planned; None: nothing is known of campaigns.
    """

    names: tuple[str, ...]
    period: Period
    first: int
    values: Floats
    campaign: Floats | None = None

    @property
    def length(self) -> int:
        """Periods observed."""
        return int(self.values.shape[1])

    @property
    def end(self) -> int:
        """Number of the first period that was not observed."""
        return self.first + self.length

    def before(self, periods: int) -> "Panel":
        """The first so many periods, of series that had begun by then; the calendar of campaigns stays."""
        kept = ~np.isnan(self.values[:, :periods]).all(axis=1)
        return replace(self.rows(np.flatnonzero(kept)), values=self.values[kept, :periods])

    def rows(self, places: Ints) -> "Panel":
        """The series at these places."""
        campaign = None if self.campaign is None else self.campaign[places]
        names = tuple(self.names[i] for i in places)
        return replace(self, names=names, values=self.values[places], campaign=campaign)

    def calendar(self, periods: int) -> Floats:
        """(s, periods) of campaigns; nothing runs in periods beyond those planned."""
        found = np.zeros((len(self.names), periods))
        if self.campaign is not None:
            known = self.campaign[:, :periods]
            found[:, : known.shape[1]] = known
        return found

    def without_campaign(self) -> "Panel":
        """The same past, and a future in which no campaign runs."""
        if self.campaign is None:
            return self
        return replace(self, campaign=self.campaign[:, : self.length])


@dataclass(frozen=True, slots=True)
class Lines:
    """A log: series (n,) places in `names`, day (n,) since 1970, value (n,), NaN where only the campaign of a
    period ahead is known; campaign (n,) or None."""

    names: tuple[str, ...]
    series: Ints
    day: Ints
    value: Floats
    campaign: Floats | None = None


def panel_of(lines: Lines, period: Period, *, last_day: int | None = None, most: int | None = None) -> Panel:
    """Add up a log by series and period.

    Periods that the log saw only in part, its first and its last, are left out: they look like a fall in
    sales. last_day: until when it was observed, None is its last line. A log that has at most one line for
    each series and period is taken for one of whole periods.
    most: keep only so many series, those that sold most; the order of the names stays.
    Raises LabError where no whole period is left, or a value is infinite.
    """
    known = ~np.isnan(lines.value)
    if not known.any():
        raise LabError("No line has a value, so nothing was sold.", "Fill in the values.", key="value")
    if np.isinf(lines.value).any():
        row = int(np.argmax(np.isinf(lines.value)))
        raise LabError(f"The value in row {row + 1} is infinite.", "Correct it.", key="value")
    number = periods_of(lines.day, period)
    first, end = _whole(lines, number, known, period, last_day)
    inside = known & (number >= first) & (number < end)
    shape = (len(lines.names), end - first)
    cell = lines.series[inside] * shape[1] + number[inside] - first
    order = np.lexsort((lines.value[inside], cell))  # so that the order of lines does not show in a sum
    sums = np.bincount(cell[order], lines.value[inside][order], minlength=shape[0] * shape[1]).reshape(shape)
    begun = np.cumsum(np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape), axis=1) > 0
    panel = Panel(
        lines.names, period, first, np.where(begun, sums, np.nan), _campaign(lines, number, first, end)
    )
    return _largest(panel, most)


def _whole(
    lines: Lines, number: Ints, known: np.ndarray, period: Period, last_day: int | None
) -> tuple[int, int]:
    """First period and the one after the last, of those that were observed whole."""
    days, numbers = lines.day[known], number[known]
    pairs = lines.series[known] * (numbers.max() - numbers.min() + 1) + numbers - numbers.min()
    first, last = int(numbers.min()), int(numbers.max())
    if last_day is None and len(np.unique(pairs)) == len(pairs):
        return first, last + 1
    seen_until = int(days.max()) if last_day is None else last_day
    starts = first_days(np.arange(first, last + 3), period)
    begin = first if int(days.min()) == int(starts[0]) else first + 1
    until = int(periods_of(np.array([seen_until + 1]), period)[0])
    if until <= begin:
        raise LabError(
            f"The log covers no whole {period}, so there is no period to learn from.",
            "Provide a longer log, or choose a shorter `period`.",
            key="period",
        )
    return begin, until


def _campaign(lines: Lines, number: Ints, first: int, end: int) -> Floats | None:
    """(s, periods) the most that a line says of its series and period, until the last line of the log."""
    if lines.campaign is None:
        return None
    if not np.isfinite(lines.campaign).all():
        row = int(np.argmin(np.isfinite(lines.campaign)))
        raise LabError(
            f"The campaign of row {row + 1} is missing or infinite.",
            "Write 0 where no campaign runs.",
            key="campaign",
        )
    found = np.zeros((len(lines.names), max(end, int(number.max()) + 1) - first))
    later = number >= first
    np.maximum.at(found, (lines.series[later], number[later] - first), lines.campaign[later])
    return found


def _largest(panel: Panel, most: int | None) -> Panel:
    sold = np.nansum(np.abs(panel.values), axis=1)
    order = np.argsort(-sold, kind="stable")[: len(sold) if most is None else most]
    begun = order[~np.isnan(panel.values[order, -1])]
    return panel.rows(np.sort(begun))
