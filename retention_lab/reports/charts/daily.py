"""An effect day by day, each by its own units: a whisker a day."""

from collections.abc import Sequence
from statistics import median

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.reports.charts.axes import Axes
from retention_lab.reports.charts.day_axis import DayPoint, day_axes, within
from retention_lab.reports.charts.svg import drawing, element, line
from retention_lab.reports.numbers import Unit

_HEIGHT = 230.0
_WIDEST = 4.0  # times the middle day's reach: the whiskers of days with few units may leave the frame


def daily(
    title: str,
    points: Sequence[DayPoint],
    unit: Unit,
    overall: float,
    *,
    width: float = 540,
    kind: str = "wide",
) -> Markup:
    """Whiskers over days; overall: the effect of all units together, dashed.

    Raises LabError where there are fewer than two points.
    """
    if len(points) < 2:
        raise LabError(f"Days are compared where there are two or more, not {len(points)}.", "Leave it out.")
    reach = [[abs(edge) for edge in (p.low, p.high, p.value) if edge is not None] for p in points]
    most = _WIDEST * median(map(max, reach))
    edges = [edge for p in points for edge in (p.low, p.high) if edge is not None and abs(edge) <= most]
    frame = day_axes(points, [*edges, *(p.value for p in points), overall], unit, (width, _HEIGHT))
    y = frame.y(overall)
    pieces = [*frame.pieces, line(frame.x.start, y, frame.x.end, y, "rand")]
    for point in points:
        pieces += _whisker(point, frame)
    return drawing(width, _HEIGHT, title, pieces, kind=kind)


def _whisker(point: DayPoint, frame: Axes) -> list[Markup]:
    x = frame.x(point.day.toordinal())
    low, high = (
        within(frame.y, edge if edge is not None else beyond)
        for edge, beyond in ((point.low, frame.y.low), (point.high, frame.y.high))
    )
    return [
        line(x, low, x, high, f"ci {point.tone}"),
        element("circle", class_=point.tone, cx=x, cy=frame.y(point.value), r=3.5),
    ]
