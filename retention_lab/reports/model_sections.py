"""The parts of the model page, each from the report object to what its template block writes."""

import shlex
from dataclasses import dataclass

from markupsafe import Markup

from retention_lab.checks import hard_failures
from retention_lab.estimate import Estimate
from retention_lab.reports.charts.calibration import calibration
from retention_lab.reports.charts.curve import Curve, curve
from retention_lab.reports.model import CalibrationGroups, GainCurve, ModelReport
from retention_lab.reports.model_units import Units
from retention_lab.reports.numbers import Unit, count, days, shown
from retention_lab.reports.tables import (
    Action,
    Drawn,
    Figures,
    ForestTable,
    Row,
    forest_table,
    tally,
    unbroken,
)
from retention_lab.reports.understanding_sections import joined
from retention_lab.reports.words import Words

# What a metric says nothing at: 0 for all others; None for a level, which is neither a gain nor a loss.
_NULLS: dict[str, float | None] = {"calibration_slope": 1.0, "policy_value": None}


def about_part(report: ModelReport, words: Words) -> tuple[Markup, ...]:
    """The line below the title: version, outcome, on how many it learned and was tested."""
    parts = []
    if report.version:
        parts.append(words("model.version", version=report.version))
    if report.horizon_days:
        parts.append(words("model.outcome.days", outcome=report.outcome, days=report.horizon_days))
    else:
        parts.append(words("model.outcome", outcome=report.outcome))
    if report.rows_trained:
        parts.append(words("model.trained", count=count(report.rows_trained)))
    if report.rows_held_out:
        parts.append(words("model.held_out", count=count(report.rows_held_out)))
    return tuple(parts)


def hero_part(report: ModelReport, words: Words, units: Units) -> dict[str, object]:
    """Better or not, in words; by how much; whether to believe it."""
    careful = report.causal_basis == "assumed" or any(check["passed"] is False for check in report.checks)
    state = "no" if report.failed else "care" if careful else "yes"
    verdict: str = report.targeting or "unjudged"
    if verdict == "better" and report.budget_share is not None:
        verdict = "better.budget"
    gain = shown(report.gain, units.difference) if report.gain and not report.failed else None
    span = Markup("")
    if gain:
        key = "model.gain" if report.over else "model.gain.plain"
        budget = report.budget_share is not None
        span = words(
            "model.gain.budget" if budget else key,
            outcome=report.outcome,
            over=report.over,
            share=Unit("share", words.language).show(report.budget_share or 0.0, step=0.01),
            low=unbroken(gain.low),
            high=unbroken(gain.high),
            percent=_percent(report, words),
        )
    why = ""
    if report.failed:
        why = words("model.doubt.why")
    elif report.targeting == "none_better":
        why = words("model.none_better.why")
    return {
        "verdict": words("verdict.doubt" if report.failed else f"model.{verdict}"),
        "why": why,
        "gain": gain,
        "large": report.targeting == "better",
        "range": span,
        "state": state,
        "trust": words(f"trust.{state}"),
        "tally": tally(report.checks, words),
        "assumed": words("model.assumed") if report.causal_basis == "assumed" else "",
    }


def arms_part(report: ModelReport, words: Words, units: Units) -> Figures | None:
    """How many were in each arm, and their mean outcome."""
    if not report.arms:
        return None
    shares = Unit("share", words.language)
    planned = any(arm.planned is not None for arm in report.arms)
    header = [words.plain("model.arm"), words.plain("model.rows"), words.plain("share")]
    header += [words.plain("planned")] if planned else []
    rows = []
    for arm in report.arms:
        cells = [arm.arm, count(arm.rows), shares.show(arm.share, step=0.001)]
        if planned:
            cells.append("" if arm.planned is None else shares.show(arm.planned, step=0.001))
        rows.append((*cells, units.own.show(arm.outcome_mean)))
    mean = words.plain("model.outcome_mean", outcome=report.outcome)
    return Figures(words.plain("model.arms.title"), (*header, mean), tuple(rows))


def effects_part(report: ModelReport, words: Words, units: Units) -> ForestTable | None:
    """The average effect of each arm."""
    if not report.effects:
        return None
    rows = [Row(effect.arm, effect.effect) for effect in report.effects]
    header = (words.plain("model.arm"), words.plain("model.effect"), _interval(report, words))
    return forest_table(rows, units.own_difference, header)


@dataclass(frozen=True, slots=True)
class MetricTable:
    """One metric over all candidates; `missing` names those for which it could not be computed."""

    title: str
    table: ForestTable
    missing: Markup


def candidates_part(report: ModelReport, words: Words, units: Units) -> tuple[MetricTable, ...]:
    """Candidates side by side, one table a metric, in the order of the first candidate that has it."""
    names = dict.fromkeys(name for candidate in report.candidates for name, _ in candidate.metrics)
    tables = []
    for name in names:
        found = [(c.model, dict(c.metrics).get(name)) for c in report.candidates]
        rows = [_candidate(model, e, report, words) for model, e in found if e is not None]
        if not rows:
            continue
        without = ", ".join(model for model, estimate in found if estimate is None)
        missing = words("model.not_computed", names=without) if without else Markup("")
        kind = name.split(".")[0]
        unit = Unit("number", words.language) if kind == "calibration_slope" else _unit_of(name, units)
        header = (words.plain("model.candidate"), words.plain("model.value"), _interval(report, words))
        table = forest_table(rows, unit, header, null=_NULLS.get(kind, 0.0))
        tables.append(MetricTable(metric_name(name, words), table, missing))
    return tuple(tables)


def metric_name(name: str, words: Words) -> str:
    """A metric in words: `qini.coupon_10` is Qini for that arm; an unknown one keeps its name."""
    metric, _, arm = name.partition(".")
    called = words.known("metric", metric)
    if not arm:
        return called
    if metric == "policy_gain":
        return words.plain("model.metric.gain_over", arm=arm)
    return words.plain("model.metric.arm", metric=called, arm=arm)


def curves_part(report: ModelReport, words: Words, units: Units) -> tuple[tuple[str, Drawn], ...]:
    """One gain curve an arm."""
    return tuple((_curve_title(c, words), _gain(c, report, words, units)) for c in report.gain_curves)


def calibrations_part(report: ModelReport, words: Words, units: Units) -> tuple[tuple[str, Drawn], ...]:
    """One calibration plot an arm."""
    return tuple(
        (words.plain("model.calibration.title", arm=c.arm), _calibration(c, words, units))
        for c in report.calibrations
    )


def limits_part(report: ModelReport, words: Words) -> tuple[Markup | str, ...]:
    """What a reader must not take it for."""
    limits: list[Markup | str] = [words("model.limits.person")]
    if report.effects:
        arms = joined([effect.arm for effect in report.effects], words)
        limits.append(words("model.limits.offers", arms=arms))
    if report.horizon_days:
        limits.append(words("model.limits.horizon", days=report.horizon_days))
    if report.first_day and report.last_day:
        seen = days(report.first_day, report.last_day, words.language)
        limits.append(words("model.limits.time", days=seen))
    if report.held_out_uses and report.held_out_uses > 1:
        limits.append(words("model.limits.uses", count=count(report.held_out_uses)))
    return (*limits, *report.limits)


def actions_part(report: ModelReport, words: Words) -> tuple[Action, ...]:
    """What to do next."""
    name = shlex.quote(report.name)
    if report.failed:
        failed = hard_failures(report.checks)
        named = "; ".join(words.known("check", check) for check in failed)
        return (Action(words("next.model.fix", checks=named), f"lab validate {name}"),)
    return (
        Action(words("next.model.promote"), f"lab promote {name} --dry-run"),
        *(() if report.targeting == "better" else (Action(words("next.model.explore")),)),
        Action(words("next.model.compare"), f"lab leaderboard {name}"),
    )


def _candidate(model: str, estimate: Estimate, report: ModelReport, words: Words) -> Row:
    best = model == report.winner
    remark = "model.best_evidence" if report.targeting == "none_better" else "model.chosen"
    return Row(model, estimate, remark=words.plain(remark) if best else "", best=best)


def _unit_of(name: str, units: Units) -> Unit:
    return units.outcome if name.split(".")[0] == "policy_value" else units.difference


def _percent(report: ModelReport, words: Words) -> str:
    return Unit("share", words.language).show(report.confidence, step=0.01)


def _interval(report: ModelReport, words: Words) -> str:
    return words.plain("interval", percent=_percent(report, words))


def _curve_title(gains: GainCurve, words: Words) -> str:
    return words.plain("model.curve.title", arm=gains.arm)


def _gain(gains: GainCurve, report: ModelReport, words: Words, units: Units) -> Drawn:
    shares = Unit("share", words.language)
    straight = ((0.0, 0.0), (1.0, gains.at_random))
    random = words.plain("model.curve.random")
    title = _curve_title(gains, words)
    chart = Curve(title, gains.points, shares, units.difference, (), straight, random)
    rows = []
    for share, gain in gains.points:
        written = shown(gain, units.difference)
        rows.append((shares.show(share, step=0.01), written.value, written.low, written.high))
    header = ("model.curve.share", "model.curve.gain", "low", "high")
    figures = Figures(title, tuple(words.plain(key) for key in header), tuple(rows))
    caption = words("model.curve.caption", percent=_percent(report, words))
    return Drawn(curve(chart), curve(chart, width=350, kind="narrow"), caption, figures)


def _calibration(found: CalibrationGroups, words: Words, units: Units) -> Drawn:
    title = words.plain("model.calibration.title", arm=found.arm)
    unit, diagonal = units.difference, words.plain("model.calibration.diagonal")
    rows = []
    for predicted, measured in found.groups:
        written = shown(measured, unit)
        expected = unit.show(predicted, step=written.step, signed=True)
        rows.append((expected, written.value, written.low, written.high))
    header = ("model.predicted", "model.measured", "low", "high")
    figures = Figures(title, tuple(words.plain(key) for key in header), tuple(rows))
    caption = words("model.calibration.caption")
    if found.slope is not None:
        slope = shown(found.slope, Unit("number", words.language))
        without_plus = slope.value.removeprefix("+")
        says = words("model.calibration.slope", value=without_plus, interval=slope.interval)
        caption = says + Markup(" ") + caption
    wide = calibration(title, found.groups, unit, diagonal)
    narrow = calibration(title, found.groups, unit, diagonal, width=350, kind="narrow")
    return Drawn(wide, narrow, caption, figures)
