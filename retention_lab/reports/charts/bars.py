"""Bars in the rows of a table, all on one scale from zero: sizes that have no interval."""

from collections.abc import Sequence

from markupsafe import Markup

from retention_lab.reports.charts.forest import WIDTH
from retention_lab.reports.charts.svg import element


def bars(sizes: Sequence[float]) -> tuple[Markup, ...]:
    """One small picture a row; the largest size fills its width.

    Sizes are not negative; where all are 0, no bar is drawn.
    """
    largest = max(sizes, default=0.0)
    found = []
    for size in sizes:
        width = WIDTH * size / largest if largest > 0 else 0.0
        bar = element("rect", class_="bar", x=0, y=7, width=width, height=10, rx=2)
        found.append(element("svg", bar, viewBox=f"0 0 {WIDTH:.0f} 24", aria_hidden="true"))
    return tuple(found)
