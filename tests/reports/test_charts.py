import itertools
import re

import pytest

from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, normal_estimate
from retention_lab.reports.charts.calibration import calibration
from retention_lab.reports.charts.curve import Curve, Mark, at, curve
from retention_lab.reports.charts.forest import forest
from retention_lab.reports.charts.labels import Box, label_box
from retention_lab.reports.charts.shares import share_bar
from retention_lab.reports.charts.svg import element, text_width, ticks, wrap
from retention_lab.reports.charts.waterfall import Step, Waterfall, waterfall, waterfall_rows
from retention_lab.reports.numbers import Unit
from retention_lab.reports.words import CATALOGUE
from tests.reports.samples import campaign

EUROS = Unit("money", "en", "EUR")


def rectangles(svg: str) -> list[dict[str, str]]:
    return [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in re.findall(r"<rect[^>]*>", svg)]


def labels(svg: str) -> list[tuple[Box, str]]:
    found = []
    for tag, words in re.findall(r"<text([^>]*)>([^<]*)</text>", svg):
        place = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        x, y, half = float(place["x"]), float(place["y"]), text_width(words) / 2
        middle = {"start": x + half, "middle": x, "end": x - half}[place["text-anchor"]]
        found.append((label_box(middle, y, words), words))
    return found


def falling(changes: list[float], total: Estimate) -> Waterfall:
    steps = tuple(Step(f"step {i}", change, f"{change}", "cost") for i, change in enumerate(changes))
    return Waterfall("Where the money went", steps, "Profit", f"{total.value}", total)


@pytest.mark.parametrize(
    "changes", [[100.0, -60.0, -10.0], [-50.0, 20.0, -10.0], [10.0, -60.0, 20.0, -0.01], [0.0, -5.0]]
)
def test_bar_heights_are_in_proportion_to_the_money(changes: list[float]) -> None:
    total = sum(changes)
    bars = rectangles(waterfall(falling(changes, normal_estimate(total, 1.0))))
    heights = [float(bar["height"]) for bar in bars]
    largest = max(range(len(changes)), key=lambda i: abs(changes[i]))
    per_unit = heights[largest] / abs(changes[largest])
    for change, height in zip([*changes, total], heights, strict=True):
        assert height == pytest.approx(max(abs(change) * per_unit, 1.5), abs=0.2)  # drawn to .1 pixel


def test_bars_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(LabError, match="does not add up"):
        falling([100.0, -60.0], normal_estimate(41.0, 1.0))


@pytest.mark.parametrize("draw", [waterfall, waterfall_rows])
def test_both_drawings_hold_every_figure_once(draw) -> None:  # type: ignore[no-untyped-def]
    svg = draw(falling([100.0, -60.0, -10.0], normal_estimate(30.0, 1.0)))
    for figure in ("100.0", "-60.0", "-10.0", "30.0"):
        assert svg.count(f">{figure}</text>") == 1


def test_names_of_steps_leave_room_for_the_figure_on_a_phone() -> None:
    room = 340 - text_width("−€12,345,678") - 8
    for language in CATALOGUE.values():
        names = [words for key, words in language.items() if re.match(r"money\.(?!caption|title)", key)]
        assert [name for name in names if text_width(name) > room] == []


def test_an_interval_that_touches_zero_is_grey_everywhere() -> None:
    unsure = normal_estimate(1.0, 1.0)
    row = forest([unsure], EUROS).rows[0]
    assert "ci unsure" in row
    assert "gain" not in row
    plot = calibration("t", [(1.0, unsure), (2.0, unsure)], EUROS, "same")
    assert "ci unsure" in plot
    assert "ci gain" not in plot
    band = curve(Curve("t", ((0.0, unsure), (1.0, unsure)), EUROS, EUROS))
    assert "band unsure" in band
    assert "band model" not in band
    assert 'class="unsure"' in waterfall(falling([1.0], unsure))


def test_a_forest_holds_every_interval_on_one_scale() -> None:
    estimates = [normal_estimate(-3.0, 1.0), normal_estimate(5.0, 2.0)]
    ends = []
    for row, estimate in zip(forest(estimates, EUROS).rows, estimates, strict=True):
        x1, x2 = re.search(r'class="ci \w+" x1="([\d.]+)" y1="12" x2="([\d.]+)"', row).groups()  # type: ignore[union-attr]
        ends += [(estimate.low, float(x1)), (estimate.high, float(x2))]
    (v0, p0), (v1, p1) = ends[0], ends[3]
    for value, pixel in ends:
        assert pixel == pytest.approx(p0 + (value - v0) / (v1 - v0) * (p1 - p0), abs=0.2)


@pytest.mark.parametrize("width", [540, 350])
@pytest.mark.parametrize("planned", [0.0, 900.0, 8_000.0, 9_900.0, 10_000.0, 20_000.0])
def test_no_two_labels_of_a_curve_overlap(width: int, planned: float) -> None:
    budget = campaign().budget
    assert budget is not None
    marks = (Mark(planned, f"planned: €{planned:,.0f}"), Mark(10_000.0, "best: €10,000"))
    chart = Curve("t", budget.points, EUROS, EUROS, marks, budget.random, "same money, random customers")
    placed = labels(curve(chart, width=width))
    assert len(placed) > 5
    for (box, words), (other, others) in itertools.combinations(placed, 2):
        assert not box.meets(other), f"{words} lies on {others}"
        assert box.right <= width + 2


def test_a_curve_is_read_off_between_its_points() -> None:
    points = ((0.0, normal_estimate(0.0, 1.0)), (10.0, normal_estimate(5.0, 1.0)))
    assert (at(points, -1.0), at(points, 4.0), at(points, 11.0)) == (0.0, 2.0, 5.0)


def test_a_curve_out_of_order_is_refused() -> None:
    one = normal_estimate(1.0, 1.0)
    with pytest.raises(LabError, match="ascending"):
        Curve("t", ((1.0, one), (0.0, one)), EUROS, EUROS)


def test_shares_that_miss_the_whole_are_refused() -> None:
    with pytest.raises(LabError, match=r"0\.9 instead of 1"):
        share_bar("t", [("a", 0.5, "50%"), ("b", 0.4, "40%")])


def test_a_part_too_small_for_its_figure_does_not_show_it() -> None:
    svg = share_bar("t", [("a", 0.99, "99%"), ("b", 0.01, "1%")], width=350)
    assert ">99%<" in svg
    assert ">1%<" not in svg


def test_attributes_and_text_are_escaped() -> None:
    svg = element("text", "<b>&", title='"><script>')
    assert svg == '<text title="&#34;&gt;&lt;script&gt;">&lt;b&gt;&amp;</text>'


def test_ticks_are_round_and_inside() -> None:
    assert ticks(0.0, 0.37) == [0.0, 0.1, 0.2, 0.3]
    assert all(-7 <= tick <= 13 for tick in ticks(-7.0, 13.0))


def test_chinese_breaks_between_any_two_characters_and_english_at_spaces() -> None:
    assert "".join(wrap("优惠券：本来就会购买者", 60)) == "优惠券：本来就会购买者"
    assert " ".join(wrap("would have bought anyway", 60)) == "would have bought anyway"
    assert all(text_width(words) <= 72 for words in wrap("优惠券：本来就会购买者", 60))


@pytest.mark.parametrize("changes", [[-900.0, 500.0, -400.0, -1250.0], [10.0, -60.0, 20.0, -0.01]])
def test_figures_of_bars_below_zero_keep_off_the_axis_and_the_names(changes: list[float]) -> None:
    svg = waterfall(falling(changes, normal_estimate(sum(changes), 10.0)))
    axis = float(re.search(r'class="axis"[^>]* y1="([\d.]+)"', svg).group(1))  # type: ignore[union-attr]
    placed = labels(svg)
    assert all(not box.top + 4 < axis < box.bottom - 4 for box, _ in placed)
    for (box, words), (other, others) in itertools.combinations(placed, 2):
        assert not box.meets(other), f"{words} lies on {others}"


@pytest.mark.parametrize(("low", "high"), [(-6.9e6, 5.1e6), (-0.79, 0.39), (0.0, 2e4)])
def test_figures_of_an_axis_stand_at_equal_distances(low: float, high: float) -> None:
    unit = Unit("money", "en", "CNY")
    axis = forest([Estimate((low + high) / 2, 1.0, low, high)], unit).axis
    places = [float(x) for x in re.findall(r' x="([\d.]+)"', axis)]
    gaps = [b - a for a, b in itertools.pairwise(places)]
    assert len(places) >= 2
    assert max(gaps) - min(gaps) < 1
