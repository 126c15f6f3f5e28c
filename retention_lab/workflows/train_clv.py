"""`lab train` of a value model: the log, the candidates, the choice inside the calibration, the version."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.clv.learners import Window
from retention_lab.clv.scorer import ClvScorer
from retention_lab.config.clv import ClvDefinition
from retention_lab.config.loading import definition_sha256
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.model_files import ModelFiles
from retention_lab.tracking.models import Loaded
from retention_lab.tracking.models import register as register_version
from retention_lab.tracking.registry import CHALLENGER
from retention_lab.tracking.runs import Run, run_tags, start_run
from retention_lab.whole_files import write_whole
from retention_lab.workflows.as_trained import definition_of, definition_text, overrides_of, overrides_tag
from retention_lab.workflows.clv_page import clv_page
from retention_lab.workflows.clv_report import ClvTrainReport
from retention_lab.workflows.clv_rows import Purchases, calibration_end, read_purchases, time_unit
from retention_lab.workflows.clv_training import Candidate, Fitted, Question, checks_of, fit
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_part, held_out_uses
from retention_lab.workflows.keys import customer_keys
from retention_lab.workflows.project import Lab

LOADER = "retention_lab.clv.scorer:from_files"
REQUIREMENTS = ("lightgbm", "numba", "numpy", "pyarrow", "scipy")


def train_clv(
    lab: Lab,
    name: str,
    *,
    as_of: datetime | None = None,
    overrides: Sequence[str] = (),
    register: bool = True,
    say: Callable[[str], None],
) -> ClvTrainReport:
    """Train a definition: every candidate is a run, the winner is registered as challenger.

    The winner has the least error on earlier cuts of the calibration; the holdout only reports.
    Raises LabError where the definition or its log do not allow the question.
    """
    definition = clv_definition(lab, name, overrides)
    at = None if as_of is None else lab.start_of(as_of)
    say("reading the log")
    purchases = read_purchases(lab, definition, at)
    question = question_of(lab, definition, purchases)
    tags = run_tags(
        "clv",
        name,
        as_of=at,
        definition_sha256=definition_sha256(definition),
        data_sha256=purchases.sha256,
        git_commit=git_commit(lab.folder),
    )
    with start_run(lab.open_store(), f"train/{name}", name, {**tags, "lab.role": "parent"}) as run:
        fitted = fit(question, definition.models, say)
        say("tracking")
        job = _Job(lab, run, definition, overrides, purchases, question, tags)
        report = _report(job, fitted, register=register)
        _keep(job, report, fitted)
    return report


def clv_definition(lab: Lab, name: str, overrides: Sequence[str] = ()) -> ClvDefinition:
    """The definition of a value model. Raises ConfigurationError for any other kind."""
    return definition_of(lab, name, "clv", ClvDefinition, overrides)


def trained_definition(lab: Lab, version: Loaded) -> ClvDefinition:
    """The definition as it stands now, under the overrides that a version was trained with."""
    return clv_definition(lab, version.name, overrides_of(version))


def question_of(lab: Lab, definition: ClvDefinition, purchases: Purchases) -> Question:
    """What the definition asks of a log."""
    unit, last = time_unit(definition), calibration_end(lab, definition, purchases)
    # what a model is judged by, and what the value model learns to be right about, is the holdout's length
    horizon = (purchases.last - last) / unit
    window = Window(purchases.days, last, unit, horizon, purchases.amounts)
    return Question(
        window, purchases.last, definition.horizon_days, definition.discount_rate_year, purchases.columns
    )


def day_text(day: int) -> str:
    """Days since 1970 as 1997-09-30."""
    return str(np.datetime64(day, "D"))


@dataclass(frozen=True, slots=True)
class _Job:
    """What is trained on which log, in which run; tags: those that the candidates' runs carry too."""

    lab: Lab
    run: Run
    definition: ClvDefinition
    overrides: Sequence[str]
    purchases: Purchases
    question: Question
    tags: dict[str, str]


def _report(job: _Job, fitted: Fitted, *, register: bool) -> ClvTrainReport:
    candidates = [_track(job, item) for item in fitted.candidates]
    ids = fitted.held.history.summary.ids
    part = held_out_part(customer_keys(job.lab, ids).values)
    job.run.set_tags({HELD_OUT_TAG: part})
    uses = held_out_uses(job.run.store, job.definition.name, part)
    return ClvTrainReport(
        name=job.definition.name,
        run_id=job.run.id,
        winner=fitted.winner.name,
        model_version=_register(job, fitted.winner.scorer) if register else None,
        checks=checks_of(job.question, fitted),
        candidates=candidates,
        baselines=[_figures(one) for one in fitted.baselines],
        params={
            name: float(value) for name, value in getattr(fitted.winner.scorer.model, "params", {}).items()
        },
        customers=len(ids),
        calibration_end=day_text(job.question.window.last),
        holdout_end=day_text(job.question.end),
        held_out={"rows": len(ids), "uses": uses},
        report=f"reports/{job.definition.name}.html",
    )


def _track(job: _Job, item: Candidate) -> dict[str, Any]:
    parent, tags = job.run, {**job.tags, "lab.role": "candidate"}
    with start_run(parent.store, parent.experiment, item.name, tags, parent) as run:
        run.log_params({"learner": item.name, **getattr(item.scorer.model, "params", {})})
        run.log_metrics({"train.earlier_loss": item.loss, "seconds": item.seconds})
        run.log_estimates("valid", item.evidence)
        run.log_json("result.json", {name: found.as_json() for name, found in item.evidence.items()})
    return {**_figures(item), "run_id": run.id}


def _figures(item: Candidate) -> dict[str, Any]:
    return {
        "model": item.name,
        "metrics": {name: found.as_json() for name, found in item.evidence.items()},
        "seconds": item.seconds,
        "cross_fitted_loss": item.loss,
    }


def _keep(job: _Job, report: ClvTrainReport, fitted: Fitted) -> None:
    page = clv_page(job.lab, report, job.purchases, fitted)
    job.run.log_text("report.html", page)
    write_whole(job.lab.folder / report.report, page.encode())
    job.run.log_estimates("valid", fitted.winner.evidence)
    job.run.log_params({
        "models": list(job.definition.models),
        "winner": fitted.winner.name,
        "calibration_end": report.calibration_end,
        "holdout_end": report.holdout_end,
        "customers": report.customers,
        "horizon_days": job.definition.horizon_days,
        "discount_rate_year": job.definition.discount_rate_year,
        **report.params,
    })  # fmt: skip
    job.run.log_text("definition.yaml", definition_text(job.definition.file, job.overrides))
    job.run.log_json("result.json", report.as_json())


def _register(job: _Job, scorer: ClvScorer) -> str:
    columns = scorer.columns
    fields = [pa.field(columns.customer, pa.string()), pa.field(columns.time, pa.string())]
    if columns.amount is not None:
        fields.append(pa.field(columns.amount, pa.float64()))
    model = ModelFiles(
        loader=LOADER,
        files=scorer.to_files(),
        inputs=pa.schema([field.with_nullable(True) for field in fields]),
        outputs=scorer.output_schema(),
        params={"end": ""},
        requirements=REQUIREMENTS,
    )
    tags = {
        "lab.kind": "clv",
        "lab.learner": scorer.learner,
        "lab.calibration_end": day_text(scorer.last_day),
        "lab.data_sha256": job.purchases.sha256,
        **overrides_tag(job.overrides),
    }
    return register_version(job.run, job.definition.name, model, tags, alias=CHALLENGER)
