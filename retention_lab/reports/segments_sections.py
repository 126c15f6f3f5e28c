"""The parts of the segments page, each from the report object to what its template block writes."""

import shlex

from markupsafe import Markup

from retention_lab.reports.charts.heat import HIDDEN
from retention_lab.reports.charts.scatter import Group, scatter
from retention_lab.reports.numbers import MINUS, Unit, count, plain_number
from retention_lab.reports.segments import SegmentRow, SegmentsPage, SegmentTrait
from retention_lab.reports.tables import Action, Drawn, Figures, ForestTable, Row, forest_table, tally
from retention_lab.reports.words import Words

_TRAITS = 4
_IN_A_NAME = 2
_MOST_FEATURES = 8  # beyond that a table is no longer read; the JSON has them all


def about_part(report: SegmentsPage, words: Words) -> tuple[Markup | str, ...]:
    """The line below the title: version, method, how many customers."""
    return (
        *((words("segments.version", version=report.version),) if report.version else ()),
        words(f"segments.method.{report.method}"),
        words("customers.count", count=count(report.customers)),
        *((words("segments.left_out", count=count(report.left_out)),) if report.left_out else ()),
    )


def hero_part(report: SegmentsPage, words: Words) -> dict[str, object]:
    """How many groups, and whether they are found again."""
    steady = report.chosen.stability
    found = steady.value >= report.stable
    failed = any(check["passed"] is False for check in report.checks)
    state = "care" if failed or not found else "yes"
    key = "segments.verdict" if found else "segments.verdict.unsure"
    return {
        "verdict": words(key, groups=len([one for one in report.segments if one.customers])),
        "value": _index(steady.value),
        "range": words("segments.range", low=_index(steady.low), high=_index(steady.high)),
        "state": state,
        "trust": words(f"segments.trust.{state}"),
        "tally": tally(report.checks, words),
    }


def segments_part(report: SegmentsPage, words: Words) -> dict[str, object]:
    """One row per segment: what sets it apart, how many, and what its customers are like."""
    features = list(report.segments[0].typical)[:_MOST_FEATURES]
    unit = Unit("share", words.language)
    rows = []
    for number, one in enumerate(report.segments, start=1):
        hidden = 0 < one.customers < report.min_cell
        cells = [HIDDEN if hidden else count(one.customers)]
        cells.append(HIDDEN if hidden else unit.show(one.share.value, step=0.001))
        cells += [HIDDEN if hidden else _typical(one.typical[name], words) for name in features]
        name = f"{number}  {_name(one, report, words)}"
        rows.append({"name": name, "remark": _remark(one, report, words), "cells": tuple(cells)})
    keys = ("segments.segment", "customers.customers", "share")
    return {
        "title": words.plain("segments.list.title"),
        "header": (*(words.plain(key) for key in keys), *features),
        "rows": rows,
    }


def map_part(report: SegmentsPage, words: Words) -> Drawn | None:
    """Customers on the two axes along which they differ most, with the centres."""
    told = {
        str(number): one
        for number, one in enumerate(report.segments, start=1)
        if one.centre is not None and one.customers >= report.min_cell
    }
    if not told:
        return None
    title = words.plain("segments.map.title")
    groups = [Group(number, one.points, _centre(one)) for number, one in told.items()]
    axis = (words.plain("segments.axis.first"), words.plain("segments.axis.second"))
    rows = tuple(
        (f"{number}  {_name(one, report, words)}", *(_index(value) for value in _centre(one)))
        for number, one in told.items()
    )
    figures = Figures(title, (words.plain("segments.segment"), *axis), rows)
    wide, narrow = scatter(title, groups, axis), scatter(title, groups, axis, width=350, kind="narrow")
    return Drawn(wide, narrow, words("segments.map.caption"), figures)


def tried_part(report: SegmentsPage, words: Words) -> ForestTable:
    """Every number of groups that was tried, and how well it is found again."""
    rows = [
        Row(
            words.plain("segments.groups", count=one.groups),
            one.stability,
            ""
            if one.silhouette is None
            else words.plain("segments.silhouette", value=_index(one.silhouette)),
            best=one.groups == report.chosen.groups,
        )
        for one in report.tried
    ]
    header = (
        words.plain("segments.tried"), words.plain("segments.index"), words.plain("segments.middle")
    )  # fmt: skip
    return forest_table(rows, Unit("number", words.language), header, null=None)


def weights_part(report: SegmentsPage, words: Words) -> Figures | None:
    """What LASSO kept for the target."""
    if report.weights is None:
        return None
    rows = tuple((name, _index(weight)) for name, weight in report.weights.items())
    header = (words.plain("segments.feature"), words.plain("segments.weight"))
    return Figures(words.plain("segments.weights.title"), header, rows)


def actions_part(report: SegmentsPage, words: Words) -> tuple[Action, ...]:
    """What to do next, each with its command."""
    name = shlex.quote(report.name)
    return (
        Action(words("next.segments.moves"), f"lab customers segments {name}"),
        Action(words("next.segments.loyalty"), f"lab customers loyalty --by {name}"),
        Action(words("next.segments.score"), f"lab score {name} --table FILE --out scores.csv"),
    )


def _name(one: SegmentRow, report: SegmentsPage, words: Words) -> str:
    """The registered name says the first two traits; the page says them in its own language."""
    if report.method == "rfm":
        return words.known("cell", one.name)
    return _traits(one.traits[:_IN_A_NAME], words) or one.name


def _remark(one: SegmentRow, report: SegmentsPage, words: Words) -> str:
    """What else sets it apart, beyond what the name says."""
    first = 0 if report.method == "rfm" else _IN_A_NAME
    return _traits(one.traits[first:_TRAITS], words)


def _traits(found: tuple[SegmentTrait, ...], words: Words) -> str:
    told = []
    for trait in found:
        if trait.level is None:
            key = "segments.high" if trait.high else "segments.low"
            told.append(words.plain(key, feature=trait.feature))
        else:
            told.append(words.plain("segments.level", feature=trait.feature, level=trait.level))
    return words.plain("segments.comma").join(told)


def _centre(one: SegmentRow) -> tuple[float, float]:
    assert one.centre is not None
    return one.centre


def _typical(value: float | str | None, words: Words) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else Unit("number", words.language).show(value)


def _index(value: float) -> str:
    written = plain_number(abs(value), 0.01)
    return (MINUS if value < 0 and written != "0.00" else "") + written
