"""Charts over days, and forests whose rows may be open, marked or far beyond the others."""

import re
from datetime import date, timedelta

import pytest

from retention_lab.errors import LabError
from retention_lab.reports.charts.daily import daily
from retention_lab.reports.charts.day_axis import DayPoint
from retention_lab.reports.charts.forest import WIDTH, Whisker, whiskers
from retention_lab.reports.charts.path import path
from retention_lab.reports.numbers import Tone, Unit

NUMBER = Unit("number", "en")


def points(days: int, *, half: float = 1.0, tone: Tone = "unsure") -> list[DayPoint]:
    first = date(2026, 3, 2)
    return [DayPoint(first + timedelta(days=k), 2.0, 2.0 - half, 2.0 + half, tone) for k in range(days)]


def numbers(drawn: str, name: str) -> list[float]:
    return [float(value) for value in re.findall(rf'{name}="([-\d.]+)"', drawn)]


def heights(drawn: str) -> list[float]:
    """The y of every point of every band."""
    return [
        float(y)
        for places in re.findall(r'<polygon[^>]*points="([^"]*)"', drawn)
        for y in re.findall(r",([-\d.]+)", places)
    ]


def dates(drawn: str) -> list[str]:
    return re.findall(r">(\d+ [A-Z][a-z]+)</text>", drawn)


@pytest.mark.parametrize("days", [2, 3, 9, 31, 400])
@pytest.mark.parametrize("width", [350.0, 540.0])
def test_dates_below_are_few_whole_days_apart_and_begin_with_the_first(days: int, width: float) -> None:
    found = dates(path("t", points(days), NUMBER, "+2", width=width))
    assert found[0] == "2 Mar"
    assert 2 <= len(found) <= 6
    assert len(set(found)) == len(found)


def test_wide_bands_of_the_first_days_leave_the_frame_and_no_others_do() -> None:
    early = [DayPoint(p.day, p.value, -500.0, 500.0, p.tone) for p in points(4)]
    late = [DayPoint(p.day + timedelta(days=4), p.value, p.low, p.high, p.tone) for p in points(16)]
    drawn = path("t", [*early, *late], NUMBER, "+2")
    assert min(heights(drawn)) >= 8
    assert max(heights(drawn)) <= 200
    assert {8.0, 200.0} & set(heights(drawn)), "the first days reach the frame's edge"
    assert not {8.0, 200.0} & set(heights(path("t", late, NUMBER, "+2")))


def test_a_path_is_grey_where_either_day_is() -> None:
    sure = [DayPoint(p.day + timedelta(days=3), p.value, p.low, p.high, "gain") for p in points(3)]
    drawn = path("t", [*points(3), *sure], NUMBER, "+2")
    assert re.findall(r'class="line (\w+)"', drawn) == ["unsure", "gain"]
    assert re.findall(r'class="now (\w+)"', drawn) == ["gain"]


def test_an_open_side_of_a_band_goes_to_the_frame() -> None:
    opened = [DayPoint(p.day, p.value, p.low, None, p.tone) for p in points(6)]
    assert min(heights(path("t", opened, NUMBER, "+2"))) == 8.0


def test_every_day_has_a_whisker_and_the_whole_a_dashed_line() -> None:
    drawn = daily("t", points(9), NUMBER, 2.5)
    assert len(numbers(drawn, "cx")) == 9
    assert drawn.count('class="rand"') == 1
    assert numbers(drawn, "cx") == sorted(numbers(drawn, "cx"))


def test_a_day_with_few_units_does_not_press_the_others_together() -> None:
    usual = points(9)
    odd = DayPoint(usual[-1].day + timedelta(days=1), 2.0, -400.0, 404.0, "unsure")
    ends = [y for y in numbers(daily("t", [*usual, odd], NUMBER, 2.0), "y2") if y < 199.0]
    assert max(ends) - min(ends) > 50


@pytest.mark.parametrize("draw", [lambda p: path("t", p, NUMBER, ""), lambda p: daily("t", p, NUMBER, 0.0)])
def test_one_day_is_no_course(draw) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LabError):
        draw(points(1))


def test_a_row_far_beyond_the_others_ends_in_arrows() -> None:
    near = [Whisker(0.02, 0.01, 0.03, "gain"), Whisker(0.01, -0.01, 0.03, "unsure")]
    drawn = whiskers([*near, Whisker(3.0, -5.0, 11.0, "unsure")], NUMBER)
    widths = [max(numbers(row, "x2")) - min(numbers(row, "x1")) for row in drawn.rows]
    assert widths[0] > WIDTH / 40
    assert [row.count("<line") for row in drawn.rows] == [4, 4, 6]  # each arrow has two strokes


def test_an_open_side_has_an_arrow_and_the_other_an_end() -> None:
    row = whiskers([Whisker(0.02, 0.01, None, "gain"), Whisker(0.02, -0.01, 0.05, "unsure")], NUMBER).rows[0]
    assert row.count("<line") == 5


def test_a_mark_stands_where_its_value_is() -> None:
    drawn = whiskers([Whisker(0.0, -1.0, 1.0, "unsure", mark=1.0)], NUMBER).rows[0]
    (at,) = re.findall(r'class="margin" x1="([\d.]+)"', drawn)
    assert at == re.findall(r'<line class="ci unsure" x1="([\d.]+)" y1="8"', drawn)[1]
