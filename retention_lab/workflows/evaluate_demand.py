"""`lab evaluate` of a forecast: what it said from each period after its learning, beside what came."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from retention_lab.checks import check
from retention_lab.config.demand import DemandDefinition
from retention_lab.config.loading import definition_sha256
from retention_lab.demand.accuracy import period_mean, scaled_error
from retention_lab.demand.scorer import DemandScorer
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.workflows.demand_report import DemandEvaluateReport
from retention_lab.workflows.demand_rows import DemandRows, read_demand
from retention_lab.workflows.demand_training import Held, baseline_name, held_out, judge
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_uses
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_demand import day_of, judged_part, trained_definition


@dataclass(frozen=True, slots=True)
class Later:
    """The sales after what some versions learned from."""

    held: Held
    rows: DemandRows
    part: str
    definition: DemandDefinition


def evaluate_demand(
    lab: Lab,
    selector: str,
    *,
    table: Path | None = None,
    as_of: datetime | None = None,
    against: str | None = None,
) -> DemandEvaluateReport:
    """Evaluate a version on sales after what it learned from, and track that as a run.

    Beside another version, both are judged on what came after the later of the two.
    Raises LabError where too little came after it, or the versions forecast different things.
    """
    store = lab.open_store()
    loaded = load_version(store, *parse_selector(selector))
    other = None if against is None else load_version(store, *parse_selector(against))
    at = None if as_of is None else lab.start_of(as_of)
    later = what_came_later(lab, [loaded, *([other] if other else [])], table=table, as_of=at)
    tags = run_tags(
        "demand",
        loaded.name,
        as_of=at,
        definition_sha256=definition_sha256(later.definition),
        data_sha256=later.rows.sha256,
        git_commit=git_commit(lab.folder),
    )
    own = {"lab.role": "evaluation", HELD_OUT_TAG: later.part, "lab.model_version": loaded.version}
    title = f"{loaded.name}/{loaded.version}"
    with start_run(store, f"evaluate/{loaded.name}", title, {**tags, **own}) as run:
        evidence, rolled = judge(loaded.model, later.held)
        gain, panel = evidence["mase_gain"], later.held.panel
        report = DemandEvaluateReport(
            name=loaded.name,
            version=loaded.version,
            rows=int(np.isfinite(rolled.forecast).sum()),
            evidence=evidence,
            checks=[check("better_than_last_season", "soft", gain.high < 0, gain.high, 0.0)],
            against=None if other is None else other.version,
            difference={} if other is None else {"mase": difference(loaded.model, other.model, later.held)},
            baseline=baseline_name(later.held.season),
            learned_until=day_of(panel.first + later.held.cut, panel.period),
            judged_until=day_of(panel.end, panel.period),
            uses=held_out_uses(store, loaded.name, later.part),
            run_id=run.id,
        )
        run.log_estimates("valid", evidence)
        run.log_json("result.json", report.as_json())
    return report


def what_came_later(
    lab: Lab, versions: list[Loaded], *, table: Path | None = None, as_of: datetime | None = None
) -> Later:
    """The sales after all that these versions learned from.

    Raises LabError where there are too few, or the versions forecast different things.
    """
    scorers: list[DemandScorer] = [version.model for version in versions]
    if len({(one.period, one.horizon, one.columns) for one in scorers}) > 1:
        raise LabError(
            "The versions forecast different values, series, periods or horizons.",
            "Compare versions of one definition.",
        )
    definition = trained_definition(lab, versions[0])
    rows = read_demand(lab, definition, as_of, table)
    cut = max(one.seen_until for one in scorers) - rows.panel.first
    if not 0 < cut < rows.panel.length:
        raise LabError(
            f"The sales end before {day_of(rows.panel.end, rows.panel.period)}, and the model has learned "
            f"from those before {day_of(rows.panel.first + cut, rows.panel.period)}.",
            "Evaluate when newer sales are there.",
        )
    held = held_out(rows.panel, cut, scorers[0].season, scorers[0].horizon)
    return Later(held, rows, judged_part(held), definition)


def difference(one: DemandScorer, other: DemandScorer, held: Held) -> Estimate:
    """Scaled error of one version less another's, on the same forecasts; below 0, the one is better."""
    first, second = (judge(scorer, held)[1] for scorer in (one, other))
    return period_mean(scaled_error(first, held.scale) - scaled_error(second, held.scale), first)
