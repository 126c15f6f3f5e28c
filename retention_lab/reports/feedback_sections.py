"""The parts of the page about messages, each from the page's values to what its template block writes."""

import shlex

from markupsafe import Markup

from retention_lab.feedback.answers import COMPLAINT, PRAISE
from retention_lab.feedback.keywords import Keyword
from retention_lab.feedback.themes import OTHER
from retention_lab.feedback.trend import TopicCount
from retention_lab.reports.charts.heat import HIDDEN, Cell, HeatMap, heat_map
from retention_lab.reports.feedback import FeedbackPage
from retention_lab.reports.numbers import Unit, count, shown
from retention_lab.reports.tables import (
    Action,
    Drawn,
    Figures,
    MeasureTable,
    Row,
    forest_table,
    interval_head,
    tally,
    unbroken,
)
from retention_lab.reports.words import Words

_SHARES = ("accuracy", "precision", "recall", "calibration_error")
_MOST_MONTHS = 12
_MOST_NARROW = 6  # months on a phone
_MOST_TOPICS = 12


def about_part(page: FeedbackPage, words: Words) -> tuple[Markup, ...]:
    """The line below the title: version, model, messages and customers, what judged it."""
    version = () if page.version is None else (words("model.version", version=page.version),)
    return (
        *version,
        words("churn.winner", winner=page.winner),
        words("feedback.messages", messages=count(page.messages), customers=count(page.customers)),
        words("feedback.held_out", count=count(page.rows_held_out)),
    )


def hero_part(page: FeedbackPage, words: Words) -> dict[str, object]:
    """How many messages it judges rightly, whether that beats calling all alike, and what to believe."""
    careful = any(check["passed"] is False for check in page.checks)
    better = page.gain.low > 0
    state = "no" if page.failed else "care" if careful or not better else "yes"
    share = Unit("share", words.language)
    right, gain = shown(page.accuracy, share, level=True), shown(page.gain, Unit("points", words.language))
    return {
        "verdict": words(f"feedback.verdict.{'better' if better else 'unsure'}"),
        "value": right.value.removeprefix("+"),
        "range": words("feedback.range", low=unbroken(right.low), high=unbroken(right.high)),
        "beside": words(
            "feedback.beside", value=unbroken(gain.value), low=unbroken(gain.low), high=unbroken(gain.high)
        ),
        "state": state,
        "trust": words(f"trust.{state}"),
        "tally": tally(page.checks, words),
    }


def topics_part(page: FeedbackPage, words: Words) -> dict[str, object]:
    """A row a topic: who complains and who praises, and the words that it is told by."""
    share = Unit("share", words.language)
    rows = []
    for name in _topics(page):
        complaints, praise = (_count(page.topics, name, side) for side in (COMPLAINT, PRAISE))
        part = HIDDEN
        if complaints.messages is not None and praise.messages is not None:
            total = complaints.messages + praise.messages
            part = share.show(complaints.messages / total, step=0.01) if total else "–"
        rows.append(
            {
                "name": _topic(name, words),
                "remark": _listed(page.keywords.get(name, ()), words),
                "cells": (_shown(complaints.customers), _shown(praise.customers), part),
            }
        )
    keys = ("feedback.topic", "feedback.complaining", "feedback.praising", "feedback.complaints")
    return {
        "title": words.plain("feedback.topics.title"),
        "header": tuple(words.plain(key) for key in keys),
        "rows": rows,
        "caption": words("feedback.topics.caption", least=count(page.min_cell)),
    }


def months_part(page: FeedbackPage, words: Words) -> tuple[Drawn, ...]:
    """Complaints, then praise: messages by month and topic, the latest months."""
    found = []
    for side in (COMPLAINT, PRAISE):
        rows = [one for one in page.months if one.side == side]
        if any(one.messages for one in rows):
            found.append(_by_month(page, rows, side, words))
    return tuple(found)


def sides_part(page: FeedbackPage, words: Words) -> Figures | None:
    """The words by which complaints differ from praise, and the other way round."""
    sides = [(side, page.keywords.get(side, ())) for side in (COMPLAINT, PRAISE)]
    rows = tuple(
        (one.term, words.plain(f"feedback.{side}"), count(one.customers))
        for side, some in sides
        for one in some
    )
    if not rows:
        return None
    header = (
        words.plain("feedback.word"), words.plain("feedback.side"), words.plain("feedback.customers")
    )  # fmt: skip
    return Figures(words.plain("feedback.words.title"), header, rows)


def candidates_part(page: FeedbackPage, words: Words) -> tuple[MeasureTable, ...]:
    """Candidates side by side, one table a measure."""
    names = dict.fromkeys(name for candidate in page.candidates for name in candidate.metrics)
    interval = interval_head(words)
    header = (words.plain("model.candidate"), words.plain("model.value"), interval)
    found = []
    for name in names:
        rows = [
            Row(
                one.model,
                one.metrics[name],
                best=one.model == page.winner,
                remark=words.plain("model.chosen") if one.model == page.winner else "",
            )
            for one in page.candidates
            if name in one.metrics
        ]
        unit = Unit("share" if name in _SHARES else "number", words.language)
        found.append(MeasureTable(words.known("metric", name), forest_table(rows, unit, header, null=None)))
    return tuple(found)


def limits_part(page: FeedbackPage, words: Words) -> tuple[Markup, ...]:
    """What a reader must not take it for."""
    limits = [
        words("feedback.limits.writers"),
        words("feedback.limits.irony"),
        words("feedback.limits.hidden", least=count(page.min_cell)),
    ]
    if page.held_out_uses > 1:
        limits.append(words("model.limits.uses", count=count(page.held_out_uses)))
    return tuple(limits)


def actions_part(page: FeedbackPage, words: Words) -> tuple[Action, ...]:
    """What to do next, each with its command."""
    name = shlex.quote(page.name)
    return (
        Action(words("feedback.next.triage"), f"lab feedback triage {name} --out drafts.csv"),
        Action(words("feedback.next.tone"), f"lab feedback tone {name}"),
        Action(words("next.model.promote"), f"lab promote {name} --dry-run"),
    )


def _by_month(page: FeedbackPage, found: list[TopicCount], side: str, words: Words) -> Drawn:
    months = sorted({str(one.month) for one in found})[-_MOST_MONTHS:]
    title = words.plain(f"feedback.months.{side}")
    there = {(one.topic, one.month): one.messages for one in found}
    largest = max((there[key] or 0 for key in there if key[1] in months), default=0)
    names = [name for name in _topics(page) if any(there.get((name, month)) != 0 for month in months)]
    charts = []
    for shown_months in (months, months[-_MOST_NARROW:]):
        cells = tuple(tuple(_cell(there[(name, month)], largest) for month in shown_months) for name in names)
        rows = tuple(_topic(name, words) for name in names)
        charts.append(HeatMap(title, tuple(shown_months), rows, cells))
    figures = Figures(
        title,
        (words.plain("feedback.topic"), *months),
        tuple((_topic(name, words), *(_shown(there[(name, month)]) for month in months)) for name in names),
    )
    caption = words("feedback.months.caption", least=count(page.min_cell))
    wide, narrow = charts
    return Drawn(heat_map(wide), heat_map(narrow, width=350, kind="narrow"), caption, figures)


def _cell(messages: int | None, largest: int) -> Cell:
    if messages is None:
        return Cell(None, HIDDEN)
    return Cell(messages / largest if largest else None, count(messages))


def _topics(page: FeedbackPage) -> list[str]:
    """Those with most complaints first, what has none last."""
    names = dict.fromkeys(one.topic for one in page.topics)
    size = {name: _count(page.topics, name, COMPLAINT).messages or 0 for name in names}
    return sorted(names, key=lambda name: (name == OTHER, -size[name]))[:_MOST_TOPICS]


def _count(found: tuple[TopicCount, ...], topic: str, side: str) -> TopicCount:
    return next(one for one in found if one.topic == topic and one.side == side)


def _topic(name: str, words: Words) -> str:
    return words.plain("feedback.other") if name == OTHER else words.known("churn.reason", name)


def _shown(number: int | None) -> str:
    return HIDDEN if number is None else count(number)


def _listed(found: tuple[Keyword, ...], words: Words) -> str:
    return words.plain("segments.comma").join(one.term for one in found)
