import re

import pytest

from retention_lab.errors import LabError
from retention_lab.reports.charts.heat import DARKEST, Cell, HeatMap, heat_map
from retention_lab.reports.charts.scatter import Group, scatter
from retention_lab.reports.charts.steps import Step, steps_chart

GRID = HeatMap(
    "Who?", ("F1", "F2"), ("R1", "R2"), ((Cell(1.0, "8"), Cell(0.5, "4")), (Cell(None, "·"), Cell(None, "")))
)


def widths(svg: str, kind: str) -> list[float]:
    return [float(x) for x in re.findall(rf'class="{kind}"[^>]*width="([\d.]+)"', svg)]


def test_the_shade_is_in_proportion_to_the_value() -> None:
    svg = heat_map(GRID)
    shades = [float(x) for x in re.findall(r'fill-opacity="([\d.]+)"', svg)]
    assert shades == [DARKEST, pytest.approx(DARKEST / 2, abs=1e-3)]


def test_every_number_is_written_and_an_empty_place_is_empty() -> None:
    svg = heat_map(GRID)
    assert re.findall(r'class="cell"[^>]*>([^<]*)<', svg) == ["8", "4", "·"]
    assert svg.count("<rect") == 3
    assert 'class="blank"' in svg


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (((Cell(0.1, "1"),),), "1 cells for 2 columns"),
        (((Cell(1.1, "1"), Cell(0.1, "1")),), "no share"),
    ],
)
def test_a_heat_map_that_does_not_fit_is_refused(cells: tuple, message: str) -> None:
    with pytest.raises(LabError, match=message):
        heat_map(HeatMap("Who?", ("F1", "F2"), ("R1",), cells))


def test_a_heat_map_of_nothing_is_refused() -> None:
    with pytest.raises(LabError, match="without rows"):
        heat_map(HeatMap("Who?", (), (), ()))


@pytest.mark.parametrize("width", [350.0, 896.0])
def test_bars_of_a_funnel_are_in_proportion_and_figures_fit(width: float) -> None:
    steps = [Step("viewed", 200, "200"), Step("ordered", 50, "50 · 25%", 40, 62)]
    svg = steps_chart("How far?", steps, width=width)
    long, short = widths(svg, "bar")
    assert short == pytest.approx(long / 4, abs=0.1)
    starts = [float(x) for x in re.findall(r'class="val" x="([\d.]+)"', svg)]
    assert max(starts) < width - 10


def test_a_funnel_without_anybody_is_refused() -> None:
    with pytest.raises(LabError, match="nobody took a step"):
        steps_chart("How far?", [Step("viewed", 0, "0")])


def test_every_customer_and_every_centre_has_a_circle_within_the_frame() -> None:
    groups = [Group("1", [(0.0, 0.0), (9.0, -4.0)], (4.0, 2.0)), Group("2", [(-5.0, 8.0)], (-5.0, 8.0))]
    svg = scatter("Where?", groups, ("first", "second"), width=350, kind="narrow")
    assert svg.count('class="spot') == 3
    assert svg.count('class="middle') == 2
    places = [float(x) for x in re.findall(r'cx="([\d.]+)"', svg)]
    assert 0 < min(places) <= max(places) < 350


def test_a_scatter_of_nobody_is_refused() -> None:
    with pytest.raises(LabError, match="without any group"):
        scatter("Where?", [], ("first", "second"))
