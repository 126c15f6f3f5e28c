"""Waterfall: from the first sum to the last, each step hanging from the one before; it must add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.reports.charts.svg import (
    Scale,
    drawing,
    element,
    line,
    padded,
    text,
    wrap,
)
from retention_lab.reports.numbers import tone_of


@dataclass(frozen=True, slots=True)
class Step:
    """One bar: what it adds (negative: takes away), as written, and its meaning as a colour."""

    label: str
    change: float
    written: str
    colour: Literal["gain", "loss", "unsure", "cost", "waste"]


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Steps, and the total they come to with its interval."""

    title: str
    steps: tuple[Step, ...]
    total_label: str
    total_written: str
    total: Estimate

    def __post_init__(self) -> None:
        reached = sum(step.change for step in self.steps)
        if not adds_up(reached, self.total.value, [step.change for step in self.steps]):
            raise LabError(
                f"The bars come to {reached!r}, but the total is {self.total.value!r}: "
                "a picture that does not add up would mislead.",
                "Give the parts and the total from the same rows.",
            )


def adds_up(reached: float, total: float, parts: Sequence[float]) -> bool:
    """Equal but for floating point: within 1e-9 of the largest part."""
    return abs(reached - total) <= 1e-9 * max(1.0, abs(total), *(abs(part) for part in parts))


def waterfall(chart: Waterfall, *, width: float = 896) -> Markup:
    """Bars side by side, for a wide page."""
    count = len(chart.steps) + 1
    pitch = width / count
    bar = min(96.0, pitch * 0.64)
    bottom = 190.0
    scale = _scale(chart, bottom, 22.0)
    if scale.low < 0:  # figures of bars below zero stand below them
        scale = _scale(chart, bottom - 18, 22.0)
    pieces: list[Markup] = [line(0, scale(0), width, scale(0), "axis")]
    level = 0.0
    for i, step in enumerate(chart.steps):
        left = pitch * i + (pitch - bar) / 2
        end = level + step.change
        pieces.append(_upright(scale, left, bar, level, end, step.colour))
        pieces.append(_figure(scale, (level, end), left + bar / 2, step.written))
        pieces.append(line(left + bar, scale(end), left + pitch, scale(end), "join"))
        pieces += _names(step.label, left + bar / 2, bottom + 16, pitch - 10)
        level = end
    left = pitch * (count - 1) + (pitch - bar) / 2
    pieces.append(_upright(scale, left, bar, 0.0, chart.total.value, tone_of(chart.total)))
    pieces += _whisker(scale, left + bar / 2, chart.total)
    reach = (0.0, chart.total.value, chart.total.low, chart.total.high)
    pieces.append(_figure(scale, reach, left + bar / 2, chart.total_written))
    pieces += _names(chart.total_label, left + bar / 2, bottom + 16, pitch - 10)
    lines = max(len(wrap(step.label, pitch - 10)) for step in chart.steps)
    return drawing(width, bottom + 10 + 14 * lines, chart.title, pieces, kind="wide")


def waterfall_rows(chart: Waterfall, *, width: float = 340) -> Markup:
    """The same bars one below the other, for a phone."""
    scale = _scale(chart, 4.0, width - 4.0)
    pieces: list[Markup] = []
    level, y = 0.0, 14.0
    rows = [(step.label, step.written, step.change, step.colour) for step in chart.steps]
    for label, written, change, colour in rows:
        pieces += _row(scale, label, written, y, width)
        pieces.append(_lying(scale, y + 6, level, level + change, colour))
        level += change
        y += 44
    pieces += _row(scale, chart.total_label, chart.total_written, y, width)
    pieces.append(_lying(scale, y + 6, 0.0, chart.total.value, tone_of(chart.total)))
    low, high, middle = scale(chart.total.low), scale(chart.total.high), y + 14
    pieces.append(line(low, middle, high, middle, "ci"))
    pieces += [line(x, middle - 5, x, middle + 5, "ci") for x in (low, high)]
    return drawing(width, y + 28, chart.title, pieces, kind="narrow")


def _scale(chart: Waterfall, start: float, end: float) -> Scale:
    levels = [*accumulate((step.change for step in chart.steps), initial=0.0)]
    levels += [chart.total.low, chart.total.high, chart.total.value]
    low, high = padded(levels, share=0.0)
    return Scale(low, high, start, end)


def _upright(scale: Scale, left: float, bar: float, start: float, end: float, colour: str) -> Markup:
    top, bottom = sorted((scale(start), scale(end)))
    return element("rect", class_=colour, x=left, y=top, width=bar, height=max(bottom - top, 1.5), rx=2)


def _lying(scale: Scale, y: float, start: float, end: float, colour: str) -> Markup:
    left, right = sorted((scale(start), scale(end)))
    return element("rect", class_=colour, x=left, y=y, width=max(right - left, 1.5), height=16, rx=2)


def _row(scale: Scale, label: str, written: str, y: float, width: float) -> list[Markup]:
    return [
        line(scale(0), y + 3, scale(0), y + 25, "axis"),
        text(0, y, label),
        text(width, y, written, kind="val", anchor="end"),
    ]


def _whisker(scale: Scale, x: float, estimate: Estimate) -> list[Markup]:
    low, high = scale(estimate.low), scale(estimate.high)
    caps = [line(x - 7, y, x + 7, y, "ci") for y in (low, high)]
    return [line(x, low, x, high, "ci"), *caps]


def _figure(scale: Scale, reach: Sequence[float], x: float, written: str) -> Markup:
    """Above what the bar and its whisker reach; below where all of it lies below zero."""
    below = max(reach) <= 0 and min(reach) < 0
    y = scale(min(reach)) + 15 if below else scale(max(reach)) - 7
    return text(x, y, written, kind="val halo", anchor="middle")


def _names(label: str, x: float, y: float, width: float) -> list[Markup]:
    return [text(x, y + 14 * i, words, anchor="middle") for i, words in enumerate(wrap(label, width))]
