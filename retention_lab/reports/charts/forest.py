"""Forest rows: one small picture a row, all on one scale, so that a table can hold them."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from retention_lab.estimate import Estimate
from retention_lab.reports.charts.axes import tick_labels
from retention_lab.reports.charts.svg import Scale, element, line, padded
from retention_lab.reports.numbers import Unit, tone_of

WIDTH = 320.0
_EDGE = 14.0


@dataclass(frozen=True, slots=True)
class Forest:
    """The axis above the rows, and one whisker picture a row."""

    axis: Markup
    rows: tuple[Markup, ...]


def forest(estimates: Sequence[Estimate], unit: Unit, *, null: float = 0.0) -> Forest:
    """Whiskers on one scale that holds every interval and the null."""
    edges = [edge for e in estimates for edge in (e.low, e.high, e.value)]
    low, high = padded([*edges, null], zero=null == 0.0)
    scale = Scale(low, high, _EDGE, WIDTH - _EDGE)
    return Forest(
        _svg(tick_labels(scale, unit, WIDTH, 13.0), 18), tuple(_row(scale, e, null) for e in estimates)
    )


def _row(scale: Scale, estimate: Estimate, null: float) -> Markup:
    tone = tone_of(Estimate(0.0, 0.0, estimate.low - null, estimate.high - null))
    low, high = scale(estimate.low), scale(estimate.high)
    pieces = [
        line(scale(null), 0, scale(null), 24, "zero"),
        line(low, 12, high, 12, f"ci {tone}"),
        *(line(x, 8, x, 16, f"ci {tone}") for x in (low, high)),
        element("circle", class_=tone, cx=scale(estimate.value), cy=12, r=5),
    ]
    return _svg(pieces, 24)


def _svg(pieces: Sequence[Markup], height: int) -> Markup:
    return element("svg", Markup("").join(pieces), viewBox=f"0 0 {WIDTH:.0f} {height}", aria_hidden="true")
