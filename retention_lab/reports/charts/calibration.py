"""Calibration: predicted against measured effect by group, with whiskers; on the diagonal they agree."""

from collections.abc import Sequence

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.reports.charts.axes import axes
from retention_lab.reports.charts.labels import Taken
from retention_lab.reports.charts.svg import drawing, element, line, padded
from retention_lab.reports.numbers import Unit, tone_of

_HEIGHT = 280.0


def calibration(
    title: str,
    groups: Sequence[tuple[float, Estimate]],
    unit: Unit,
    diagonal_label: str,
    *,
    width: float = 540,
    kind: str = "wide",
) -> Markup:
    """Groups as (predicted, measured); each axis has its own range, for measured ones scatter more.

    Raises LabError where there is no group.
    """
    if not groups:
        raise LabError("A calibration plot was asked for without any group.", "Leave it out.")
    predicted = [p for p, _ in groups]
    ys = [*predicted, *(edge for _, e in groups for edge in (e.low, e.high))]
    frame = axes(padded(predicted), ys, (unit, unit), (width, _HEIGHT))
    ends = [max(frame.x.low, frame.y.low), min(frame.x.high, frame.y.high)]
    diagonal = [(frame.x(end), frame.y(end)) for end in ends]
    taken = Taken(frame.frame)
    taken.add_line(diagonal)
    pieces = [*frame.pieces, line(*diagonal[0], *diagonal[1], "rand")]
    for value, measured in groups:
        x = frame.x(value)
        pieces += _group(x, frame.y(measured.value), frame.y(measured.low), frame.y(measured.high), measured)
        taken.add_line([(x - 4, frame.y(measured.low)), (x - 4, frame.y(measured.high))])
        taken.add_line([(x + 4, frame.y(measured.low)), (x + 4, frame.y(measured.high))])
    (x0, y0), (x1, y1) = diagonal
    along = [(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share) for share in (0.9, 0.75, 0.6, 0.45, 0.3, 0.15)]
    pieces.append(taken.place(along, diagonal_label, "lab halo"))
    return drawing(width, _HEIGHT, title, pieces, kind=kind)


def _group(x: float, y: float, low: float, high: float, measured: Estimate) -> list[Markup]:
    tone = tone_of(measured)
    return [
        line(x, low, x, high, f"ci {tone}"),
        *(line(x - 4, end, x + 4, end, f"ci {tone}") for end in (low, high)),
        element("circle", class_=tone, cx=x, cy=y, r=5),
    ]
