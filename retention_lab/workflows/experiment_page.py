"""The page of an A/B test, from what its analysis found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite

from retention_lab.abtest.analyze import Analysis
from retention_lab.abtest.comparison import Comparison
from retention_lab.abtest.daily import Period, periods
from retention_lab.abtest.decide import state_of
from retention_lab.abtest.lift import Lift
from retention_lab.abtest.margin import margin_of
from retention_lab.abtest.metrics import Metric, ProfitMetric, Proportion, Ratio
from retention_lab.abtest.relative import RelativeLift
from retention_lab.abtest.sequential.looks import FEWEST_UNITS
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summary import Part, Summary
from retention_lab.reports.experiment import (
    Arm,
    Checked,
    Course,
    ExperimentReport,
    Interaction,
    Kind,
    Measure,
    Plan,
    Point,
    Range,
    Reason,
    Result,
    Segment,
)
from retention_lab.reports.experiment_report import render_experiment
from retention_lab.reports.numbers import LANGUAGES
from retention_lab.reports.parts import Origin
from retention_lab.workflows.experiment_units import BY_POLICY
from retention_lab.workflows.project import Lab

_MONEY = ("revenue", "contribution", "redemption_cost", "contact_cost", "profit")  # of an experiment's units
_ROLES = ("primary", "secondary", "guardrail", "diagnostic")
# what a page of 300 kB has room for
_MOST_RESULTS, _MOST_LEVELS, _MOST_SEGMENT_ROWS, _MOST_COURSES, _MOST_LOOKS = 40, 12, 90, 3, 31
_LONGEST = 60  # characters of a level's name


@dataclass(frozen=True, slots=True)
class Analyzed:
    """What was analyzed and what came out. notes: as the command shows them; own: whether the units are those
    of a project's experiment."""

    name: str
    spec: Specification
    summary: Summary
    analysis: Analysis
    notes: tuple[str, ...]
    own: bool
    run_id: str


def experiment_pages(lab: Lab, found: Analyzed) -> dict[str, str]:
    """The page in every language, the project's own first."""
    report = experiment_report(lab, found)
    ordered = sorted(LANGUAGES, key=lambda one: one != lab.settings.language)
    return {language: render_experiment(report, language) for language in ordered}


def experiment_report(lab: Lab, found: Analyzed) -> ExperimentReport:
    """What the page says, as plain values."""
    spec, summary, analysis = found.spec, found.summary, found.analysis
    results = sorted((_result(one, found) for one in analysis.metrics), key=_place)
    primary = [one for one in analysis.interactions if _metric(one.metric, spec).role == "primary"]
    first, last = _days(summary, spec)
    return ExperimentReport(
        name=found.name,
        arms=_arms(found),
        cause=analysis.decision.cause,
        checks=tuple(Checked(one.check, one.kind, one.facts) for one in analysis.trust.findings),
        results=tuple(results[:_MOST_RESULTS]),
        plan=Plan(
            spec.analysis.sequential,
            spec.plan.n_per_arm,
            min(summary.main.units(arm) for arm in range(len(summary.arms))),
        ),
        shipped=analysis.decision.arm,
        currency=lab.settings.currency,
        confidence=spec.analysis.confidence,
        corrected=_corrected(analysis.metrics, spec),
        further=max(len(results) - _MOST_RESULTS, 0),
        segments=tuple(_segments(found, lab.settings.privacy.min_cell)),
        interactions=sum(one.p_value is not None for one in primary),
        courses=tuple(_courses(found)),
        first_day=first,
        last_day=last,
        window_days=spec.window_days if spec.exposed_at else None,
        waiting=0 if summary.waiting is None else int(summary.waiting.sum()),
        by_policy=BY_POLICY in found.notes,
        reread=any(note != BY_POLICY for note in found.notes),
        cut=tuple(m.name for m in spec.metrics if m.name in summary.caps or getattr(m, "cap", None)),
        origin=Origin(experiment=found.name, run_id=found.run_id, data_as_of=last),
    )


def _place(one: Result) -> int:
    return _ROLES.index(one.measure.role)


def _metric(name: str, spec: Specification) -> Metric:
    return next(metric for metric in spec.metrics if metric.name == name)


def _days(summary: Summary, spec: Specification) -> tuple[date | None, date | None]:
    """From the first unit's entry to the last day of a window that has closed."""
    if spec.exposed_at is None:
        return None, None
    first, last = (date.fromisoformat(summary.days[k]) for k in (0, -1))
    return first - timedelta(days=spec.window_days or 0), last


def _arms(found: Analyzed) -> tuple[Arm, ...]:
    ratio = found.analysis.trust.sample_ratio
    counted = zip(found.summary.arms, found.summary.assigned, strict=True)
    return tuple(Arm(name, int(n), None if ratio is None else ratio.planned[name]) for name, n in counted)


def _corrected(comparisons: Sequence[Comparison], spec: Specification) -> int:
    if spec.analysis.correction == "none":
        return 0
    judged = [one for one in comparisons if one.role in ("primary", "secondary")]
    return sum(one.lift is not None for one in judged)


def _measure(metric: Metric, found: Analyzed) -> Measure:
    return Measure(metric.name, _kind(metric, found), metric.role, metric.better == "higher")


def _kind(metric: Metric, found: Analyzed) -> Kind:
    """Money only where that is known: of a flat table's columns nothing is."""
    if isinstance(metric, Proportion):
        return "share"
    if isinstance(metric, ProfitMetric):
        return "money"
    of_money = [column in _MONEY for column in metric.columns]
    if found.own and of_money[0] and not (isinstance(metric, Ratio) and of_money[1]):
        return "money"
    return "number"


def _result(one: Comparison, found: Analyzed) -> Result:
    metric, relative = _metric(one.metric, found.spec), one.relative
    margin = None
    if one.lift is not None and one.mean_control is not None:
        margin = margin_of(metric, one.mean_control)
    return Result(
        _measure(metric, found),
        one.arm,
        state_of(one, metric),
        (one.n_arm, one.n_control),
        reason=_reason(one, found),
        mean_arm=one.mean_arm,
        mean_control=one.mean_control,
        effect=None if one.lift is None else _range(one.lift),
        relative=None if relative is None else _range(relative),
        margin=None if margin is None else margin.width,
        p_value=None if one.lift is None else one.lift.p_value,
        p_value_adjusted=one.p_value_adjusted if one.role in ("primary", "secondary") else None,
        variance_reduction=one.variance_reduction,
        believed=None
        if one.posterior is None
        else (one.posterior.chance_to_win, one.posterior.loss_if_shipped),
    )


def _reason(one: Comparison, found: Analyzed) -> Reason:
    """Why there is no effect, from the facts: the analysis says it in English alone."""
    smallest, fixed = min(one.n_arm, one.n_control), found.spec.analysis.sequential == "fixed"
    if one.lift is not None:
        return ""
    if one.type == "quantile" and not fixed:
        return "quantile_looks"
    if found.spec.cluster is not None and (one.segment is not None or one.type == "quantile"):
        return "clusters"
    if smallest < 2:
        return "too_few"
    return "other" if fixed or smallest >= FEWEST_UNITS else "not_begun"


def _range(found: Lift | RelativeLift) -> Range:
    low, high = (end if isfinite(end) else None for end in (found.low, found.high))
    return Range(found.value, low, high)


def _segments(found: Analyzed, min_cell: int) -> Iterator[Segment]:
    """Levels of fewer units than `min_cell` have no name: it may be that of a person."""
    room = _MOST_SEGMENT_ROWS
    for column, part in found.summary.segments.items():
        shown, small = _levels(part, len(found.summary.arms), min_cell)
        own = [one for one in found.analysis.segments if one.segment == column and one.role == "primary"]
        pairs = list(dict.fromkeys((one.metric, one.arm) for one in own))
        pairs = pairs[: room // max(len(shown), 1)]
        room -= len(pairs) * len(shown)
        results = tuple(
            (_short(str(one.level)), _result(one, found))
            for one in own
            if one.level in shown and (one.metric, one.arm) in pairs
        )
        asked = tuple(
            Interaction(one.metric, one.arm, one.p_value)
            for one in found.analysis.interactions
            if one.segment == column and (one.metric, one.arm) in pairs
        )
        named = sum(one.level not in small for one in own)
        together = column == found.spec.analysis.score
        yield Segment(column, results, asked, len(small), named - len(results), together=together)


def _levels(part: Part, arms: int, min_cell: int) -> tuple[set[str], set[str]]:
    """The largest levels, and those too small to be named."""
    sizes = {
        level: sum(part.units(arm, level=k) for arm in range(arms)) for k, level in enumerate(part.levels)
    }
    small = {level for level, units in sizes.items() if units < min_cell}
    named = sorted(sizes.keys() - small, key=lambda level: (-sizes[level], level))
    return set(named[:_MOST_LEVELS]), small


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _courses(found: Analyzed) -> Iterator[Course]:
    spec, looks = found.spec, found.analysis.looks
    alone = periods(found.summary, spec)
    pairs = list(dict.fromkeys((look.comparison.metric, look.comparison.arm) for look in looks))
    for metric, arm in pairs[:_MOST_COURSES]:
        points = [
            Point(day, day, look.units, None if one.lift is None else _range(one.lift))
            for look in looks
            if ((one := look.comparison).metric, one.arm) == (metric, arm)
            and (day := date.fromisoformat(look.day))
        ]
        every = -(-len(points) // _MOST_LOOKS)
        measure = _measure(_metric(metric, spec), found)
        own = [_period(one, metric, arm, found) for one in alone if one.effects]
        yield Course(measure, arm, tuple(points[::-1][::every][::-1]), tuple(own))


def _period(one: Period, metric: str, arm: str, found: Analyzed) -> Point:
    lift = next(e.lift for e in one.effects if (e.metric, e.arm) == (metric, arm))
    units = one.units[0] + one.units[found.summary.arms.index(arm)]
    return Point(one.first, one.last, units, None if lift is None else _range(lift))
