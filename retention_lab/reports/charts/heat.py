"""A heat map: a table whose cells are shaded by size, each with its number; small cells are hidden."""

from dataclasses import dataclass

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.reports.charts.svg import drawing, element, text, text_width, wrap

HIDDEN = "·"
DARKEST = 0.55  # of the fill: any darker and the number on it would be hard to read
_TOP = 22.0
_HEIGHT = 30.0
_LINE = 13.0


@dataclass(frozen=True, slots=True)
class Cell:
    """value: 0 to 1 of the darkest shade, None where there is nothing to shade.

    written: its number, "" for an empty place, `HIDDEN` for one that is not told.
    """

    value: float | None
    written: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """title: the question. columns, rows: names. cells: one tuple per row. below: what the columns are."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    below: str = ""


def heat_map(chart: HeatMap, *, width: float = 896, kind: str = "wide") -> Markup:
    """The drawing; long names of rows and columns are wrapped.

    Raises LabError where a row has another number of cells than there are columns, or a shade is no share.
    """
    _check(chart)
    left = min(max(text_width(name) for name in chart.rows) + 12, width * 0.3)
    each = (width - left) / len(chart.columns)
    heads = [wrap(name, each - 4) for name in chart.columns]
    # a word that is wider than its column leaves every other one a line higher
    crowded = any(text_width(words) > each - 4 for lines in heads for words in lines)
    top = _TOP + _LINE * (max(map(len, heads)) - 1 + crowded)
    pieces = [
        text(
            left + each * (i + 0.5),
            top - 8 - _LINE * (len(lines) - 1 - k + (crowded and i % 2)),
            words,
            anchor="middle",
        )
        for i, lines in enumerate(heads)
        for k, words in enumerate(lines)
    ]
    for j, (name, cells) in enumerate(zip(chart.rows, chart.cells, strict=True)):
        y = top + _HEIGHT * j
        lines = wrap(name, left - 10)
        middle = y + _HEIGHT / 2 + 4 - _LINE / 2 * (len(lines) - 1)
        pieces += [text(left - 10, middle + _LINE * k, words, anchor="end") for k, words in enumerate(lines)]
        for i, cell in enumerate(cells):
            pieces += _cell(cell, left + each * i, y, each)
    height = top + _HEIGHT * len(chart.rows)
    if chart.below:
        height += 22
        pieces.append(text(left + (width - left) / 2, height - 5, chart.below, anchor="middle"))
    return drawing(width, height, chart.title, pieces, kind=kind)


def _cell(cell: Cell, x: float, y: float, width: float) -> list[Markup]:
    if cell.written == "":
        return []
    shade = {} if cell.value is None else {"fill_opacity": f"{DARKEST * cell.value:.3f}"}
    box = element(
        "rect",
        class_="blank" if cell.value is None else "heat",
        x=x + 1,
        y=y + 1,
        width=width - 2,
        height=_HEIGHT - 2,
        rx=3,
        **shade,
    )
    number = text(x + width / 2, y + _HEIGHT / 2 + 4, cell.written, kind="cell", anchor="middle")
    return [box, number]


def _check(chart: HeatMap) -> None:
    if not chart.columns or not chart.rows:
        raise LabError("A heat map was asked for without rows or columns.", "Leave it out.")
    for name, cells in zip(chart.rows, chart.cells, strict=True):
        if len(cells) != len(chart.columns):
            raise LabError(
                f"The row '{name}' has {len(cells)} cells for {len(chart.columns)} columns.",
                "Give every row a cell per column.",
            )
        if any(cell.value is not None and not 0 <= cell.value <= 1 for cell in cells):
            raise LabError(f"A shade of the row '{name}' is no share.", "Divide by the largest value.")
