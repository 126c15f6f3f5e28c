"""`lab evaluate` of a model of messages: evidence on customers it was never trained on."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.checks import check
from retention_lab.config.feedback import FeedbackDefinition
from retention_lab.config.loading import definition_sha256
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.feedback.evaluate import evaluate_tone, tone_difference
from retention_lab.feedback.scorer import FeedbackScorer
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.workflows.feedback_report import FeedbackEvaluation
from retention_lab.workflows.feedback_rows import Messages, read_messages, readable
from retention_lab.workflows.feedback_training import UNREAD
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_part, held_out_uses
from retention_lab.workflows.keys import customer_keys
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_feedback import trained_definition
from retention_lab.workflows.trained_on import TrainedOn

_LEAST_ROWS = 100


@dataclass(frozen=True, slots=True)
class NewMessages:
    """Labelled messages of customers that none of the versions was trained on.

    probability: (n,) of each version, of the messages that all of them can read. dropped: messages left out
    because a version was trained on their customer; unread: share that some version cannot read; part: names
    these customers, so that looks at them can be counted.
    """

    messages: Messages
    probability: list[Floats]
    dropped: int
    unread: float
    part: str
    definition: FeedbackDefinition


def evaluate_feedback(
    lab: Lab,
    selector: str,
    *,
    table: Path | None = None,
    as_of: datetime | None = None,
    against: str | None = None,
) -> FeedbackEvaluation:
    """Evaluate a version on its definition's messages or another table's, and track that as a run.

    Raises LabError where too few labelled messages are new to the versions.
    """
    store = lab.open_store()
    loaded = load_version(store, *parse_selector(selector))
    other = None if against is None else load_version(store, *parse_selector(against))
    at = None if as_of is None else lab.start_of(as_of)
    found = new_messages(lab, [loaded, *([other] if other else [])], table=table, as_of=at)
    tone, customer = found.messages.tone, found.messages.customer
    evidence = evaluate_tone(tone, found.probability[0], customer)
    tags = run_tags(
        "feedback",
        loaded.name,
        as_of=at,
        definition_sha256=definition_sha256(found.definition),
        data_sha256=found.messages.sha256,
        git_commit=git_commit(lab.folder),
    )
    own = {"lab.role": "evaluation", HELD_OUT_TAG: found.part, "lab.model_version": loaded.version}
    with start_run(
        store, f"evaluate/{loaded.name}", f"{loaded.name}/{loaded.version}", {**tags, **own}
    ) as run:
        report = FeedbackEvaluation(
            name=loaded.name,
            version=loaded.version,
            rows=len(found.messages),
            dropped=found.dropped,
            unread=found.unread,
            evidence=evidence,
            checks=[check("messages_read", "soft", found.unread <= UNREAD, found.unread, UNREAD)],
            against=None if other is None else other.version,
            difference={} if other is None else _difference(found),
            uses=held_out_uses(store, loaded.name, found.part),
            run_id=run.id,
        )
        run.log_estimates("valid", evidence)
        run.log_json("result.json", report.as_json())
    return report


def _difference(found: NewMessages) -> dict[str, Estimate]:
    ours, theirs = found.probability
    return tone_difference(found.messages.tone, ours, theirs, found.messages.customer)


def new_messages(
    lab: Lab, versions: list[Loaded], *, table: Path | None = None, as_of: datetime | None = None
) -> NewMessages:
    """The labelled messages whose customers none of these versions was trained on.

    Raises LabError where fewer than 100 are left, all are meant alike, or a version is no model of messages.
    """
    for version in versions:
        if not isinstance(version.model, FeedbackScorer):
            raise LabError(
                f"{version.name} version {version.version} is no model of messages.",
                "Compare versions of one definition.",
            )
    definition = trained_definition(lab, versions[0])
    messages = read_messages(lab, definition, as_of, table)
    messages = messages.rows(readable(messages, definition.language) & np.isfinite(messages.tone))
    keys = customer_keys(lab, messages.customer)
    new: Bools = np.ones(len(messages), dtype=np.bool_)
    for version in versions:
        new &= TrainedOn.from_files(version.files).new_rows(keys.values, keys.key_id)
    kept = messages.rows(new)
    reads = [version.model.read(kept.texts.tolist()) for version in versions]
    known = np.logical_and.reduce([one.known for one in reads])
    judged = kept.rows(known)
    if len(judged) < _LEAST_ROWS or len({*judged.tone.tolist()}) < 2:
        raise LabError(
            f"{len(judged)} labelled messages are new to the model and can be read; {_LEAST_ROWS} of both "
            "tones are the least that says anything about it.",
            "Evaluate on newer messages (--table), or hold out more (`validation.share`) and train again.",
        )
    part = held_out_part(keys.values[new][known])
    probability = [one.probability[known] for one in reads]
    return NewMessages(judged, probability, int((~new).sum()), float(1 - known.mean()), part, definition)
