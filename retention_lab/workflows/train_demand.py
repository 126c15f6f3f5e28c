"""`lab train` of a forecast: the series, the candidates, the choice by earlier periods, the version."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.checks import Check, check
from retention_lab.config.demand import DemandDefinition
from retention_lab.config.loading import definition_sha256
from retention_lab.data.write import write_table
from retention_lab.demand.periods import Period, first_days
from retention_lab.demand.scorer import DemandScorer
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.model_files import ModelFiles
from retention_lab.tracking.models import Loaded
from retention_lab.tracking.models import register as register_version
from retention_lab.tracking.registry import CHALLENGER
from retention_lab.tracking.runs import Run, run_tags, start_run
from retention_lab.whole_files import write_whole
from retention_lab.workflows.as_trained import definition_of, definition_text, overrides_of, overrides_tag
from retention_lab.workflows.demand_campaign import campaign_lift, lift_as_json, measured_lift
from retention_lab.workflows.demand_page import demand_page
from retention_lab.workflows.demand_report import DemandTrainReport
from retention_lab.workflows.demand_rows import DemandRows, read_demand
from retention_lab.workflows.demand_training import Candidate, Fitted, Held, Question, checks_of, fit
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_part, held_out_uses
from retention_lab.workflows.project import Lab

LOADER = "retention_lab.demand.scorer:from_files"
REQUIREMENTS = ("lightgbm", "numpy", "pyarrow", "scipy")


def train_demand(
    lab: Lab,
    name: str,
    *,
    as_of: datetime | None = None,
    overrides: Sequence[str] = (),
    register: bool = True,
    say: Callable[[str], None],
) -> DemandTrainReport:
    """Train a definition: every candidate is a run, the winner is registered as challenger.

    The winner has the least error on the periods before those that judge, which only report.
    Raises LabError where the definition or its series do not allow the question.
    """
    definition = demand_definition(lab, name, overrides)
    at = None if as_of is None else lab.start_of(as_of)
    say("reading the sales")
    rows = read_demand(lab, definition, at)
    tags = run_tags(
        "demand",
        name,
        as_of=at,
        definition_sha256=definition_sha256(definition),
        data_sha256=rows.sha256,
        git_commit=git_commit(lab.folder),
    )
    question = Question(rows.panel, definition.horizon, definition.season, rows.columns, definition.seed)
    with start_run(lab.open_store(), f"train/{name}", name, {**tags, "lab.role": "parent"}) as run:
        fitted = fit(question, definition.candidates, say)
        say("tracking")
        return _keep(_Job(lab, run, definition, overrides, rows, question, tags), fitted, register=register)


def demand_definition(lab: Lab, name: str, overrides: Sequence[str] = ()) -> DemandDefinition:
    """The definition of a forecast. Raises ConfigurationError for any other kind."""
    return definition_of(lab, name, "demand", DemandDefinition, overrides)


def trained_definition(lab: Lab, version: Loaded) -> DemandDefinition:
    """The definition as it stands now, under the overrides that a version was trained with."""
    return demand_definition(lab, version.name, overrides_of(version))


def day_of(period: int, kind: Period) -> str:
    """The first day of a period, as 2026-03-02."""
    return str(np.datetime64(int(first_days(np.array([period]), kind)[0]), "D"))


def judged_part(held: Held) -> str:
    """What names the sales that judge: the same series in the same periods with the same values."""
    digest = hashlib.sha256("\x00".join(held.panel.names).encode())
    digest.update(np.array([held.panel.first + held.cut, held.panel.end]).tobytes())
    digest.update(held.panel.values[:, held.cut :].tobytes())
    return held_out_part(np.array([digest.hexdigest()]))


@dataclass(frozen=True, slots=True)
class _Job:
    """What is trained on which series, in which run; tags: those that the candidates' runs carry too."""

    lab: Lab
    run: Run
    definition: DemandDefinition
    overrides: Sequence[str]
    rows: DemandRows
    question: Question
    tags: dict[str, str]


def _keep(job: _Job, fitted: Fitted, *, register: bool) -> DemandTrainReport:
    lab, definition, panel = job.lab, job.definition, job.rows.panel
    candidates = [_track(job, one) for one in fitted.candidates]
    part = judged_part(fitted.held)
    job.run.set_tags({HELD_OUT_TAG: part})
    lift = campaign_lift(fitted, panel, definition.horizon)
    measured = measured_lift(lab, definition)
    report = DemandTrainReport(
        name=definition.name,
        run_id=job.run.id,
        winner=fitted.winner.name,
        baseline=fitted.baseline.name,
        beats_baseline=fitted.beaten,
        model_version=_register(job, fitted.winner.scorer) if register else None,
        checks=[*checks_of(job.question, fitted, job.rows.left_out), *_planned_check(job.rows)],
        candidates=candidates,
        series=len(panel.names),
        periods=panel.length,
        period=panel.period,
        horizon=definition.horizon,
        season=fitted.split.season,
        learned_until=day_of(panel.first + fitted.split.cut, panel.period),
        judged_until=day_of(panel.end, panel.period),
        held_out={
            "rows": int(np.isfinite(fitted.winner.rolled.forecast).sum()),
            "uses": held_out_uses(job.run.store, definition.name, part),
        },
        campaign=lift_as_json(lift, measured),
        forecast=f"reports/{definition.name}-forecast.csv",
        report=f"reports/{definition.name}.html",
    )
    page = demand_page(lab, report, job.rows, fitted, lift, measured)
    write_whole(lab.folder / report.report, page.encode())
    write_table(lab.folder / report.forecast, fitted.winner.scorer.scores(panel))
    job.run.log_text("report.html", page)
    job.run.log_estimates("valid", fitted.winner.evidence)
    job.run.log_params(_params(job, report))
    job.run.log_text("definition.yaml", definition_text(definition.file, job.overrides))
    job.run.log_json("result.json", report.as_json())
    return report


def _planned_check(rows: DemandRows) -> list[Check]:
    if not rows.out_of_reach:
        return []
    told = f"{rows.out_of_reach} planned campaigns do not begin in the periods ahead, and change nothing."
    return [check("planned_in_reach", "soft", False, float(rows.out_of_reach), 0.0, told)]


def _params(job: _Job, report: DemandTrainReport) -> dict[str, object]:
    names = ("period", "horizon", "most_series", "campaign_days", "seed")
    return {
        **{name: getattr(job.definition, name) for name in names},
        "models": list(job.definition.candidates),
        **{
            name: getattr(report, name)
            for name in ("winner", "season", "series", "periods", "learned_until", "judged_until")
        },
    }


def _track(job: _Job, item: Candidate) -> dict[str, Any]:
    parent, tags = job.run, {**job.tags, "lab.role": "candidate"}
    with start_run(parent.store, parent.experiment, item.name, tags, parent) as run:
        run.log_params({"learner": item.name})
        run.log_metrics({"train.earlier_loss": item.loss, "seconds": item.seconds})
        run.log_estimates("valid", item.evidence)
        run.log_json("result.json", {name: found.as_json() for name, found in item.evidence.items()})
    return {
        "model": item.name,
        "metrics": {name: found.as_json() for name, found in item.evidence.items()},
        "seconds": item.seconds,
        "cross_fitted_loss": item.loss,
        "run_id": run.id,
    }


def _register(job: _Job, scorer: DemandScorer) -> str:
    columns = scorer.columns
    texts = [name for name in (columns.series, columns.time) if name is not None]
    numbers = [name for name in (columns.value, columns.campaign) if name is not None]
    model = ModelFiles(
        loader=LOADER,
        files=scorer.to_files(),
        inputs=pa.schema(
            [*((name, pa.string()) for name in texts), *((name, pa.float64()) for name in numbers)]
        ),
        outputs=scorer.output_schema(),
        params={"end": ""},
        requirements=REQUIREMENTS,
    )
    tags = {
        "lab.kind": "demand",
        "lab.learner": scorer.learner,
        "lab.learned_until": day_of(scorer.seen_until, scorer.period),
        "lab.data_sha256": job.rows.sha256,
        **overrides_tag(job.overrides),
    }
    return register_version(job.run, job.definition.name, model, tags, alias=CHALLENGER)
