"""The part of the A/B test's page about time: what was known at each look, and each day by itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from markupsafe import Markup

from retention_lab.reports.charts.daily import daily
from retention_lab.reports.charts.day_axis import DayPoint
from retention_lab.reports.charts.path import path
from retention_lab.reports.experiment import Course, ExperimentReport, Point, Range
from retention_lab.reports.experiment_numbers import Writer, written
from retention_lab.reports.numbers import Unit, count, day, days
from retention_lab.reports.tables import Drawn, Figures

_NARROW = 350.0


def courses_part(report: ExperimentReport, writer: Writer) -> tuple[tuple[str, Drawn], ...]:
    """For each goal and arm the path of looks, and the days by themselves: titles and charts."""
    found = []
    for course in report.courses:
        for kind, drawn in (("looks", _looks(course, report, writer)), ("periods", _periods(course, writer))):
            if drawn is not None:
                found.append((_title(kind, course, writer), drawn))
    return tuple(found)


def _title(kind: str, course: Course, writer: Writer) -> str:
    return writer.words.plain(f"experiment.{kind}.title", metric=course.measure.name, arm=course.arm)


def _looks(course: Course, report: ExperimentReport, writer: Writer) -> Drawn | None:
    known = [(point, point.effect) for point in course.looks if point.effect is not None]
    if len(known) < 2:
        return None
    unit, title = writer.difference(course.measure), _title("looks", course, writer)
    points = [_point(point.last, effect, course, writer) for point, effect in known]
    if report.plan.timing == "fixed":  # no day but the last may be judged
        points = [*(replace(point, tone="unsure") for point in points[:-1]), points[-1]]
    label = written(known[-1][1], unit, "unsure").value
    caption = writer.words(f"experiment.looks.{report.plan.timing}", percent=writer.percent)
    return Drawn(
        path(title, points, unit, label),
        path(title, points, unit, label, width=_NARROW, kind="narrow"),
        caption,
        _figures(title, [point for point, _ in known], unit, writer),
    )


def _periods(course: Course, writer: Writer) -> Drawn | None:
    known = [(point, point.effect) for point in course.periods if point.effect is not None]
    overall = course.looks[-1].effect if course.looks else None
    if len(known) < 2 or overall is None:
        return None
    unit, title = writer.difference(course.measure), _title("periods", course, writer)
    points = [_point(_middle(point), effect, course, writer) for point, effect in known]
    return Drawn(
        daily(title, points, unit, overall.value),
        daily(title, points, unit, overall.value, width=_NARROW, kind="narrow"),
        _about_periods(course.periods, writer),
        _figures(title, course.periods, unit, writer),
    )


def _about_periods(periods: Sequence[Point], writer: Writer) -> Markup:
    length = (periods[0].last - periods[0].first).days + 1
    if length == 1:
        return writer.words("experiment.periods.caption")
    return writer.words("experiment.periods.caption.grouped", days=count(length))


def _point(at: date, effect: Range, course: Course, writer: Writer) -> DayPoint:
    tone = writer.tone_over(effect, course.measure)
    return DayPoint(at, effect.value, effect.low, effect.high, tone)


def _middle(point: Point) -> date:
    return point.first + (point.last - point.first) / 2


def _figures(title: str, points: Sequence[Point], unit: Unit, writer: Writer) -> Figures:
    words = writer.words
    rows = []
    for point in points:
        if point.first == point.last:
            when = day(point.last, words.language)
        else:
            when = days(point.first, point.last, words.language)
        cells = ("–", "–") if point.effect is None else _written(point.effect, unit)
        rows.append((when, count(point.units), *cells))
    header = ("experiment.day", "experiment.arm.units", "experiment.figures.difference")
    return Figures(title, (*(words.plain(key) for key in header), writer.interval), tuple(rows))


def _written(effect: Range, unit: Unit) -> tuple[str, str]:
    shown = written(effect, unit, "unsure")
    return shown.value, shown.interval
