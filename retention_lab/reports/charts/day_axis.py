"""The frame of charts over days: dates below at equal distances, values of an effect upwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from markupsafe import Markup

from retention_lab.reports.charts.axes import Axes, upright
from retention_lab.reports.charts.svg import Scale, text, text_width
from retention_lab.reports.numbers import Tone, Unit, short_day


@dataclass(frozen=True, slots=True)
class DayPoint:
    """An effect on a day; low or high None: that side is open."""

    day: date
    value: float
    low: float | None
    high: float | None
    tone: Tone


def day_axes(points: Sequence[DayPoint], ys: Sequence[float], unit: Unit, size: tuple[float, float]) -> Axes:
    """The frame around (day, effect) points that shows the values ys, and zero."""
    width, height = size
    days = [point.day.toordinal() for point in points]
    frame = upright((days[0] - 0.5, days[-1] + 0.5), ys, unit, size)
    labels = _labels(days, frame.x, unit, width, height - 8)
    return replace(frame, pieces=(*frame.pieces, *labels))


def within(scale: Scale, value: float) -> float:
    """The pixel of a value, at the frame's edge where it lies beyond."""
    return scale(min(max(value, scale.low), scale.high))


def _labels(days: Sequence[int], scale: Scale, unit: Unit, width: float, baseline: float) -> list[Markup]:
    """As many dates as stand clear of each other, whole numbers of days apart."""
    span = days[-1] - days[0]
    for wanted in (5, 4, 3, 2, 1):
        step = max(1, -(-span // wanted))
        placed = [_placed(day, scale, unit, width) for day in range(days[0], days[-1] + 1, step)]
        if all(end + 10 <= start for (_, _, end), (_, start, _) in pairwise(placed)):
            break
    return [text((start + end) / 2, baseline, words, anchor="middle") for words, start, end in placed]


def _placed(day: int, scale: Scale, unit: Unit, width: float) -> tuple[str, float, float]:
    words = short_day(date.fromordinal(day), unit.language)
    half = text_width(words) / 2
    middle = min(max(scale(day), half), width - half)
    return words, middle - half, middle + half
