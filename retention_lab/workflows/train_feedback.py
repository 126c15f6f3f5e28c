"""`lab train` of a model of messages: the texts, the candidates, the choice, the version."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.config.feedback import FeedbackDefinition
from retention_lab.config.loading import definition_sha256
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.model_files import ModelFiles
from retention_lab.tracking.models import Loaded
from retention_lab.tracking.models import register as register_version
from retention_lab.tracking.registry import CHALLENGER
from retention_lab.tracking.runs import Run, run_tags, start_run
from retention_lab.whole_files import write_whole
from retention_lab.workflows.as_trained import definition_of, definition_text, overrides_of, overrides_tag
from retention_lab.workflows.feedback_page import feedback_page
from retention_lab.workflows.feedback_report import FeedbackReport
from retention_lab.workflows.feedback_rows import Messages, read_messages
from retention_lab.workflows.feedback_training import Fitted, Judged, fit, fit_checks
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_part, held_out_uses
from retention_lab.workflows.keys import CustomerKeys, customer_keys
from retention_lab.workflows.project import Lab
from retention_lab.workflows.trained_on import TRAINED_ON_FILE, TrainedOn

LOADER = "retention_lab.feedback.scorer:from_files"
REQUIREMENTS = ("numpy", "pyarrow", "scipy")
LEARNED_UNTIL_TAG = "lab.learned_until"


def train_feedback(
    lab: Lab,
    name: str,
    *,
    as_of: datetime | None = None,
    overrides: Sequence[str] = (),
    register: bool = True,
    say: Callable[[str], None],
) -> FeedbackReport:
    """Train a definition: every candidate is a run, the winner is registered as challenger.

    Nothing that is tracked holds a message: only words that at least `privacy.min_cell` customers wrote.
    Raises LabError where the definition or its messages do not allow the question.
    """
    definition = feedback_definition(lab, name, overrides)
    at = None if as_of is None else lab.start_of(as_of)
    say("reading the messages")
    messages = read_messages(lab, definition, at)
    tags = run_tags(
        "feedback",
        name,
        as_of=at,
        definition_sha256=definition_sha256(definition),
        data_sha256=messages.sha256,
        git_commit=git_commit(lab.folder),
    )
    with start_run(lab.open_store(), f"train/{name}", name, {**tags, "lab.role": "parent"}) as run:
        fitted = fit(messages, definition, lab.settings.privacy.min_cell, say)
        say("tracking")
        job = _Job(lab, run, definition, overrides, messages, tags)
        report = _report(job, fitted, register=register)
        _keep(job, report, fitted)
    return report


def feedback_definition(lab: Lab, name: str, overrides: Sequence[str] = ()) -> FeedbackDefinition:
    """The definition of a model of messages. Raises ConfigurationError for any other kind."""
    return definition_of(lab, name, "feedback", FeedbackDefinition, overrides)


def trained_definition(lab: Lab, version: Loaded) -> FeedbackDefinition:
    """The definition as it stands now, under the overrides that a version was trained with."""
    return feedback_definition(lab, version.name, overrides_of(version))


@dataclass(frozen=True, slots=True)
class _Job:
    """What is trained on which messages, in which run; tags: those that the candidates' runs carry too."""

    lab: Lab
    run: Run
    definition: FeedbackDefinition
    overrides: Sequence[str]
    messages: Messages
    tags: dict[str, str]


def _report(job: _Job, fitted: Fitted, *, register: bool) -> FeedbackReport:
    candidates = [_track(job, one) for one in fitted.candidates]
    part = held_out_part(customer_keys(job.lab, fitted.held.customer).values)
    job.run.set_tags({HELD_OUT_TAG: part})
    min_cell = job.lab.settings.privacy.min_cell
    return FeedbackReport(
        name=job.definition.name,
        winner=fitted.winner.candidate.name,
        run_id=job.run.id,
        model_version=_register(job, fitted) if register else None,
        checks=fit_checks(fitted, min_cell),
        metrics=_metrics(fitted.winner),
        candidates=candidates,
        keywords={name: [asdict(one) for one in words] for name, words in fitted.words.items()},
        topics=[asdict(one) for one in fitted.topic_counts(min_cell)],
        messages=len(fitted.messages),
        labelled=len(fitted.train) + len(fitted.held),
        customers=len(set(fitted.messages.customer.tolist())),
        held_out={
            "rows": len(fitted.held),
            "uses": held_out_uses(job.run.store, job.definition.name, part),
        },
        calibration=fitted.scorer.tone.calibrator.kind,
        report=f"reports/{job.definition.name}.html",
    )


def _track(job: _Job, one: Judged) -> dict[str, Any]:
    parent, name, tags = job.run, one.candidate.name, {**job.tags, "lab.role": "candidate"}
    with start_run(parent.store, parent.experiment, name, tags, parent) as run:
        run.log_params({"learner": name, "calibration": one.candidate.tone.calibrator.kind})
        run.log_metrics({"train.log_loss": one.candidate.log_loss, "seconds": one.seconds})
        run.log_estimates("valid", one.evidence)
        run.log_json("result.json", _metrics(one))
    return {
        "model": name,
        "run_id": run.id,
        "metrics": _metrics(one),
        "seconds": one.seconds,
        "cross_fitted_loss": one.candidate.log_loss,
    }


def _metrics(one: Judged) -> dict[str, Any]:
    return {name: found.as_json() for name, found in one.evidence.items()}


def _keep(job: _Job, report: FeedbackReport, fitted: Fitted) -> None:
    page = feedback_page(job.lab, report, fitted)
    job.run.log_text("report.html", page)
    write_whole(job.lab.folder / report.report, page.encode())
    job.run.log_estimates("valid", fitted.winner.evidence)
    job.run.log_params({
        "models": list(job.definition.models),
        "winner": report.winner,
        "language": job.definition.language,
        "terms": len(fitted.scorer.vocabulary),
        "topics": list(fitted.scorer.topics.names),
        "messages": report.messages,
        "messages_labelled": report.labelled,
        "validation": job.definition.validation.model_dump(),
    })  # fmt: skip
    job.run.log_text("definition.yaml", definition_text(job.definition.file, job.overrides))
    job.run.log_json("result.json", report.as_json())


def _register(job: _Job, fitted: Fitted) -> str:
    keys: CustomerKeys = customer_keys(job.lab, fitted.train.customer)
    trained_on = TrainedOn(np.unique(keys.values), keys.key_id)
    scorer = fitted.scorer
    named = [] if scorer.id_column is None else [pa.field(scorer.id_column, pa.string())]
    model = ModelFiles(
        loader=LOADER,
        files={**scorer.to_files(), TRAINED_ON_FILE: trained_on.to_file()},
        inputs=pa.schema([*named, pa.field(scorer.text_column, pa.string())]),
        outputs=scorer.output_schema(),
        requirements=REQUIREMENTS,
    )
    tags = {
        "lab.kind": "feedback",
        "lab.learner": scorer.learner,
        "lab.data_sha256": job.messages.sha256,
        **_learned_until(job.messages),
        **overrides_tag(job.overrides),
    }
    return register_version(job.run, job.definition.name, model, tags, alias=CHALLENGER)


def _learned_until(messages: Messages) -> dict[str, str]:
    """When the latest message was written that the version could learn from."""
    if messages.at is None or len(messages) == 0:
        return {}
    return {LEARNED_UNTIL_TAG: f"{messages.at.max()}Z"}
