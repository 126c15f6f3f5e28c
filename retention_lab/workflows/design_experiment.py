"""`lab experiment design`: what effect, with how many units, in how many days, from the project's past."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt
from pathlib import Path
from typing import Any

from retention_lab.abtest.design.choices import Choice, Planner
from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.duration import Schedule
from retention_lab.abtest.design.past import Past, past_metric
from retention_lab.abtest.design.planned import comparisons_sharing, planned_comparison, towards_better
from retention_lab.abtest.design.result import Design
from retention_lab.abtest.metrics import Metric
from retention_lab.config.abtest import AbTestDefinition
from retention_lab.errors import ConfigurationError, UsageError, did_you_mean, found_in
from retention_lab.workflows.analyze_experiment import abtest_definition
from retention_lab.workflows.experiment_entry import entry_at, planned_arms
from retention_lab.workflows.experiment_history import History, read_history
from retention_lab.workflows.project import Lab

_USUAL = 0.05  # share of the baseline, where nobody says what effect matters


@dataclass(frozen=True, slots=True)
class DesignQuestion:
    """What is asked. Of mde, relative_mde, n_per_arm and days at most one; none: what the plan says.

    metric: None is the first primary one. mde: size of an effect in the metric's unit, above 0; relative_mde:
    the same as a share of the baseline. n_per_arm: units of the smallest arm. days: from the first unit's
    entry to the last window's end. power: None is the plan's. coverage: share of the entering units that
    take part. history: a file in place of the definition's table.
    """

    metric: str | None = None
    mde: float | None = None
    relative_mde: float | None = None
    n_per_arm: int | None = None
    days: int | None = None
    power: float | None = None
    coverage: float = 1.0
    history: Path | None = None

    def __post_init__(self) -> None:
        named = {"--mde": self.mde, "--relative-mde": self.relative_mde}
        asked = [*named, "--n", "--days"]
        values = [*named.values(), self.n_per_arm, self.days]
        given = [word for word, value in zip(asked, values, strict=True) if value is not None]
        if len(given) > 1:
            raise UsageError(f"{' and '.join(given)} answer each other.", "Give one of them.")
        for word, value in named.items():
            if value is not None and not value > 0:
                raise UsageError(
                    f"The effect of {word} is {value:g}.",
                    "Give its size, above 0: `better` and `alternative` in the definition say its direction.",
                )


@dataclass(frozen=True, slots=True)
class DesignReport:
    """What the command answers.

    shares: of the arms, control first. counted: comparisons over which the level is corrected. design: the
    one asked for; chosen: the same with its days. table: other effects and powers; by_days: what each length
    finds. expected: units of all arms when the test stops, on average, where the effect is as planned; None
    without looks before the end.
    """

    name: str
    shares: dict[str, float]
    past: Past
    source: str
    comparison: Comparison
    counted: int
    design: Design
    chosen: Choice
    table: tuple[Choice, ...]
    by_days: tuple[Choice, ...]
    expected: float | None
    notes: tuple[str, ...]

    @property
    def level(self) -> float:
        """Chance of a false alarm in any of the comparisons that share the level with this one."""
        return self.comparison.hypothesis.alpha * self.counted

    @property
    def units(self) -> dict[str, int]:
        """Of each arm, control first."""
        return dict(zip(self.shares, self.design.units, strict=True))

    def as_json(self) -> dict[str, Any]:
        """The document of the contract, and the tables."""
        looks, hypothesis = self.comparison.looks, self.comparison.hypothesis
        return {
            "name": self.name,
            **self.design.as_json(),
            **self.chosen.as_json(),
            "units": self.units,
            "alternative": hypothesis.alternative,
            "null_effect": hypothesis.null,
            "looks": None if looks is None else len(looks.fractions),
            "expected_units": self.expected,
            "history": self._history(),
            "table": [one.as_json() for one in self.table],
            "by_days": [one.as_json() for one in self.by_days],
            "notes": list(self.notes),
        }

    def _history(self) -> dict[str, Any]:
        precision = self.past.precision
        return {
            "source": self.source,
            "units": self.past.units,
            "missing": self.past.missing,
            "standard_deviation": sqrt(self.past.outcome.variances(0.0)[0]),
            "cut_at": self.past.cap,
            "explained": precision.explained,
            "cluster_size": precision.cluster_size,
            "intraclass_correlation": precision.intraclass_correlation,
        }


def design_experiment(
    lab: Lab,
    name: str,
    question: DesignQuestion,
    *,
    overrides: Sequence[str] = (),
    say: Callable[[str], None],
) -> DesignReport:
    """Plan a test as its definition will judge it.

    Raises LabError where the history is missing or does not fit, or what is asked cannot be.
    """
    definition = abtest_definition(lab, name, overrides)
    metric = _metric(definition, question.metric)
    say("reading the history")
    history = read_history(lab, definition, question.history)
    notes = list(history.notes)
    with found_in(definition.file):
        shares, past, comparison = _comparison(definition, metric, history, notes)
        say("planning")
        planner = Planner(
            comparison,
            towards_better(comparison, metric),
            definition.plan.power if question.power is None else question.power,
            _schedule(lab, definition, history, question),
            history.no_entry,
        )
        design = _chosen(planner, metric, definition, question, notes)
    counted = comparisons_sharing(definition, metric, len(shares) - 1)
    tables = (planner.by_effect(design), planner.by_days())
    chosen, expected = planner.with_days(design), planner.expected_units(design)
    return DesignReport(
        name,
        shares,
        past,
        history.source,
        comparison,
        counted,
        design,
        chosen,
        *tables,
        expected,
        tuple(notes),
    )


def _metric(definition: AbTestDefinition, name: str | None) -> Metric:
    known = {metric.name: metric for metric in definition.metrics}
    if name is None:
        return next((one for one in definition.metrics if one.role == "primary"), definition.metrics[0])
    if name not in known:
        raise ConfigurationError(
            f"No metric is named '{name}'.", did_you_mean(name, known), file=definition.file, key="metrics"
        )
    return known[name]


def _comparison(
    definition: AbTestDefinition, metric: Metric, history: History, notes: list[str]
) -> tuple[dict[str, float], Past, Comparison]:
    """Shares of the arms, what the past says of the metric, and the comparison that follows from both."""
    strata = _strata(definition, history, notes)
    past = past_metric(history.rows, metric, cluster=definition.cluster, strata=strata)
    shares = _shares(definition, history, notes)
    found = planned_comparison(definition, metric, past, tuple(shares.values()), dated=history.dated)
    return shares, past, found


def _strata(definition: AbTestDefinition, history: History, notes: list[str]) -> str | None:
    """The project's tables say nothing of strata that a test will draw."""
    if definition.experiment is None or definition.strata in history.rows.column_names:
        return definition.strata
    if definition.strata is not None:
        notes.append("What strata will take off the variance is not known beforehand, and not counted.")
    return None


def _shares(definition: AbTestDefinition, history: History, notes: list[str]) -> dict[str, float]:
    """Control first: as planned, else equal shares of the arms that the history has, or of two."""
    planned = planned_arms(definition)
    if planned:
        return planned
    arms = history.arms or (definition.control or "control", "arm")
    notes.append(
        f"No shares are planned: {len(arms)} arms of equal size are taken. Set `planned_shares`, without "
        "which nobody can say whether units are lost."
    )
    return dict.fromkeys(arms, 1 / len(arms))


def _schedule(
    lab: Lab, definition: AbTestDefinition, history: History, question: DesignQuestion
) -> Schedule | None:
    starts = definition.plan.starts
    moment = datetime.now(UTC) if starts is None else lab.project.moment(starts)
    share = entry_at(lab, definition, moment).probability() * question.coverage
    return None if history.entry is None else Schedule(history.entry, history.window_days, share)


def _chosen(
    planner: Planner, metric: Metric, definition: AbTestDefinition, question: DesignQuestion, notes: list[str]
) -> Design:
    """The design asked for, by the command's words or else by the plan's keys."""
    plan = definition.plan
    if question.relative_mde is not None:
        return planner.for_share(question.relative_mde)
    mde, units, days = question.mde, question.n_per_arm, question.days
    if mde is units is days is None:
        mde = plan.mde if metric == _metric(definition, None) else None  # it is in that metric's unit
        units, days = plan.n_per_arm, plan.days
    if mde is not None:
        return planner.for_effect(mde)
    if units is not None:
        return planner.for_smallest_arm(units)
    if days is not None:
        return planner.for_days(days)
    if planner.comparison.hypothesis.null != 0:
        notes.append("Planned for an arm that is in truth as good as control.")
        return planner.for_effect(0.0)
    notes.append(
        f"Nobody said what effect matters, so {_USUAL:.0%} of the baseline is taken: choose with --mde, "
        "--relative-mde, --n or --days, or set `plan.mde`."
    )
    return planner.for_share(_USUAL)
