"""The parts of the campaign page, each from the report object to what its template block writes."""

import math
import shlex
from collections.abc import Sequence

from markupsafe import Markup

from retention_lab.checks import hard_failures
from retention_lab.estimate import Estimate
from retention_lab.reports.campaign import Budget, CampaignReport, Money, OfferResult
from retention_lab.reports.charts.curve import Curve, Mark, curve
from retention_lab.reports.charts.shares import share_bar
from retention_lab.reports.charts.waterfall import Step, Waterfall, waterfall, waterfall_rows
from retention_lab.reports.numbers import (
    Shown,
    Tone,
    Unit,
    count,
    days,
    shown,
    tone_of,
)
from retention_lab.reports.tables import Action, Drawn, Figures, Row, forest_table, tally, unbroken
from retention_lab.reports.words import Words


def about_part(report: CampaignReport, words: Words) -> tuple[Markup | str, ...]:
    """The line below the title: when, where, whom, against whom."""
    return (
        days(report.first_day, report.last_day, words.language),
        *((report.channel,) if report.channel else ()),
        words("campaign.assigned", count=count(report.customers)),
        words("campaign.holdout", count=count(report.holdout)),
    )


def hero_part(report: CampaignReport, words: Words, unit: Unit) -> dict[str, object]:
    """Verdict, number, interval, and whether to believe it."""
    profit = shown(report.profit, unit)
    percent = _percent(report, words)
    if not report.trustworthy:
        state, verdict = "no", "doubt"
        span = words(
            "verdict.range.doubt",
            value=unbroken(profit.value),
            low=unbroken(profit.low),
            high=unbroken(profit.high),
        )
    else:
        careful = any(check["passed"] is False for check in report.checks)
        state, verdict = "care" if careful else "yes", profit.tone
        span = words("verdict.range", low=unbroken(profit.low), high=unbroken(profit.high), percent=percent)
    return {
        "verdict": words(f"verdict.{verdict}"),
        "why": words("verdict.doubt.why"),
        "profit": profit,
        "range": span,
        "state": state,
        "trust": words(f"trust.{state}"),
        "tally": tally(report.checks, words),
    }


def _percent(report: CampaignReport, words: Words) -> str:
    return Unit("share", words.language).show(report.confidence, step=0.01)


def lead_part(report: CampaignReport, words: Words, unit: Unit) -> tuple[Markup, ...]:
    """What a person would say aloud; nothing where the result should not be believed."""
    sentences: list[Markup] = []
    if not report.trustworthy:
        return ()
    if report.extra_customers is not None:
        sentences.append(_sized("lead.extra", report.extra_customers, Unit("number", words.language), words))
    if report.roi is not None:
        per = unit.show(unit.small_change, step=1)
        sentences.append(_sized("lead.roi", report.roi.scaled(unit.small_change), unit, words, unit=per))
    for way in report.baselines:
        if way.name in ("everyone", "risk_only"):
            called = words(f"way.{way.name}")
            sentences.append(_sized("lead.other", way.profit, unit, words, way=called))
    return tuple(sentences)


def _sized(key: str, estimate: Estimate, in_unit: Unit, words: Words, **values: object) -> Markup:
    """A sentence whose word (more, fewer, lost) carries the sign, so the number does not."""
    written = shown(estimate, in_unit)
    without_sign = in_unit.show(abs(estimate.value), step=written.step)
    low, high = written.low, written.high
    if written.tone == "loss":
        low = in_unit.show(-estimate.high, step=written.step)
        high = in_unit.show(-estimate.low, step=written.step)
    return words(
        f"{key}.{written.tone}",
        value=unbroken(without_sign),
        low=unbroken(low),
        high=unbroken(high),
        **values,
    )


def money_part(report: CampaignReport, words: Words, unit: Unit) -> Drawn | None:
    """The waterfall from what came in to the profit."""
    money = report.money
    if money is None:
        return None
    profit = shown(report.profit, unit)
    steps = _steps(money, report.incremental_contribution, words, unit, profit)
    chart = Waterfall(
        words.plain("money.title"), steps, words.plain("money.profit"), profit.value, report.profit
    )
    figures = Figures(
        words.plain("money.title"),
        (words.plain("money.step"), words.plain("amount"), words.plain("low"), words.plain("high")),
        (
            *((step.label, step.written, "", "") for step in steps),
            (chart.total_label, profit.value, profit.low, profit.high),
        ),
    )
    waste = money.discount_anyway and report.trustworthy
    caption = words("money.caption.waste" if waste else "money.caption")
    gap = sum(_rounded(s.change, profit.step) for s in steps) - _rounded(report.profit.value, profit.step)
    if abs(gap) > profit.step / 2:
        rounded = words("money.caption.rounded", step=unit.show(profit.step, step=profit.step))
        caption = caption + Markup(" ") + rounded
    return Drawn(waterfall(chart), waterfall_rows(chart), caption, figures)


def _rounded(value: float, step: float) -> float:
    return round(value / step) * step


def _steps(money: Money, contribution: Estimate, words: Words, unit: Unit, profit: Shown) -> tuple[Step, ...]:
    def step(key: str, change: float, colour: str) -> Step:
        written = unit.show(change, step=profit.step, signed=True)
        return Step(words.plain(key), change, written, colour)  # type: ignore[arg-type]  # one of the five

    steps = []
    if money.incremental_revenue is not None and money.cost_of_goods is not None:
        steps.append(step("money.revenue", money.incremental_revenue, tone_of(contribution)))
        steps.append(step("money.goods", -money.cost_of_goods, "cost"))
    else:
        before = contribution.value + money.discount
        steps.append(step("money.contribution", before, tone_of(contribution)))
    if money.discount_anyway is None:
        if money.discount:
            steps.append(step("money.discount", -money.discount, "cost"))
    else:
        persuaded = money.discount - money.discount_anyway
        steps.append(step("money.discount.persuaded", -persuaded, "cost"))
        steps.append(step("money.discount.anyway", -money.discount_anyway, "waste"))
    if money.redemption_cost:
        steps.append(step("money.redemption", -money.redemption_cost, "cost"))
    steps.append(step("money.contact", -money.contact_cost, "cost"))
    return tuple(steps)


def offers_part(report: CampaignReport, words: Words, unit: Unit) -> dict[str, object] | None:
    """Profit per customer by offer, and why it is missing for those that have none."""
    return _each_part(report, words, unit, (report.offers, "offers.offer"))


def segments_part(report: CampaignReport, words: Words, unit: Unit) -> dict[str, object] | None:
    """Profit per customer by segment."""
    return _each_part(report, words, unit, (report.segments, "earned_from.segment"))


def tenths_part(report: CampaignReport, words: Words, unit: Unit) -> dict[str, object] | None:
    """Profit per customer by what the plan expected, the highest first."""
    return _each_part(report, words, unit, (report.tenths, "tenths.tenth"))


def _each_part(
    report: CampaignReport, words: Words, unit: Unit, of: tuple[Sequence[OfferResult], str]
) -> dict[str, object] | None:
    """of: the results, and the text that heads their names."""
    results, heading = of
    if not results:
        return None
    rows, missing = [], []
    for one in results:
        if one.profit is None:
            missing.append(words("offers.missing", offer=one.offer, reason=one.reason))
            continue
        total = shown(one.profit, unit)
        each = one.profit.scaled(1 / one.customers)
        remark = words.plain(
            "offers.remark", count=count(one.customers), total=total.value, interval=total.interval
        )
        rows.append(Row(one.offer, each, remark))
    table = forest_table(rows, unit, _header((heading, "offers.each"), report, words)) if rows else None
    return {"table": table, "missing": missing}


def _header(keys: Sequence[str], report: CampaignReport, words: Words) -> list[str]:
    interval = words.plain("interval", percent=_percent(report, words))
    return [*(words.plain(key) for key in keys), interval]


def ways_part(report: CampaignReport, words: Words, unit: Unit) -> dict[str, object] | None:
    """The campaign beside what was expected and what other ways would have earned."""
    if report.expected is None and not report.baselines:
        return None
    rows = [Row(words.plain("ways.measured"), report.profit, best=True)]
    if report.expected is not None:
        rows.append(Row(words.plain("ways.expected"), report.expected))
    rows += [Row(words.known("way.row", way.name), way.profit) for way in report.baselines]
    return {
        "table": forest_table(rows, unit, _header(("ways.way", "ways.profit"), report, words)),
        "caption": words("ways.caption" if report.baselines else "ways.caption.alone"),
        "agree": _agreement(report, words),
    }


def _agreement(report: CampaignReport, words: Words) -> Markup:
    """Nothing where the result should not be believed: there is nothing to agree with."""
    expected = report.expected
    if expected is None or not report.trustworthy:
        return Markup("")
    if expected.value > report.profit.high:
        return words("ways.above")
    return words("ways.below" if expected.value < report.profit.low else "ways.agree")


def choice_part(report: CampaignReport, words: Words, unit: Unit) -> dict[str, object] | None:
    """The policy's choices against random offers; nothing where the result should not be believed."""
    difference = report.policy_vs_random
    if difference is None or not report.trustworthy:
        return None
    header = _header(("choice.compared", "offers.each"), report, words)
    return {
        "says": words(f"choice.{tone_of(difference)}"),
        "table": forest_table([Row(words.plain("choice.row"), difference)], unit, header),
    }


def budget_part(report: CampaignReport, words: Words, unit: Unit) -> Drawn | None:
    """Expected profit by budget."""
    budget = report.budget
    if budget is None:
        return None
    chart = Curve(
        words.plain("budget.title"),
        budget.points,
        unit,
        unit,
        _budget_marks(budget, words, unit),
        budget.random,
        words.plain("budget.random") if budget.random else "",
    )
    rows = []
    for spent, profit in budget.points:
        written = shown(profit, unit)
        rows.append((unit.show(spent), written.value, written.low, written.high))
    header = ("budget.budget", "ways.profit", "low", "high")
    figures = Figures(chart.title, tuple(words.plain(key) for key in header), tuple(rows))
    tones: set[Tone] = {tone_of(profit) for _, profit in budget.points[1:]}
    key = "budget.caption.grey" if "unsure" in tones else "budget.caption"
    caption = words(key, percent=_percent(report, words))
    if budget.together:
        caption = caption + Markup(" ") + words("budget.caption.together")
    if budget.recommended is not None:
        written = shown(budget.recommended[1], unit)
        told = words(
            "budget.caption.recommended", money=_best_budget(budget, unit), low=written.low, high=written.high
        )
        caption = caption + Markup(" ") + told
    return Drawn(curve(chart), curve(chart, width=350, kind="narrow"), caption, figures)


def _best_budget(budget: Budget, unit: Unit) -> str:
    """The curve has a dozen points, and its top is broad: more than two digits would be false ones."""
    best = budget.best[0]
    return unit.show(best) if best == budget.planned else unit.show(best, step=_two_digits(best))


def _budget_marks(budget: Budget, words: Words, unit: Unit) -> tuple[Mark, ...]:
    planned, best = unit.show(budget.planned), _best_budget(budget, unit)
    if planned == best:
        return (Mark(budget.planned, words.plain("budget.both", money=planned)),)
    return (
        Mark(budget.planned, words.plain("budget.spent", money=planned)),
        Mark(budget.best[0], words.plain("budget.best", money=best)),
    )


def groups_part(report: CampaignReport, words: Words) -> dict[str, object] | None:
    """The four groups, as the model sees them."""
    groups = report.groups
    if groups is None:
        return None
    unit = Unit("share", words.language)
    names = ("persuadable", "sure_thing", "lost_cause", "sleeping_dog")
    parts = [(name, getattr(groups, name), unit.show(getattr(groups, name), step=0.01)) for name in names]
    title = words.plain("groups.title")
    return {
        "wide": share_bar(title, parts),
        "narrow": share_bar(title, parts, width=350, kind="narrow"),
        "key": [
            (name, words(f"group.{name}"), written, words(f"group.{name}.says")) for name, _, written in parts
        ],
    }


def actions_part(report: CampaignReport, words: Words, unit: Unit) -> tuple[Action, ...]:
    """What to do next, by what the figures say."""
    campaign = shlex.quote(report.campaign)
    if not report.trustworthy:
        failed = hard_failures(report.checks)
        named = "; ".join(words.known("check", name) for name in failed) or words.plain("checks.none")
        return (
            Action(
                words("next.doubt", checks=named), f"lab experiment check {shlex.quote(report.experiment)}"
            ),
            Action(words("next.doubt.rerun"), "lab data check"),
        )
    actions = [_about_offers(report, words, tone) for tone in ("gain", "loss", "unsure")]
    if report.uplift:
        key = "next.retrain.failed" if report.gate_passed is False else "next.retrain"
        actions.append(Action(words(key), f"lab train {shlex.quote(report.uplift)}"))
    says = words("next.plan")
    if report.budget and tone_of(report.budget.best[1]) == "gain":
        says = words("next.budget", money=_best_budget(report.budget, unit))
    actions.append(Action(says, f"lab campaign plan {campaign}"))
    return tuple(action for action in actions if action is not None)


def _about_offers(report: CampaignReport, words: Words, tone: str) -> Action | None:
    names = [offer.offer for offer in report.offers if offer.profit and tone_of(offer.profit) == tone]
    if not names:
        return None
    key = {"gain": "next.keep", "loss": "next.stop", "unsure": "next.test"}[tone]
    joined = "、".join(names) if words.language == "zh-CN" else ", ".join(names)
    return Action(words(key, offer=joined))


def _as_fine(value: float, step: float, unit: Unit) -> str:
    """As fine as what was measured; what that would round away, to two digits."""
    if 0 < abs(value) < step:
        step = max(_two_digits(value), unit.own_step(0.0))
    return unit.show(value, step=step, signed=True)


def _two_digits(value: float) -> float:
    """The step that leaves a number two digits."""
    return float(10.0 ** (math.floor(math.log10(abs(value))) - 1)) if value else 1.0


def truth_part(report: CampaignReport, words: Words, unit: Unit) -> dict[str, object] | None:
    """What only a simulation can tell, beside what was measured."""
    truth = report.truth
    if truth is None:
        return None
    measured = shown(report.profit, unit).step
    inside = report.profit.low <= truth.profit <= report.profit.high
    rows = [(words.plain("truth.row.profit"), _as_fine(truth.profit, measured, unit))]
    for name, profit in truth.ways:
        called = words.plain("truth.row.oracle") if name == "oracle" else words.known("way.row", name)
        rows.append((called, _as_fine(profit, measured, unit)))
    header = (words.plain("ways.way"), words.plain("truth.value"))
    return {
        "says": words("truth.inside" if inside else "truth.outside", percent=_percent(report, words)),
        "table": Figures(words.plain("truth.title"), header, tuple(rows)),
    }
