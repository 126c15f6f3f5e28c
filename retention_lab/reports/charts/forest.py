"""Forest rows: one small picture a row, all on one scale, so that a table can hold them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from retention_lab.estimate import Estimate
from retention_lab.reports.charts.axes import tick_labels
from retention_lab.reports.charts.svg import Scale, element, line, padded
from retention_lab.reports.numbers import Tone, Unit, tone_of

WIDTH = 320.0
_EDGE = 14.0
_WIDEST = 3.0  # times the middle row's reach, beyond which a row would press all others together


@dataclass(frozen=True, slots=True)
class Whisker:
    """One row's value and interval; low or high None: that side is open. mark: a limit to be seen beside
    it."""

    value: float
    low: float | None
    high: float | None
    tone: Tone
    mark: float | None = None


@dataclass(frozen=True, slots=True)
class Forest:
    """The axis above the rows, and one whisker picture a row."""

    axis: Markup
    rows: tuple[Markup, ...]


def forest(estimates: Sequence[Estimate], unit: Unit, *, null: float | None = 0.0) -> Forest:
    """Whiskers on one scale that holds every interval and the null; None: levels, which no number divides
    into gains and losses."""
    tones: list[Tone] = ["unsure" if null is None else tone_of(one, null) for one in estimates]
    rows = [Whisker(e.value, e.low, e.high, tone) for e, tone in zip(estimates, tones, strict=True)]
    edges = [edge for row in rows for edge in _edges(row)]
    low, high = padded(edges if null is None else [*edges, null], zero=null == 0.0)
    return _drawn(rows, unit, Scale(low, high, _EDGE, WIDTH - _EDGE), null)


def whiskers(rows: Sequence[Whisker], unit: Unit) -> Forest:
    """Rows about 0 of which some may reach much further than others: those end in arrows at the frame."""
    reach = [max(abs(edge) for edge in _edges(row)) for row in rows]
    most = _WIDEST * median(reach)
    edges = [min(max(edge, -most), most) for row in rows for edge in _edges(row)]
    low, high = padded(edges)
    return _drawn(rows, unit, Scale(low, high, _EDGE, WIDTH - _EDGE), 0.0)


def _edges(row: Whisker) -> list[float]:
    return [edge for edge in (row.low, row.high, row.value, row.mark) if edge is not None]


def _drawn(rows: Sequence[Whisker], unit: Unit, scale: Scale, null: float | None) -> Forest:
    axis = _svg(tick_labels(scale, unit, WIDTH, 13.0), 18)
    return Forest(axis, tuple(_row(scale, row, null) for row in rows))


def _row(scale: Scale, row: Whisker, null: float | None) -> Markup:
    ends = [
        (scale.low if row.low is None else row.low, -1.0),
        (scale.high if row.high is None else row.high, 1.0),
    ]
    places = [scale(min(max(end, scale.low), scale.high)) for end, _ in ends]
    kind = f"ci {row.tone}"
    pieces = [] if null is None else [line(scale(null), 0, scale(null), 24, "zero")]
    pieces.append(line(places[0], 12, places[1], 12, kind))
    if row.mark is not None and scale.low <= row.mark <= scale.high:
        pieces.append(line(scale(row.mark), 2, scale(row.mark), 22, "margin"))
    for place, (end, side), known in zip(places, ends, (row.low, row.high), strict=True):
        inside = known is not None and scale.low <= end <= scale.high
        pieces += [line(place, 8, place, 16, kind)] if inside else _arrow(place, side, kind)
    middle = scale(min(max(row.value, scale.low), scale.high))
    pieces.append(element("circle", class_=row.tone, cx=middle, cy=12, r=5))
    return _svg(pieces, 24)


def _arrow(place: float, side: float, kind: str) -> list[Markup]:
    return [line(place, 12, place - 6 * side, y, kind) for y in (7, 17)]


def _svg(pieces: Sequence[Markup], height: int) -> Markup:
    return element("svg", Markup("").join(pieces), viewBox=f"0 0 {WIDTH:.0f} {height}", aria_hidden="true")
