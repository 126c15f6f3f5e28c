"""The path of an effect: what was known at each look, with its band, up to what is known now."""

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.reports.charts.axes import Axes
from retention_lab.reports.charts.day_axis import DayPoint, day_axes, within
from retention_lab.reports.charts.labels import Taken
from retention_lab.reports.charts.svg import drawing, element
from retention_lab.reports.numbers import Unit

_HEIGHT = 230.0
_EARLY = 3  # the first third of the looks knows little: its bands may leave the frame


def path(
    title: str, points: Sequence[DayPoint], unit: Unit, label: str, *, width: float = 540, kind: str = "wide"
) -> Markup:
    """Line and band by day; label: the last value, as written. Grey where the band touches zero.

    Raises LabError where there are fewer than two points.
    """
    if len(points) < 2:
        raise LabError(f"A path needs two looks or more; {len(points)} were given.", "Leave it out.")
    late = points[len(points) // _EARLY :]
    edges = [edge for point in late for edge in (point.low, point.high) if edge is not None]
    frame = day_axes(points, [*edges, *(point.value for point in points)], unit, (width, _HEIGHT))
    pieces = [*frame.pieces]
    for stretch, tone in _stretches(points):
        pieces += _stretch(stretch, tone, frame)
    line = [_at(point, point.value, frame) for point in points]
    taken = Taken(frame.frame)
    taken.add_line(line)
    taken.add_line([(frame.x.start, frame.y(0.0)), (frame.x.end, frame.y(0.0))])
    taken.add_dot(*line[-1])
    pieces.append(element("circle", class_=f"now {points[-1].tone}", cx=line[-1][0], cy=line[-1][1], r=5))
    pieces.append(taken.place([line[-1]], label, "note"))
    return drawing(width, _HEIGHT, title, pieces, kind=kind)


def _at(point: DayPoint, value: float, frame: Axes) -> tuple[float, float]:
    return frame.x(point.day.toordinal()), within(frame.y, value)


def _stretches(points: Sequence[DayPoint]) -> list[tuple[list[DayPoint], str]]:
    """Parts with one tone; a part between two tones is grey."""
    found: list[tuple[list[DayPoint], str]] = []
    for first, second in pairwise(points):
        tone = first.tone if first.tone == second.tone else "unsure"
        if found and found[-1][1] == tone:
            found[-1][0].append(second)
        else:
            found.append(([first, second], tone))
    return found


def _stretch(points: Sequence[DayPoint], tone: str, frame: Axes) -> list[Markup]:
    upper = [_at(p, frame.y.high if p.high is None else p.high, frame) for p in points]
    lower = [_at(p, frame.y.low if p.low is None else p.low, frame) for p in reversed(points)]
    line = [_at(p, p.value, frame) for p in points]
    return [
        element("polygon", class_=f"band {tone}", points=_written([*upper, *lower])),
        element("polyline", class_=f"line {tone}", points=_written(line)),
    ]


def _written(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
