"""The frame that curves and plots of points share: two scales, quiet lines, figures that never overlap."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

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
    frame = upright(x_range, ys, units[1], size)
    width, height = size
    labels = tick_labels(frame.x, units[0], width, height - 8)
    return replace(frame, pieces=(*frame.pieces, *labels))


def upright(x_range: tuple[float, float], ys: Sequence[float], unit: Unit, size: tuple[float, float]) -> Axes:
    """The same without words below: quiet lines at round values of y, each beside its figure."""
    width, height = size
    low, high = padded(ys)
    written = {y: unit.compact(y) for y in ticks(low, high)}
    left = max(text_width(words) for words in written.values()) + 10
    x = Scale(*x_range, left, width - _RIGHT)
    y = Scale(low, high, height - _BELOW, 8.0)
    pieces = []
    for value, words in written.items():
        kind = "axis" if value == 0 else "grid"
        pieces.append(line(left, y(value), width - _RIGHT, y(value), kind))
        pieces.append(text(left - 8, y(value) + 4, words, anchor="end"))
    return Axes(x, y, tuple(pieces), Box(left, 6, width - 2, height - _BELOW + 2))


def tick_labels(scale: Scale, unit: Unit, width: float, baseline: float) -> list[Markup]:
    """Round figures at equal distances below a horizontal scale, as many as stand clear of each other."""
    for wanted in (5, 4, 3, 2, 1):
        placed = _placed(ticks(scale.low, scale.high, wanted), scale, unit, width)
        if all(a_end + 8 <= b_start for (_, _, a_end), (_, b_start, _) in pairwise(placed)):
            break
    return [text((start + end) / 2, baseline, words, anchor="middle") for words, start, end in placed]


def _placed(values: list[float], scale: Scale, unit: Unit, width: float) -> list[tuple[str, float, float]]:
    placed = []
    for value in values:
        words = unit.compact(value)
        half = text_width(words) / 2
        middle = min(max(scale(value), half), width - half)
        placed.append((words, middle - half, middle + half))
    return placed
