"""`lab train` of a recommender: the interactions, the candidates, the choice, the version."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from retention_lab.config.loading import definition_sha256
from retention_lab.config.recommend import RecommendDefinition
from retention_lab.recommend.scorer import LENGTH, RecommendScorer
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.model_files import ModelFiles
from retention_lab.tracking.models import Loaded
from retention_lab.tracking.models import register as register_version
from retention_lab.tracking.registry import CHALLENGER
from retention_lab.tracking.runs import Run, run_tags, start_run
from retention_lab.whole_files import write_whole
from retention_lab.workflows.as_trained import definition_of, definition_text, overrides_of, overrides_tag
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_part, held_out_uses
from retention_lab.workflows.keys import customer_keys
from retention_lab.workflows.project import Lab
from retention_lab.workflows.recommend_page import recommend_page
from retention_lab.workflows.recommend_report import RecommendTrainReport, estimates_json
from retention_lab.workflows.recommend_rows import RecommendRows, read_rows
from retention_lab.workflows.recommend_training import Candidate, Fitted, Held, checks_of, cut_of, fit

LOADER = "retention_lab.recommend.scorer:from_files"
REQUIREMENTS = ("lightgbm", "numba", "numpy", "pyarrow", "scipy")


def train_recommend(
    lab: Lab,
    name: str,
    *,
    as_of: datetime | None = None,
    overrides: Sequence[str] = (),
    register: bool = True,
    say: Callable[[str], None],
) -> RecommendTrainReport:
    """Train a definition: every candidate is a run, the winner is registered as challenger.

    The winner is the best on an inner cut of what candidates may see; the holdout only reports.
    Raises LabError where the definition or its rows do not allow the question.
    """
    definition = recommend_definition(lab, name, overrides)
    at = None if as_of is None else lab.start_of(as_of)
    say("reading the interactions")
    rows = read_rows(lab, definition, at)
    tags = run_tags(
        "recommend",
        name,
        as_of=at,
        definition_sha256=definition_sha256(definition),
        data_sha256=rows.sha256,
        git_commit=git_commit(lab.folder),
    )
    with start_run(lab.open_store(), f"train/{name}", name, {**tags, "lab.role": "parent"}) as run:
        fitted = fit(rows.data, rows.content, definition, say)
        say("tracking")
        job = _Job(lab, run, definition, overrides, rows, tags)
        report = _report(job, fitted, register=register)
        _keep(job, report, fitted)
    return report


def recommend_definition(lab: Lab, name: str, overrides: Sequence[str] = ()) -> RecommendDefinition:
    """The definition of a recommender. Raises ConfigurationError for any other kind."""
    return definition_of(lab, name, "recommend", RecommendDefinition, overrides)


def trained_definition(lab: Lab, version: Loaded) -> RecommendDefinition:
    """The definition as it stands now, under the overrides that a version was trained with."""
    return recommend_definition(lab, version.name, overrides_of(version))


def judged_part(lab: Lab, held: Held) -> str:
    """What names the customers of a holdout."""
    return held_out_part(customer_keys(lab, np.array(held.history.users, dtype=object)).values)


@dataclass(frozen=True, slots=True)
class _Job:
    """What is trained on which rows, in which run; tags: those that the candidates' runs carry too."""

    lab: Lab
    run: Run
    definition: RecommendDefinition
    overrides: Sequence[str]
    rows: RecommendRows
    tags: dict[str, str]


def _report(job: _Job, fitted: Fitted, *, register: bool) -> RecommendTrainReport:
    candidates = [_track(job, one) for one in fitted.candidates]
    part = judged_part(job.lab, fitted.held)
    job.run.set_tags({HELD_OUT_TAG: part})
    uses = held_out_uses(job.run.store, job.definition.name, part)
    count = len(fitted.held.wanted.user)
    return RecommendTrainReport(
        name=job.definition.name,
        run_id=job.run.id,
        winner=fitted.winner.name,
        model_version=_register(job, fitted) if register else None,
        checks=checks_of(fitted),
        candidates=candidates,
        baselines=[_figures(fitted.baseline)],
        warmth=fitted.warmth,
        gain=fitted.gain,
        users=job.rows.data.user_count,
        items=job.rows.data.item_count,
        interactions=len(job.rows.data),
        cut=cut_of(job.rows.data, job.definition.split, job.definition.seed).name,
        held_out={"rows": count, "uses": uses},
        report=f"reports/{job.definition.name}.html",
    )


def _track(job: _Job, one: Candidate) -> dict[str, Any]:
    parent, tags = job.run, {**job.tags, "lab.role": "candidate"}
    with start_run(parent.store, parent.experiment, one.name, tags, parent) as run:
        run.log_params({"learner": one.name})
        run.log_metrics({"train.inner_ndcg_at_10": -float(one.loss or 0.0), "seconds": one.seconds})
        run.log_estimates("valid", one.evidence)
        run.log_json("result.json", estimates_json(one.evidence))
    return {**_figures(one), "run_id": run.id}


def _figures(one: Candidate) -> dict[str, Any]:
    return {
        "model": one.name,
        "metrics": estimates_json(one.evidence),
        "seconds": one.seconds,
        "cross_fitted_loss": one.loss,
    }


def _keep(job: _Job, report: RecommendTrainReport, fitted: Fitted) -> None:
    page = recommend_page(job.lab, report, fitted)
    job.run.log_text("report.html", page)
    write_whole(job.lab.folder / report.report, page.encode())
    job.run.log_estimates("valid", fitted.winner.evidence)
    job.run.log_params({
        "models": list(job.definition.models),
        "winner": fitted.winner.name,
        "cut": report.cut,
        "users": report.users,
        "items": report.items,
        "interactions": report.interactions,
    })  # fmt: skip
    job.run.log_text("definition.yaml", definition_text(job.definition.file, job.overrides))
    job.run.log_json("result.json", report.as_json())


def _register(job: _Job, fitted: Fitted) -> str:
    train, columns = fitted.held.train, job.rows.columns
    scorer = RecommendScorer(
        learner=fitted.winner.name,
        model=fitted.winner.model,
        items=train.items,
        ties=fitted.held.ties,
        offered=fitted.held.shelf.offered,
        columns=columns,
        seen_until=None if train.time is None else float(train.time.max()),
        id_column=columns.customer,
    )
    model = ModelFiles(
        loader=LOADER,
        files=scorer.to_files(),
        inputs=scorer.input_schema(),
        outputs=scorer.output_schema(),
        params={"k": LENGTH},
        requirements=REQUIREMENTS,
    )
    tags = {
        "lab.kind": "recommend",
        "lab.learner": scorer.learner,
        "lab.data_sha256": job.rows.sha256,
        **overrides_tag(job.overrides),
    }
    return register_version(job.run, job.definition.name, model, tags, alias=CHALLENGER)
