"""A curve with its band: what another budget would earn, what the ranking gains."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.reports.charts.svg import (
    Box,
    Scale,
    drawing,
    element,
    line,
    padded,
    text,
    text_box,
    text_width,
    ticks,
)
from retention_lab.reports.numbers import Unit, tone_of


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on the curve that is named: where the campaign stood, or the best."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, estimate) in ascending x; `straight` is the comparison, drawn dashed under its label."""

    title: str
    points: tuple[tuple[float, Estimate], ...]
    x_unit: Unit
    y_unit: Unit
    marks: tuple[Mark, ...] = ()
    straight: tuple[tuple[float, float], ...] = ()
    straight_label: str = ""

    def __post_init__(self) -> None:
        xs = [x for x, _ in self.points]
        if len(xs) < 2 or any(b <= a for a, b in pairwise(xs)):
            raise LabError(
                f"A curve needs two points or more in ascending order; {len(xs)} were given.",
                "Sort the points, and leave the curve out where there is only one.",
            )


def curve(chart: Curve, *, width: float = 540, kind: str = "wide") -> Markup:
    """Line and band; grey where the whole stretch touches zero, blue (the model) elsewhere."""
    height = 250.0
    y_low, y_high = padded(
        [
            *(edge for _, e in chart.points for edge in (e.low, e.high)),
            *(y for _, y in chart.straight),
        ]
    )
    words = {y: chart.y_unit.compact(y) for y in ticks(y_low, y_high)}
    left = max(text_width(word) for word in words.values()) + 10
    xs = [x for x, _ in chart.points] + [x for x, _ in chart.straight]
    x_scale = Scale(min(xs), max(xs), left, width - 16)
    y_scale = Scale(y_low, y_high, height - 30, 8)
    frame = Box(left, 6, width - 2, height - 28)
    pieces = _axes(x_scale, y_scale, words, chart.x_unit, width, height)
    for stretch, tone in _stretches(chart.points):
        pieces += _stretch(stretch, tone, x_scale, y_scale)
    if chart.straight:
        pieces.append(_polyline([(x_scale(x), y_scale(y)) for x, y in chart.straight], "rand"))
    pieces += _marks(chart, x_scale, y_scale, frame)
    return drawing(width, height, chart.title, pieces, kind=kind)


def at(points: Sequence[tuple[float, Estimate]], x: float) -> float:
    """Height of the curve at x, straight between points, flat beyond them."""
    if x <= points[0][0]:
        return points[0][1].value
    for (x0, e0), (x1, e1) in pairwise(points):
        if x <= x1:
            return e0.value + (e1.value - e0.value) * (x - x0) / (x1 - x0)
    return points[-1][1].value


def _axes(
    x_scale: Scale, y_scale: Scale, words: dict[float, str], unit: Unit, width: float, height: float
) -> list[Markup]:
    pieces = []
    for y, word in words.items():
        pieces.append(line(x_scale.start, y_scale(y), width - 16, y_scale(y), "axis" if y == 0 else "grid"))
        pieces.append(text(x_scale.start - 8, y_scale(y) + 4, word, anchor="end"))
    reached = -1.0
    for x in ticks(x_scale.low, x_scale.high):
        word = unit.compact(x)
        half = text_width(word) / 2
        place = min(max(x_scale(x), half), width - half)
        if place - half > reached:
            pieces.append(text(place, height - 8, word, anchor="middle"))
            reached = place + half + 10
    return pieces


def _stretches(points: Sequence[tuple[float, Estimate]]) -> list[tuple[list[tuple[float, Estimate]], str]]:
    stretches: list[tuple[list[tuple[float, Estimate]], str]] = []
    for first, second in pairwise(points):
        both = tone_of(first[1]) == tone_of(second[1]) == "unsure"
        tone = "unsure" if both else "model"
        if stretches and stretches[-1][1] == tone:
            stretches[-1][0].append(second)
        else:
            stretches.append(([first, second], tone))
    return stretches


def _stretch(
    points: Sequence[tuple[float, Estimate]], tone: str, x_scale: Scale, y_scale: Scale
) -> list[Markup]:
    upper = [(x_scale(x), y_scale(e.high)) for x, e in points]
    lower = [(x_scale(x), y_scale(e.low)) for x, e in reversed(points)]
    band = element("polygon", class_=f"band {tone}", points=_path([*upper, *lower]))
    return [band, _polyline([(x_scale(x), y_scale(e.value)) for x, e in points], f"line {tone}")]


def _polyline(points: Sequence[tuple[float, float]], kind: str) -> Markup:
    return element("polyline", class_=kind, points=_path(points))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _marks(chart: Curve, x_scale: Scale, y_scale: Scale, frame: Box) -> list[Markup]:
    pieces: list[Markup] = []
    dots = [(x_scale(mark.x), y_scale(at(chart.points, mark.x))) for mark in chart.marks]
    taken = [Box(x - 7, y - 7, x + 7, y + 7) for x, y in dots]
    path = [(x_scale(x), y_scale(e.value)) for x, e in chart.points]
    taken += _samples(path)
    comparison = [(x_scale(x), y_scale(y)) for x, y in chart.straight]
    taken += _samples(comparison)
    taken += _samples([(frame.left, y_scale(0.0)), (frame.right, y_scale(0.0))])
    for (x, y), mark in zip(dots, chart.marks, strict=True):
        pieces.append(element("circle", class_="dot", cx=x, cy=y, r=5))
        pieces.append(_placed([(x, y)], mark.label, "note", taken, frame))
    if comparison and chart.straight_label:
        (x0, y0), (x1, y1) = comparison[0], comparison[-1]
        anchors = [(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t) for t in (0.75, 0.6, 0.45, 0.9, 0.3)]
        pieces.append(_placed(anchors, chart.straight_label, "lab halo", taken, frame))
    return pieces


def _samples(path: Sequence[tuple[float, float]]) -> list[Box]:
    """Small boxes along a line, so that labels keep off it."""
    boxes = []
    for (x0, y0), (x1, y1) in pairwise(path):
        parts = max(1, int(max(abs(x1 - x0), abs(y1 - y0)) / 6))
        for k in range(parts + 1):
            x, y = x0 + (x1 - x0) * k / parts, y0 + (y1 - y0) * k / parts
            boxes.append(Box(x - 1, y - 1, x + 1, y + 1))
    return boxes


def _placed(
    anchors: Sequence[tuple[float, float]], words: str, kind: str, taken: list[Box], frame: Box
) -> Markup:
    """The label at the first free place near one of its points; the nearest in the frame where none is free."""
    half = text_width(words) / 2
    places = []
    for dy in (22, -14, 38, -30, 54, -46, 70, -62, 86):
        for x, y in anchors:
            for dx in (0, 60, -60):
                middle = min(max(x + dx, frame.left + half + 4), frame.right - half - 4)
                places.append((middle, y + dy, text_box(middle, y + dy, words, "middle")))
    inside = [place for place in places if place[2].inside(frame)] or places
    free = [place for place in inside if not any(place[2].meets(other) for other in taken)]
    middle, baseline, box = (free or inside)[0]
    taken.append(box)
    return text(middle, baseline, words, kind=kind, anchor="middle")
