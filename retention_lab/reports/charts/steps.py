"""A funnel: one bar a step, its length the customers who took it, with their share of the step before."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.reports.charts.svg import drawing, element, line, text, text_width

_ROW = 46.0
_BAR = 24.0


@dataclass(frozen=True, slots=True)
class Step:
    """name: what was done. size: customers. written: the figure beside the bar.

    low, high: the interval of the size, where the share of the step before has one.
    """

    name: str
    size: float
    written: str
    low: float | None = None
    high: float | None = None


def steps_chart(title: str, steps: Sequence[Step], *, width: float = 896, kind: str = "wide") -> Markup:
    """Bars from the left on one scale; whiskers show how exactly the share is known.

    Raises LabError without a step, or where all are empty.
    """
    if not steps or max(step.size for step in steps) <= 0:
        raise LabError("A funnel was asked for in which nobody took a step.", "Leave it out.")
    names = max(text_width(step.name) for step in steps) + 12
    figures = max(text_width(step.written) for step in steps) + 16
    narrow = width < 500  # names stand above the bars there
    left = 0.0 if narrow else names
    longest = max(max(step.size, step.high or 0.0) for step in steps)
    scale = (width - left - figures) / longest
    row = _ROW + (14 if narrow else 0)
    pieces: list[Markup] = []
    for i, step in enumerate(steps):
        y = row * i + (20 if narrow else 8)
        middle = y + _BAR / 2
        long = step.size * scale
        pieces.append(
            text(0, y - 6, step.name) if narrow else text(left - 12, middle + 4, step.name, anchor="end")
        )
        pieces.append(element("rect", class_="bar", x=left, y=y, width=max(long, 1.0), height=_BAR, rx=2))
        end = left + long
        if step.low is not None and step.high is not None:
            low, high = left + step.low * scale, left + step.high * scale
            pieces.append(line(low, middle, high, middle, "ci"))
            pieces += [line(x, middle - 5, x, middle + 5, "ci") for x in (low, high)]
            end = max(end, high)
        pieces.append(text(end + 8, middle + 4, step.written, kind="val"))
    return drawing(width, row * len(steps), title, pieces, kind=kind)
