"""The parts of the A/B test's page that speak: verdict, reasons, groups, limits, what to do next."""

import math
import shlex
from collections.abc import Iterable

from markupsafe import Markup

from retention_lab.reports.experiment import ExperimentReport, Range, Result
from retention_lab.reports.experiment_checks import check_name
from retention_lab.reports.experiment_numbers import Writer, written
from retention_lab.reports.numbers import Shown, count, days
from retention_lab.reports.tables import Action, Figures, tally, unbroken

_MOST_REASONS = 6


def about_part(report: ExperimentReport, writer: Writer) -> tuple[Markup | str, ...]:
    """The line below the title: when, how many, what against what."""
    words = writer.words
    when: list[Markup | str] = []
    if report.first_day and report.last_day:
        when.append(days(report.first_day, report.last_day, words.language))
    units = count(sum(arm.units for arm in report.arms))
    against = words("experiment.against", arms=_joined(report.others, writer), control=report.control)
    return (*when, words("experiment.units", count=units), against)


def hero_part(report: ExperimentReport, writer: Writer) -> dict[str, object]:
    """Whether to believe it, the verdict, and the number behind it."""
    words = writer.words
    checks = [one.check for one in report.checks]
    careful = any(check["passed"] is False for check in checks) or report.arms[0].planned is None
    state = "no" if report.failed else "care" if careful else "yes"
    found = _headline(report) if report.judged else None
    said = {} if found is None else _effect(found, writer)
    if report.failed:
        verdict, why = words("verdict.doubt"), words("experiment.doubt.why")
    else:
        unsafe = _unsafe(report)
        verdict = words(
            f"experiment.verdict.{report.cause}{'.safety' if unsafe else ''}",
            arm=report.shipped or unsafe,
            arms=_joined(report.others, writer),
            control=report.control,
            metrics=_joined(dict.fromkeys(one.measure.name for one in _worse(report)), writer),
        )
        why = Markup("")
    return {
        "verdict": verdict,
        "why": why,
        "value": said.get("shown"),
        "large": found is not None and found.state in ("better", "worse"),
        "range": said.get("range", ""),
        "state": state,
        "trust": words(f"trust.{state}"),
        "tally": tally(checks, words),
    }


def lead_part(report: ExperimentReport, writer: Writer) -> tuple[Markup, ...]:
    """The reasons, aloud: goals and guardrails of the arms that were judged, and how far the test is."""
    words = writer.words
    said: list[Markup] = []
    if report.by_policy:
        said.append(words("experiment.by_policy"))
    if report.reread:
        said.append(words("experiment.reread"))
    if report.judged:
        said += [_says(one, writer) for one in _reasons(report)][:_MOST_REASONS]
    if report.cause in ("open", "before_end"):
        said.append(_progress(report, writer))
    return tuple(said)


def arms_part(report: ExperimentReport, writer: Writer) -> Figures:
    """How many were in each group, beside what was planned."""
    words, shares = writer.words, writer.shares
    total = sum(arm.units for arm in report.arms)
    planned = report.arms[0].planned is not None
    rows = []
    for i, arm in enumerate(report.arms):
        name = words.plain("experiment.arm.control", arm=arm.name) if i == 0 else arm.name
        cells = [name, count(arm.units), shares.show(arm.units / total, step=0.001)]
        cells += [] if arm.planned is None else [shares.show(arm.planned, step=0.001)]
        rows.append(tuple(cells))
    header = ["experiment.arm", "experiment.arm.units", "share", *(["planned"] if planned else [])]
    title = words.plain("experiment.arms.title")
    return Figures(title, tuple(words.plain(key) for key in header), tuple(rows))


def limits_part(report: ExperimentReport, writer: Writer) -> tuple[Markup, ...]:
    """What a reader must not take it for."""
    words = writer.words
    limits = [words("experiment.limits.person")]
    if report.judged:
        limits += [one for one in (_too_small(r, writer) for r in _primary(report)) if one]
    if len(report.others) > 1:
        arms = _joined(report.others, writer)
        limits.append(words("experiment.limits.arms", arms=arms, control=report.control))
    if report.first_day and report.last_day:
        seen = days(report.first_day, report.last_day, words.language)
        limits.append(words("experiment.limits.time", days=seen))
    else:
        limits.append(words("experiment.limits.undated"))
    if report.window_days:
        limits.append(words("experiment.limits.window", days=report.window_days))
    if report.waiting and report.window_days:
        waiting = count(report.waiting)
        limits.append(words("experiment.limits.waiting", count=waiting, days=report.window_days))
    if report.cut:
        limits.append(words("experiment.limits.cut", metrics=_joined(report.cut, writer)))
    intervals = sum(one.effect is not None for one in report.results)
    if intervals > 1:
        limits.append(words("experiment.limits.many", count=count(intervals), percent=writer.percent))
    return tuple(limits)


def actions_part(report: ExperimentReport, writer: Writer) -> tuple[Action, ...]:
    """What to do next, by what decided."""
    words, name = writer.words, shlex.quote(report.name)
    again, design = f"lab experiment analyze {name}", f"lab experiment design {name}"
    keep = Action(words("experiment.next.keep", control=report.control))
    wait = Action(words("experiment.next.wait"), again)
    plan = () if report.plan.per_arm else (Action(words("experiment.next.plan"), design),)
    if report.cause == "failed_check":
        failed = [one for one in report.checks if one.check["passed"] is False]
        hard = [check_name(one, writer) for one in failed if one.check["severity"] == "hard"]
        fix = words("experiment.next.fix", checks="; ".join(hard))
        return (
            Action(fix, f"lab experiment check {name}"),
            Action(words("experiment.next.again"), again),
        )
    use = words("experiment.next.use", arm=report.shipped, control=report.control)
    return {
        "better": (Action(use),),
        "worse": (keep, Action(words("experiment.next.learn"))),
        "open_at_end": (keep, Action(words("experiment.next.larger"), design)),
        "open": (wait, *plan),
        "before_end": (Action(words("experiment.next.wait.fixed"), again),),
        "no_primary": (Action(words("experiment.next.primary", name=report.name), again),),
    }[report.cause]


def reason_of(result: Result, writer: Writer) -> Markup:
    """Why a comparison could not be made."""
    return writer.words(f"experiment.reason.{result.reason or 'other'}")


def _primary(report: ExperimentReport) -> list[Result]:
    return [one for one in report.results if one.measure.role == "primary"]


def _headline(report: ExperimentReport) -> Result | None:
    """The first goal in the arm to use, or in the only one; of several arms none stands for all."""
    arms = report.others
    arm = report.shipped or (arms[0] if len(arms) == 1 else None)
    found = next((one for one in _primary(report) if one.arm == arm), None)
    return None if found is None or found.effect is None else found


def _effect(result: Result, writer: Writer) -> dict[str, object]:
    """The number, and the sentence that explains it."""
    found, words = result.effect, writer.words
    if found is None:
        return {}
    shown = written(found, writer.difference(result.measure), writer.tone(result))
    key = "both" if shown.low and shown.high else "least" if shown.low else "most"
    span = words(
        f"experiment.effect.{key}",
        metric=result.measure.name,
        arm=result.arm,
        mean=writer.mean(result.mean_arm, result),
        control=writer.mean(result.mean_control, result),
        low=unbroken(shown.low),
        high=unbroken(shown.high),
        percent=writer.percent,
    )
    return {"shown": shown, "range": span + _relative(result.relative, writer)}


def _relative(found: Range | None, writer: Writer) -> Markup:
    if found is None:
        return writer.words("experiment.effect.end")
    value = written(found, writer.shares, "unsure").value
    return writer.words("experiment.effect.relative", relative=unbroken(value))


def _reasons(report: ExperimentReport) -> Iterable[Result]:
    """Goals and guardrails, those of the arm to use first; the headline has had its say."""
    headline = _headline(report)
    for one in sorted(report.results, key=lambda one: one.arm != (report.shipped or one.arm)):
        told = one.measure.role == "primary" or (
            one.measure.role == "guardrail" and one.state not in ("open", "better")
        )
        if told and one is not headline:
            yield one


def _unsafe(report: ExperimentReport) -> str:
    """The first arm that is better by every goal and waits for a guardrail alone; "" where there is none."""
    if report.cause not in ("open", "open_at_end"):
        return ""
    for arm in report.others:
        if all(one.state == "better" for one in _primary(report) if one.arm == arm):
            return arm
    return ""


def _worse(report: ExperimentReport) -> list[Result]:
    """What decides against an arm."""
    judged = ("primary", "guardrail")
    return [one for one in report.results if one.state == "worse" and one.measure.role in judged]


def _says(result: Result, writer: Writer) -> Markup:
    words, measure = writer.words, result.measure
    if result.effect is None:
        reason = reason_of(result, writer)
        return words("experiment.says.unknown", metric=measure.name, arm=result.arm, reason=reason)
    unit = writer.difference(measure)
    shown = written(result.effect, unit, "unsure")
    return words(
        f"experiment.says.{result.state}",
        metric=measure.name,
        arm=result.arm,
        value=unbroken(shown.value),
        interval=unbroken(shown.interval),
        margin="" if result.margin is None else unbroken(_margin(result.margin, shown, writer, result)),
    )


def _margin(margin: float, shown: Shown, writer: Writer, result: Result) -> str:
    """As fine as the difference, or finer where that would round the margin away."""
    step = shown.step
    while margin < step * 5 and step > 1e-9:
        step /= 10
    return writer.difference(result.measure).show(margin, step=step)


def _progress(report: ExperimentReport, writer: Writer) -> Markup:
    plan = report.plan
    if plan.per_arm is None:
        return writer.words("experiment.progress.unplanned")
    return writer.words("experiment.progress", reached=count(plan.reached), planned=count(plan.per_arm))


def _too_small(result: Result, writer: Writer) -> Markup | None:
    """The half width of an interval that does not tell: about the effect that would have been missed."""
    found = result.effect
    if found is None or found.low is None or found.high is None or result.state != "open":
        return None
    half = (found.high - found.low) / 2
    unit = writer.difference(result.measure)
    size = unit.show(half, step=10.0 ** (math.floor(math.log10(half)) - 1) if half > 0 else None)
    return writer.words(
        "experiment.limits.size", metric=result.measure.name, arm=result.arm, size=unbroken(size)
    )


def _joined(names: Iterable[str], writer: Writer) -> str:
    return writer.words.plain("experiment.join").join(names)
