"""What was made and what was expected, by period: before the line a model's fit, after it its forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.reports.charts.day_axis import DayPoint, day_axes
from retention_lab.reports.charts.labels import Taken
from retention_lab.reports.charts.svg import drawing, element, line
from retention_lab.reports.numbers import Unit

_HEIGHT = 260.0


@dataclass(frozen=True, slots=True)
class Tracked:
    """days: (k,) ends of periods, ascending; made, expected: (k,); boundary: from where on it is forecast."""

    title: str
    days: tuple[date, ...]
    made: tuple[float, ...]
    expected: tuple[float, ...]
    boundary: date
    made_label: str
    expected_label: str

    def __post_init__(self) -> None:
        if len(self.days) < 2 or not len(self.days) == len(self.made) == len(self.expected):
            raise LabError(f"{len(self.days)} periods make no course of purchases.", "Leave the chart out.")


def tracked(chart: Tracked, unit: Unit, *, width: float = 960, kind: str = "wide") -> Markup:
    """Two lines over days: grey what was made, blue what was expected, dashed where the forecast begins."""
    points = [
        DayPoint(day, value, None, None, "unsure") for day, value in zip(chart.days, chart.made, strict=True)
    ]
    frame = day_axes(points, [*chart.made, *chart.expected], unit, (width, _HEIGHT))
    at = frame.x(chart.boundary.toordinal())
    pieces = [*frame.pieces, line(at, frame.y.start, at, frame.y.end, "rand")]
    taken = Taken(frame.frame)
    taken.add_line([(at, frame.y.start), (at, frame.y.end)])
    paths = {}
    for name, values in (("unsure", chart.made), ("model", chart.expected)):
        path = [(frame.x(d.toordinal()), frame.y(v)) for d, v in zip(chart.days, values, strict=True)]
        paths[name] = path
        taken.add_line(path)
        pieces.append(element("polyline", class_=f"line {name}", points=_path(path)))
    for name, label in (("unsure", chart.made_label), ("model", chart.expected_label)):
        pieces.append(taken.place(paths[name][:: max(1, len(paths[name]) // 12)], label, "lab halo"))
    return drawing(width, _HEIGHT, chart.title, pieces, kind=kind)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
