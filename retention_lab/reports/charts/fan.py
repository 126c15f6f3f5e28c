"""What was sold, and what is expected: a line that goes on as a forecast inside a band that widens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.reports.charts.day_axis import DayPoint, day_axes
from retention_lab.reports.charts.labels import Taken
from retention_lab.reports.charts.svg import drawing, element
from retention_lab.reports.numbers import Unit

_HEIGHT = 260.0


@dataclass(frozen=True, slots=True)
class Fan:
    """days: (k + h,) of periods, ascending; history: (k,); forecast, low, high: (h,); without: (h,) dashed,
    or empty. Labels: of the lines, in that order."""

    title: str
    days: tuple[date, ...]
    history: tuple[float, ...]
    forecast: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    without: tuple[float, ...]
    labels: tuple[str, str, str]

    def __post_init__(self) -> None:
        lengths = {len(self.forecast), len(self.low), len(self.high), len(self.without) or len(self.forecast)}
        if len(self.history) < 2 or not self.forecast or len(lengths) > 1:
            raise LabError("A fan needs two past periods and a forecast.", "Leave the chart out.")
        if len(self.days) != len(self.history) + len(self.forecast):
            raise LabError("A fan needs a day for each period.", "Give one each.")


def fan(chart: Fan, unit: Unit, *, width: float = 960, kind: str = "wide") -> Markup:
    """Grey what was sold, blue what is expected with its band, dashed what would be without campaigns."""
    values = [*chart.history, *chart.forecast]
    points = [DayPoint(day, v, None, None, "unsure") for day, v in zip(chart.days, values, strict=True)]
    frame = day_axes(points, [*values, *chart.low, *chart.high, *chart.without], unit, (width, _HEIGHT))
    past = len(chart.history)

    def path(days: Sequence[date], heights: Sequence[float]) -> list[tuple[float, float]]:
        return [(frame.x(day.toordinal()), frame.y(v)) for day, v in zip(days, heights, strict=True)]

    ahead = chart.days[past:]
    # from the last value that was seen, so that the line does not break
    joined, last = chart.days[past - 1 :], chart.history[-1]
    lines = {
        "line unsure": path(chart.days[:past], chart.history),
        "line model": path(joined, (last, *chart.forecast)),
    }
    if chart.without:
        lines["rand"] = path(joined, (last, *chart.without))
    band = [*path(ahead, chart.high), *reversed(path(ahead, chart.low))]
    pieces = [*frame.pieces, element("polygon", class_="band model", points=_written(band))]
    taken = Taken(frame.frame)
    for name, line in lines.items():
        taken.add_line(line)
        pieces.append(element("polyline", class_=name, points=_written(line)))
    for line, label in zip(lines.values(), chart.labels, strict=False):
        pieces.append(taken.place(line[:: max(1, len(line) // 12)], label, "lab halo"))
    return drawing(width, _HEIGHT, chart.title, pieces, kind=kind)


def _written(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
