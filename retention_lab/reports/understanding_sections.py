"""The parts of the model page about the effects: groups, drivers, the rule, who is who, what if."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from retention_lab.estimate import Estimate
from retention_lab.reports.charts.bars import bars
from retention_lab.reports.charts.shares import share_bar
from retention_lab.reports.model import ModelReport
from retention_lab.reports.model_units import Units
from retention_lab.reports.numbers import MINUS, Unit, count, shown
from retention_lab.reports.tables import Figures, ForestTable, Row, forest_table, unbroken
from retention_lab.reports.words import Words
from retention_lab.uplift.groups import GroupEffects
from retention_lab.uplift.understanding.conditions import Above, AtMost, Condition, OneOf
from retention_lab.uplift.understanding.drivers import Driver, OfferDrivers
from retention_lab.uplift.understanding.four_groups import FourGroups
from retention_lab.uplift.understanding.rule import Rule, RuleValue
from retention_lab.uplift.understanding.sensitivity import LARGEST_STRENGTH, Sensitivity
from retention_lab.uplift.understanding.summary import Understanding

_MOST_DRIVERS = 8
_CLEAR_TREND = 0.3  # rank correlation from which a direction is worth saying


@dataclass(frozen=True, slots=True)
class ForestPart:
    """A titled forest table with a caption; wide, narrow: a bar above it (None where there is none)."""

    title: str
    table: ForestTable
    caption: Markup
    wide: Markup | None = None
    narrow: Markup | None = None


@dataclass(frozen=True, slots=True)
class DriverRow:
    """One feature: its direction in words, its part of all strength, its strength, and the part as a bar."""

    name: str
    direction: str
    share: str
    strength: str
    plot: Markup


@dataclass(frozen=True, slots=True)
class DriversPart:
    """The features that move one offer's effect."""

    title: str
    rows: tuple[DriverRow, ...]
    caption: Markup


def understanding_parts(report: ModelReport, words: Words, units: Units) -> dict[str, object]:
    """All parts by name; None or empty where there is nothing to say."""
    known = report.understanding
    if known is None or report.failed:
        names = (
            "unproven",
            "groups",
            "drivers",
            "about_drivers",
            "no_drivers",
            "rule",
            "four",
            "sensitivity",
        )
        return dict.fromkeys(names)
    unproven = report.targeting != "better"
    return {
        "unproven": words("model.understood.unproven", learner=known.learner) if unproven else "",
        "groups": [_groups(arm, found, report, words, units) for arm, found in known.groups.items()],
        "drivers": [_drivers(one, words, units) for one in known.drivers or ()],
        "about_drivers": words("model.drivers.general", learner=known.learner),
        "no_drivers": words("model.drivers.none", learner=known.learner) if known.drivers is None else "",
        "rule": _rule(known, report, words, units),
        "four": [_four(arm, found, report, words, units) for arm, found in known.four_groups.items()],
        "sensitivity": _sensitivity(known.sensitivity, words, units) if known.sensitivity else None,
    }


def _groups(arm: str, found: GroupEffects, report: ModelReport, words: Words, units: Units) -> ForestPart:
    rows = []
    for number, one in enumerate(reversed(found.groups), start=1):
        band = replace(one.effect, low=one.low, high=one.high)
        step = shown(band, units.difference).step
        predicted = units.difference.show(one.predicted, step=step, signed=True)
        name = words.plain("model.groups.row", number=count(number))
        rows.append(Row(name, band, words.plain("model.groups.predicted", value=predicted)))
    percent = Unit("share", words.language).show(report.confidence, step=0.01)
    header = (
        words.plain("model.groups.group"),
        words.plain("model.measured"),
        words.plain("model.groups.band", percent=percent),
    )
    top = shown(found.top_less_bottom, units.difference)
    value = top.value.removeprefix("+") if top.tone == "gain" else top.value
    says = words(f"model.groups.{top.tone}", value=unbroken(value), interval=unbroken(top.interval))
    title = words.plain("model.groups.title", arm=arm)
    return ForestPart(title, forest_table(rows, units.difference, header), says)


def _drivers(found: OfferDrivers, words: Words, units: Units) -> DriversPart:
    unit = units.own_difference
    base = unbroken(unit.show(found.base, step=_two_digits(found.base, unit), signed=True))
    title = words.plain("model.drivers.title", arm=found.arm)
    if not any(one.strength > 0 for one in found.drivers):
        return DriversPart(title, (), words("model.drivers.flat", base=base))
    return DriversPart(title, _driver_rows(found, words, unit), words("model.drivers.caption", base=base))


def _driver_rows(found: OfferDrivers, words: Words, unit: Unit) -> tuple[DriverRow, ...]:
    shares = Unit("share", words.language)
    named, rest = found.drivers[:_MOST_DRIVERS], found.drivers[_MOST_DRIVERS:]
    plots = bars([*(one.share for one in named), sum(one.share for one in rest)])
    rows = [
        DriverRow(
            one.feature,
            _direction(one, words),
            shares.show(one.share, step=0.01),
            unit.show(one.strength, step=_two_digits(one.strength, unit)),
            plot,
        )
        for one, plot in zip(named, plots, strict=False)
    ]
    if rest:
        called = words.plain("model.drivers.rest", count=count(len(rest)))
        part = shares.show(sum(one.share for one in rest), step=0.01)
        rows.append(DriverRow(called, "", part, "", plots[-1]))
    return tuple(rows)


def _direction(found: Driver, words: Words) -> str:
    if found.trend is not None:
        steep = abs(found.trend) >= _CLEAR_TREND
        key = ("up" if found.trend > 0 else "down") if steep else "bent"
        return words.plain(f"model.drivers.{key}")
    said = [
        words.plain(f"model.drivers.{key}", levels=joined(levels, words))
        for key, levels in (("raising", found.raising), ("lowering", found.lowering))
        if levels
    ]
    return ("；" if words.language == "zh-CN" else "; ").join(said)


def _rule(known: Understanding, report: ModelReport, words: Words, units: Units) -> dict[str, object] | None:
    rule, value = known.rule, known.rule_value
    if rule is None or value is None:
        return None
    over = list(dict.fromkeys((value.best_constant, rule.arms[0])))
    rows = []
    for arm in over:
        rows.append(Row(words.plain("model.rule.row", arm=arm), value.over[arm]))
        if arm in known.model_over:
            rows.append(Row(words.plain("model.rule.model_row", arm=arm), known.model_over[arm]))
    percent = Unit("share", words.language).show(report.confidence, step=0.01)
    header = (
        words.plain("model.rule.compared"),
        words.plain("model.rule.each"),
        words.plain("interval", percent=percent),
    )
    return {
        "lines": _rule_lines(rule, value, words, units),
        "table": forest_table(rows, units.difference, header),
    }


def _rule_lines(rule: Rule, value: RuleValue, words: Words, units: Units) -> list[tuple[Markup, Markup]]:
    """What each step says, and for how many and with what effect."""
    found = []
    for i, (step, measured) in enumerate(zip(rule.steps, value.steps, strict=True)):
        share = Unit("share", words.language).show(measured.share, step=0.01)
        remark = words("model.rule.share", share=share)
        if measured.effect is not None:
            effect = shown(measured.effect, units.difference)
            remark = words(
                "model.rule.effect",
                share=share,
                control=rule.arms[0],
                value=unbroken(effect.value),
                interval=unbroken(effect.interval),
            )
        asked = words("model.rule.and").join(_condition(one, words) for one in step.conditions)
        first, last = ("if", "everybody") if i == 0 else ("else_if", "else")
        key = f"model.rule.{first if step.conditions else last}"
        values = {"conditions": asked} if step.conditions else {}
        found.append((words(key, arm=measured.arm, **values), remark))
    return found


def _condition(condition: Condition, words: Words) -> Markup:
    if isinstance(condition, Above | AtMost):
        key = "model.rule.above" if isinstance(condition, Above) else "model.rule.at_most"
        limit = f"{condition.limit:.15g}".replace("-", MINUS)
        return words(key, name=condition.name, limit=limit)
    if isinstance(condition, OneOf):
        if len(condition.levels) == 1:
            return words("model.rule.is", name=condition.name, level=condition.levels[0])
        return words("model.rule.one_of", name=condition.name, levels=joined(condition.levels, words))
    return words("model.rule.missing", name=condition.name)


def _four(arm: str, found: FourGroups, report: ModelReport, words: Words, units: Units) -> ForestPart:
    shares, unit = Unit("share", words.language), units.own_difference
    title = words.plain("model.four.title", arm=arm)
    parts = [
        (one.name, one.share, shares.show(one.share, step=_share_step(one.share))) for one in found.groups
    ]
    rows = []
    for one, (_, _, share) in zip(found.groups, parts, strict=True):
        if one.measured is None or one.predicted_effect is None:
            continue  # too few to show a spread
        step = shown(one.measured, unit).step
        predicted = unit.show(one.predicted_effect, step=step, signed=True)
        remark = words.plain("model.four.remark", share=share, value=predicted)
        rows.append(Row(words.plain(f"group.{one.name}"), one.measured, remark, key=one.name))
    percent = Unit("share", words.language).show(report.confidence, step=0.01)
    header = (
        words.plain("model.four.group"),
        words.plain("model.four.measured"),
        words.plain("interval", percent=percent),
    )
    at = found.boundaries
    caption = words(
        "model.four.caption",
        effect=unit.show(at.effect, step=_two_digits(at.effect, unit)),
        baseline=units.own.show(at.baseline, step=_two_digits(at.baseline, units.own)),
    )
    wide, narrow = share_bar(title, parts), share_bar(title, parts, width=350, kind="narrow")
    return ForestPart(title, forest_table(rows, unit, header), caption, wide, narrow)


def _sensitivity(found: Mapping[str, Sensitivity], words: Words, units: Units) -> dict[str, object]:
    header = ("model.sensitivity.strength", "model.sensitivity.least", "model.sensitivity.most")
    tables = []
    for arm, one in found.items():
        rows = []
        for bounds in one.bounds:
            low, high = (shown(x, units.own_difference) for x in (bounds.low, bounds.high))
            rows.append((f"{bounds.strength:g}", low.value, high.value))
        tables.append(Figures(arm, tuple(words.plain(key) for key in header), tuple(rows)))
    return {"says": [_firmness(arm, one, words) for arm, one in found.items()], "tables": tables}


def _firmness(arm: str, found: Sensitivity, words: Words) -> Markup:
    if found.undecided_at == 1.0:
        return words("model.sensitivity.unsure", arm=arm)
    most = count(LARGEST_STRENGTH)
    if found.undecided_at is None:
        return words("model.sensitivity.firm", arm=arm, most=most)
    undecided = f"{found.undecided_at:.2f}"
    if found.tips_at is None:
        return words("model.sensitivity.blurred", arm=arm, most=most, undecided=undecided)
    return words("model.sensitivity.tips", arm=arm, tips=f"{found.tips_at:.2f}", undecided=undecided)


def joined(names: Sequence[str], words: Words) -> str:
    """Names as a list within a sentence."""
    return ("、" if words.language == "zh-CN" else ", ").join(names)


def _share_step(share: float) -> float:
    """Whole per cent, but a few customers are not none."""
    if share == 0 or share >= 0.01:
        return 0.01
    return 0.001 if share >= 0.001 else 0.0001


def _two_digits(value: float, unit: Unit) -> float:
    """The step that leaves a number without an interval two digits, in its unit."""
    estimate = Estimate(value, 0.0, value - abs(value), value + abs(value))
    return shown(estimate, unit).step
