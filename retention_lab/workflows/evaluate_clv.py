"""`lab evaluate` of a value model: what it forecast, beside what came after its calibration."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from retention_lab.clv.metrics import error_difference
from retention_lab.clv.same_rate import SameRate
from retention_lab.clv.scorer import ClvScorer
from retention_lab.config.clv import ClvDefinition
from retention_lab.config.loading import definition_sha256
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.workflows.clv_report import ClvEvaluateReport
from retention_lab.workflows.clv_rows import Purchases, read_purchases
from retention_lab.workflows.clv_training import Held, held_out, judge
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_part, held_out_uses
from retention_lab.workflows.keys import customer_keys
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_clv import day_text, trained_definition

_LEAST_CUSTOMERS = 100


@dataclass(frozen=True, slots=True)
class Later:
    """What came after the calibrations of some versions, and whom it concerns; last: where it begins."""

    held: Held
    last: int
    purchases: Purchases
    part: str
    definition: ClvDefinition


def evaluate_clv(
    lab: Lab,
    selector: str,
    *,
    table: Path | None = None,
    as_of: datetime | None = None,
    against: str | None = None,
) -> ClvEvaluateReport:
    """Evaluate a version on purchases after its calibration, and track that as a run.

    Beside another version, both are judged on what came after the later of the two calibrations.
    Raises LabError where nothing came after it, or the versions count time in different units.
    """
    store = lab.open_store()
    loaded = load_version(store, *parse_selector(selector))
    other = None if against is None else load_version(store, *parse_selector(against))
    at = None if as_of is None else lab.start_of(as_of)
    later = what_came_later(lab, [loaded, *([other] if other else [])], table=table, as_of=at)
    run_name, tags = f"{loaded.name}/{loaded.version}", _tags(lab, loaded, later, at)
    with start_run(store, f"evaluate/{loaded.name}", run_name, tags) as run:
        evidence = judge(loaded.model, later.held)
        report = ClvEvaluateReport(
            name=loaded.name,
            version=loaded.version,
            rows=len(later.held.purchases),
            evidence=evidence,
            baseline=_same_rate(loaded.model, later.held),
            checks=[],
            against=None if other is None else other.version,
            difference={} if other is None else {"mae": difference(loaded.model, other.model, later.held)},
            calibration_end=day_text(later.last),
            holdout_end=day_text(later.purchases.last),
            uses=held_out_uses(store, loaded.name, later.part),
            run_id=run.id,
        )
        run.log_estimates("valid", evidence)
        run.log_json("result.json", report.as_json())
    return report


def what_came_later(
    lab: Lab, versions: list[Loaded], *, table: Path | None = None, as_of: datetime | None = None
) -> Later:
    """The purchases after all of these versions' calibrations.

    Raises LabError where there are none, or the versions count time in different units.
    """
    definition = trained_definition(lab, versions[0])
    purchases = read_purchases(lab, definition, as_of, table)
    scorers: list[ClvScorer] = [version.model for version in versions]
    if len({scorer.unit_days for scorer in scorers}) > 1:
        raise LabError(
            "The versions count time in different units.", "Compare versions with one `time_unit`."
        )
    last = max(scorer.last_day for scorer in scorers)
    if last >= purchases.last:
        raise LabError(
            f"The log ends on {day_text(purchases.last)}, and the model has seen it until {day_text(last)}.",
            "Evaluate when newer purchases are there (--table), or train with an earlier `calibration_end`.",
        )
    held = held_out(purchases.days, last, scorers[0].unit_days, purchases.last)
    if len(held.purchases) < _LEAST_CUSTOMERS:
        raise LabError(
            f"{len(held.purchases)} customers were known by then, and fewer than {_LEAST_CUSTOMERS} say too "
            "little about a model.",
            "Provide more customers.",
        )
    part = held_out_part(customer_keys(lab, held.history.summary.ids).values)
    return Later(held, last, purchases, part, definition)


def difference(one: ClvScorer, other: ClvScorer, held: Held) -> Estimate:
    """Absolute error of one version less another's; below 0, the one is better."""
    days = held.t * one.unit_days
    first, second = (scorer.expected_purchases(held.history, days) for scorer in (one, other))
    return error_difference(first, second, held.purchases)


def _same_rate(scorer: ClvScorer, held: Held) -> dict[str, Estimate]:
    baseline = ClvScorer(
        learner="same_rate",
        model=SameRate(),
        spending=None,
        unit_days=scorer.unit_days,
        horizon_days=scorer.horizon_days,
        discount_rate_year=scorer.discount_rate_year,
        last_day=scorer.last_day,
        columns=scorer.columns,
    )
    return judge(baseline, held)


def _tags(lab: Lab, loaded: Loaded, later: Later, as_of: datetime | None) -> dict[str, str]:
    tags = run_tags(
        "clv",
        loaded.name,
        as_of=as_of,
        definition_sha256=definition_sha256(later.definition),
        data_sha256=later.purchases.sha256,
        git_commit=git_commit(lab.folder),
    )
    own = {"lab.role": "evaluation", HELD_OUT_TAG: later.part, "lab.model_version": loaded.version}
    return {**tags, **own}
