"""Calibration: predicted against measured effect by group, with whiskers; on the diagonal they agree."""

from collections.abc import Sequence

from markupsafe import Markup

from retention_lab.estimate import Estimate
from retention_lab.reports.charts.svg import (
    Scale,
    drawing,
    element,
    line,
    padded,
    text,
    text_width,
    ticks,
)
from retention_lab.reports.numbers import Unit, tone_of


def calibration(
    title: str,
    groups: Sequence[tuple[float, Estimate]],
    unit: Unit,
    diagonal_label: str,
    *,
    width: float = 540,
    kind: str = "wide",
) -> Markup:
    """Groups as (predicted, measured); each axis has its own range: measured ones scatter more."""
    height = 280.0
    predicted = [p for p, _ in groups]
    x_low, x_high = padded(predicted)
    y_low, y_high = padded([*predicted, *(edge for _, e in groups for edge in (e.low, e.high))])
    words = {y: unit.compact(y) for y in ticks(y_low, y_high)}
    left = max(text_width(word) for word in words.values()) + 10
    x_scale = Scale(x_low, x_high, left, width - 16)
    y_scale = Scale(y_low, y_high, height - 30, 8)
    pieces: list[Markup] = []
    for y, word in words.items():
        pieces.append(line(left, y_scale(y), width - 16, y_scale(y), "axis" if y == 0 else "grid"))
        pieces.append(text(left - 8, y_scale(y) + 4, word, anchor="end"))
    pieces += _below(x_scale, unit, width, height)
    pieces.append(_diagonal(x_scale, y_scale))
    pieces += [piece for group in groups for piece in _group(group, x_scale, y_scale)]
    end = max(x_low, y_low), min(x_high, y_high)
    label_y = min(max(y_scale(end[1]) + 30, 20), height - 40)
    pieces.append(text(width - 18, label_y, diagonal_label, kind="lab halo", anchor="end"))
    return drawing(width, height, title, pieces, kind=kind)


def _below(x_scale: Scale, unit: Unit, width: float, height: float) -> list[Markup]:
    pieces = []
    reached = -1.0
    for x in ticks(x_scale.low, x_scale.high):
        word = unit.compact(x)
        half = text_width(word) / 2
        place = min(max(x_scale(x), half), width - half)
        if place - half > reached:
            pieces.append(text(place, height - 8, word, anchor="middle"))
            reached = place + half + 10
    return pieces


def _diagonal(x_scale: Scale, y_scale: Scale) -> Markup:
    low, high = max(x_scale.low, y_scale.low), min(x_scale.high, y_scale.high)
    return line(x_scale(low), y_scale(low), x_scale(high), y_scale(high), "rand")


def _group(group: tuple[float, Estimate], x_scale: Scale, y_scale: Scale) -> list[Markup]:
    predicted, measured = group
    x, tone = x_scale(predicted), tone_of(measured)
    low, high = y_scale(measured.low), y_scale(measured.high)
    return [
        line(x, low, x, high, f"ci {tone}"),
        *(line(x - 4, y, x + 4, y, f"ci {tone}") for y in (low, high)),
        element("circle", class_=tone, cx=x, cy=y_scale(measured.value), r=5),
    ]
