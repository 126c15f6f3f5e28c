"""A grid of shares, the fuller the more: columns and rows are numbers of customers' histories."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.reports.charts.svg import drawing, element, text
from retention_lab.reports.numbers import Unit

_CELL, _LEFT, _BELOW = 34.0, 64.0, 44.0


@dataclass(frozen=True, slots=True)
class Grid:
    """shares: rows of columns, 0 to 1, None where there can be no such customer; the first row is lowest."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    shares: tuple[tuple[float | None, ...], ...]
    across: str
    up: str

    def __post_init__(self) -> None:
        if not self.rows or any(len(row) != len(self.columns) for row in self.shares):
            raise LabError("A grid needs a share in every column of every row.", "Leave the grid out.")


def grid(chart: Grid, unit: Unit, *, width: float = 540, kind: str = "wide") -> Markup:
    """Cells with their figures; words below say what goes across, words above what goes up."""
    wide = (width - _LEFT) / len(chart.columns)
    height = _CELL * len(chart.rows) + _BELOW + 18
    pieces = [text(0, 12, chart.up)]
    for place, (name, shares) in enumerate(zip(chart.rows, chart.shares, strict=True)):
        top = 18 + _CELL * (len(chart.rows) - 1 - place)
        pieces.append(text(_LEFT - 8, top + _CELL / 2 + 4, name, anchor="end"))
        pieces += _cells(shares, top, wide, unit)
    below = 18 + _CELL * len(chart.rows)
    for place, name in enumerate(chart.columns):
        pieces.append(text(_LEFT + wide * (place + 0.5), below + 16, name, anchor="middle"))
    pieces.append(text(_LEFT + (width - _LEFT) / 2, below + 36, chart.across, anchor="middle"))
    return drawing(width, height, chart.title, pieces, kind=kind)


def _cells(shares: Sequence[float | None], top: float, wide: float, unit: Unit) -> list[Markup]:
    found = []
    for place, share in enumerate(shares):
        if share is None:
            continue
        left = _LEFT + wide * place
        found.append(
            element(
                "rect", class_="bar", x=left + 1, y=top + 1, width=wide - 2, height=_CELL - 2,
                fill_opacity=f"{0.06 + 0.5 * share:.2f}",
            )
        )  # fmt: skip
        words = unit.show(share, step=0.01)
        found.append(text(left + wide / 2, top + _CELL / 2 + 4, words, kind="val", anchor="middle"))
    return found
