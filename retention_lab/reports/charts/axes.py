"""The frame that curves and plots of points share: two scales, quiet lines, figures that never overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from retention_lab.reports.charts.labels import Box
from retention_lab.reports.charts.svg import Scale, line, padded, text, text_width, ticks
from retention_lab.reports.numbers import Unit

_RIGHT = 16.0
_BELOW = 30.0


@dataclass(frozen=True, slots=True)
class Axes:
    """Scales for data, the pieces already drawn, and the frame in which labels may lie."""

    x: Scale
    y: Scale
    pieces: tuple[Markup, ...]
    frame: Box


def axes(
    x_range: tuple[float, float], ys: Sequence[float], units: tuple[Unit, Unit], size: tuple[float, float]
) -> Axes:
    """Axes over an x range as given and all ys and zero; units and size are (x, y) and (width, height)."""
    width, height = size
    low, high = padded(ys)
    written = {y: units[1].compact(y) for y in ticks(low, high)}
    left = max(text_width(words) for words in written.values()) + 10
    x = Scale(*x_range, left, width - _RIGHT)
    y = Scale(low, high, height - _BELOW, 8.0)
    pieces = []
    for value, words in written.items():
        kind = "axis" if value == 0 else "grid"
        pieces.append(line(left, y(value), width - _RIGHT, y(value), kind))
        pieces.append(text(left - 8, y(value) + 4, words, anchor="end"))
    pieces += tick_labels(x, units[0], width, height - 8)
    return Axes(x, y, tuple(pieces), Box(left, 6, width - 2, height - _BELOW + 2))


def tick_labels(scale: Scale, unit: Unit, width: float, baseline: float) -> list[Markup]:
    """Round figures below a horizontal scale; one that would touch its neighbour is left out."""
    pieces = []
    reached = -1.0
    for value in ticks(scale.low, scale.high, 5):
        words = unit.compact(value)
        half = text_width(words) / 2
        place = min(max(scale(value), half), width - half)
        if place - half > reached:
            pieces.append(text(place, baseline, words, anchor="middle"))
            reached = place + half + 8
    return pieces
