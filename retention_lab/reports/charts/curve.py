"""A curve with its band: what another budget would earn, what the ranking gains."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.reports.charts.axes import Axes, axes
from retention_lab.reports.charts.labels import Taken
from retention_lab.reports.charts.svg import Scale, drawing, element
from retention_lab.reports.numbers import Unit, tone_of

_HEIGHT = 250.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on the curve that is named: where the campaign stood, or the best."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, estimate) in ascending x; `straight` is the comparison, drawn dashed beside its label."""

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
    xs = [*(x for x, _ in chart.points), *(x for x, _ in chart.straight), *(m.x for m in chart.marks)]
    ys = [edge for _, e in chart.points for edge in (e.low, e.high)] + [y for _, y in chart.straight]
    frame = axes((min(xs), max(xs)), ys, (chart.x_unit, chart.y_unit), (width, _HEIGHT))
    pieces = [*frame.pieces]
    for points, tone in _stretches(chart.points):
        pieces += _stretch(points, tone, frame.x, frame.y)
    pieces += _named(chart, frame)
    return drawing(width, _HEIGHT, chart.title, pieces, kind=kind)


def at(points: Sequence[tuple[float, Estimate]], x: float) -> float:
    """Height of the curve at x, straight between points, flat beyond them."""
    if x <= points[0][0]:
        return points[0][1].value
    for (x0, e0), (x1, e1) in pairwise(points):
        if x <= x1:
            return e0.value + (e1.value - e0.value) * (x - x0) / (x1 - x0)
    return points[-1][1].value


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


def _stretch(points: Sequence[tuple[float, Estimate]], tone: str, x: Scale, y: Scale) -> list[Markup]:
    upper = [(x(at_x), y(e.high)) for at_x, e in points]
    lower = [(x(at_x), y(e.low)) for at_x, e in reversed(points)]
    band = element("polygon", class_=f"band {tone}", points=_path([*upper, *lower]))
    return [band, _polyline([(x(at_x), y(e.value)) for at_x, e in points], f"line {tone}")]


def _named(chart: Curve, frame: Axes) -> list[Markup]:
    """The comparison, the marked points, and their labels where nothing else is."""
    taken = Taken(frame.frame)
    dots = [(frame.x(mark.x), frame.y(at(chart.points, mark.x))) for mark in chart.marks]
    for x, y in dots:
        taken.add_dot(x, y)
    taken.add_line([(frame.x(x), frame.y(e.value)) for x, e in chart.points])
    straight = [(frame.x(x), frame.y(y)) for x, y in chart.straight]
    taken.add_line(straight)
    taken.add_line([(frame.x.start, frame.y(0.0)), (frame.x.end, frame.y(0.0))])
    pieces = [_polyline(straight, "rand")] if straight else []
    for (x, y), mark in zip(dots, chart.marks, strict=True):
        pieces.append(element("circle", class_="dot", cx=x, cy=y, r=5))
        pieces.append(taken.place([(x, y)], mark.label, "note"))
    if straight and chart.straight_label:
        (x0, y0), (x1, y1) = straight[0], straight[-1]
        along = [(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share) for share in (0.75, 0.6, 0.45, 0.9, 0.3)]
        pieces.append(taken.place(along, chart.straight_label, "lab halo"))
    return pieces


def _polyline(points: Sequence[tuple[float, float]], kind: str) -> Markup:
    return element("polyline", class_=kind, points=_path(points))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
