"""The parts of the page of rules, each from the report object to what its template block writes."""

import shlex

from markupsafe import Markup

from retention_lab.reports.numbers import Unit, count, plain_number
from retention_lab.reports.rules import RuleLine, RulesPage
from retention_lab.reports.tables import Action, ForestTable, Row, forest_table, tally
from retention_lab.reports.words import Words

_LISTED, _DRAWN = 15, 10


def about_part(report: RulesPage, words: Words) -> tuple[Markup | str, ...]:
    """The line below the title: version, how many baskets and items."""
    return (
        *((words("rules.version", version=report.version),) if report.version else ()),
        words("rules.baskets", count=count(report.baskets)),
        words("rules.items", count=count(report.items)),
    )


def hero_part(report: RulesPage, words: Words) -> dict[str, object]:
    """How many rules there are, and how many of those looked up hold in other baskets."""
    failed = any(check["passed"] is False for check in report.checks)
    state = "care" if failed or not report.looked_up else "yes"
    if not report.rules:
        return {
            "verdict": words("rules.verdict.none"),
            "value": count(0),
            "range": words("rules.range.none"),
            "state": "care",
            "trust": words("rules.trust.care"),
            "tally": tally(report.checks, words),
        }
    key = "rules.verdict" if report.looked_up else "rules.verdict.unchecked"
    return {
        "verdict": words(key, confirmed=count(report.confirmed), looked_up=count(report.looked_up)),
        "value": count(report.rules),
        "range": _range(report, words),
        "state": state,
        "trust": words(f"rules.trust.{state}"),
        "tally": tally(report.checks, words),
    }


def strongest_part(report: RulesPage, words: Words) -> dict[str, object] | None:
    """The strongest rules that rest on enough baskets to be shown."""
    shown = _shown(report)[:_LISTED]
    if not shown:
        return None
    unit = Unit("share", words.language)
    rows = [
        {
            "name": _sides(one, words),
            "remark": words.plain("rules.rests", count=count(one.baskets)),
            "cells": (
                unit.show(one.confidence, step=0.001),
                _lift(one.lift),
                "–" if one.held_out is None else _lift(one.held_out.value),
            ),
        }
        for one in shown
    ]
    keys = ("rules.rule", "rules.confidence", "rules.lift", "rules.lift.held_out")
    return {
        "title": words.plain("rules.list.title"),
        "header": tuple(words.plain(key) for key in keys),
        "rows": rows,
    }


def held_part(report: RulesPage, words: Words) -> ForestTable | None:
    """The lift of the strongest rules in baskets that they were not found in."""
    rows = [
        Row(_sides(one, words), one.held_out, words.plain("rules.found_with", lift=_lift(one.lift)))
        for one in _shown(report)
        if one.held_out is not None
    ][:_DRAWN]
    if not rows:
        return None
    header = (words.plain("rules.rule"), words.plain("rules.lift"), words.plain("rules.interval"))
    return forest_table(rows, Unit("number", words.language), header, null=1.0)


def tried_part(report: RulesPage, words: Words) -> ForestTable:
    """Every way to rank suggestions, and how often the hidden item was among them."""
    rows = [
        Row(words.plain(f"rules.ranking.{one.ranking}"), one.found, best=one.ranking == report.taken)
        for one in report.tried
    ]
    header = (words.plain("rules.tried"), words.plain("rules.found"), words.plain("rules.interval"))
    return forest_table(rows, Unit("share", words.language), header, null=None)


def actions_part(report: RulesPage, words: Words) -> tuple[Action, ...]:
    """What to do next, each with its command."""
    name = shlex.quote(report.name)
    return (
        Action(words("next.rules.score"), f"lab score {name} --table FILE --out suggestions.csv"),
        Action(words("next.rules.evaluate"), f"lab evaluate {name} --table FILE"),
        Action(words("next.rules.train"), f"lab train {name} --set min_support=0.002"),
    )


def _shown(report: RulesPage) -> list[RuleLine]:
    return [one for one in report.strongest if one.baskets >= report.min_cell]


def _range(report: RulesPage, words: Words) -> Markup:
    kept = report.lift_kept
    if kept is None:
        return words("rules.range.unchecked", significant=count(report.significant))
    unit = Unit("share", words.language)
    low, high = (unit.show(value, step=0.01) for value in (kept.low, kept.high))
    return words("rules.range", significant=count(report.significant), low=low, high=high)


def _sides(one: RuleLine, words: Words) -> str:
    comma = words.plain("rules.comma")
    return f"{comma.join(one.left)} → {comma.join(one.right)}"


def _lift(value: float) -> str:
    return plain_number(value, 0.1 if value >= 10 else 0.01)
