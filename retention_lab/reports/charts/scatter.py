"""A scatter of customers on two axes, in few colours, with the centres of their groups named."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.reports.charts.labels import Box, Taken
from retention_lab.reports.charts.svg import Scale, drawing, element, padded, text

_HEIGHT = 380.0
_EDGE = 8.0
_BELOW = 26.0
COLOURS = 8


@dataclass(frozen=True, slots=True)
class Group:
    """name: of the centre. points: (x, y) of some of its customers. centre: (x, y)."""

    name: str
    points: Sequence[tuple[float, float]]
    centre: tuple[float, float]


def scatter(
    title: str, groups: Sequence[Group], axis: tuple[str, str], *, width: float = 896, kind: str = "wide"
) -> Markup:
    """Points are small and pale, centres large and named; the axes have no figures, for they have no unit.

    Groups beyond the eighth share its colour: names tell them apart.
    Raises LabError without a group.
    """
    if not groups:
        raise LabError("A scatter was asked for without any group.", "Leave it out.")
    every = [point for group in groups for point in (*group.points, group.centre)]
    x = Scale(*padded([p[0] for p in every], zero=False), _EDGE, width - _EDGE)
    y = Scale(*padded([p[1] for p in every], zero=False), _HEIGHT - _BELOW, _EDGE)
    frame = element(
        "rect",
        class_="frame",
        x=1,
        y=1,
        width=width - 2,
        height=_HEIGHT - _BELOW,
        rx=6,
    )
    pieces = [frame]
    for i, group in enumerate(groups):
        colour = f"spot s{min(i, COLOURS - 1)}"
        pieces += [element("circle", class_=colour, cx=x(a), cy=y(b), r=2.2) for a, b in group.points]
    taken = Taken(Box(0, 0, width, _HEIGHT - _BELOW))
    for group in groups:
        taken.add_dot(x(group.centre[0]), y(group.centre[1]))
    for i, group in enumerate(groups):
        at = (x(group.centre[0]), y(group.centre[1]))
        pieces.append(element("circle", class_=f"middle s{min(i, COLOURS - 1)}", cx=at[0], cy=at[1], r=7))
        pieces.append(taken.place([at], group.name, "note"))
    pieces.append(text(width / 2, _HEIGHT - 8, f"{axis[0]} →   {axis[1]} ↑", anchor="middle"))
    return drawing(width, _HEIGHT, title, pieces, kind=kind)
