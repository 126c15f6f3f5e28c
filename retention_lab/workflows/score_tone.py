"""`lab feedback tone`: the tone of every message of the project, as a table that snapshots read."""

from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from retention_lab.data.sources import FEEDBACK_TONE
from retention_lab.data.write import write_table
from retention_lab.errors import LabError
from retention_lab.feedback.scorer import FeedbackScorer
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.workflows.feedback_rows import read_messages
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_feedback import LEARNED_UNTIL_TAG, trained_definition


@dataclass(frozen=True, slots=True)
class ToneReport:
    """How many messages, of how many customers, have a tone now; unread: of which nothing can be said.

    learned_until: the latest message that the version learned from; of those before it, it may have known the
    label, never what the customer did afterwards.
    """

    name: str
    version: str
    messages: int
    customers: int
    unread: int
    learned_until: str
    file: str

    def as_json(self) -> dict[str, Any]:
        """The document of the command."""
        return asdict(self)


def score_tone(lab: Lab, selector: str) -> ToneReport:
    """Read every message of the project, and write the table `feedback_tone`: who, when, tone, topic.

    Each row carries its message's own time, so that a snapshot sees only what had been written by then.
    Raises LabError where the model reads a table of its own.
    """
    loaded = load_version(lab.open_store(), *parse_selector(selector))
    definition = trained_definition(lab, loaded)
    if definition.flat:
        raise LabError(
            f"'{definition.name}' reads a table of its own, whose customers are not the project's.",
            "Define a model without `table:`, over the project's feedback.",
            file=definition.file,
            key="table",
        )
    messages = read_messages(lab, definition, None)
    scorer: FeedbackScorer = loaded.model
    read = scorer.read(messages.texts.tolist())
    found = messages.rows(read.known)
    table = pa.table(
        {
            "customer_id": pa.array(found.customer, pa.string()),
            "at": pa.array(found.at, pa.timestamp("us")),
            "tone": pa.array(read.probability[read.known], pa.float64()),
            "topic": pa.array(read.topic[read.known], pa.string()),
            "model": pa.array([f"{loaded.name}/{loaded.version}"] * len(found), pa.string()),
        }
    )
    write_table(lab.folder / FEEDBACK_TONE, table)
    return ToneReport(
        name=loaded.name,
        version=loaded.version,
        messages=len(found),
        customers=len(set(found.customer.tolist())),
        unread=len(messages) - len(found),
        learned_until=loaded.tags[LEARNED_UNTIL_TAG],
        file=FEEDBACK_TONE,
    )
