"""`lab explain` of a model of messages: which words of a customer's messages speak for which tone."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from retention_lab.errors import LabError
from retention_lab.feedback.scorer import FeedbackScorer, Said
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.workflows.feedback_rows import read_messages
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_feedback import trained_definition


@dataclass(frozen=True, slots=True)
class MessageRead:
    """One message: probability of the positive label and topic, None where nothing can be said; its words."""

    probability: float | None
    topic: str | None
    words: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class FeedbackExplanation:
    """A customer's messages as a version reads them.

    base: log-odds before any word is read; words add to it, before calibration. Only words of many customers
    are named, never the message.
    """

    name: str
    version: str
    learner: str
    customer: str
    positive: str
    base: float
    messages: tuple[MessageRead, ...]
    kind: str = "feedback"

    def as_json(self) -> dict[str, Any]:
        """The document of the command."""
        return asdict(self)


def explain_feedback(lab: Lab, selector: str, customer: str) -> FeedbackExplanation:
    """Every message of a customer: tone, topic, and the words that decided.

    Raises LabError where nobody of that id has written, or messages have no customers.
    """
    loaded = load_version(lab.open_store(), *parse_selector(selector))
    scorer: FeedbackScorer = loaded.model
    definition = trained_definition(lab, loaded)
    if definition.flat and definition.customer is None:
        raise LabError(
            "The messages of this definition have no customers, so none can be asked for.",
            "Name the column with `customer:` in the definition, and train again.",
            key="customer",
        )
    messages = read_messages(lab, definition, None)
    own = messages.rows(np.asarray(messages.customer == customer, dtype=np.bool_))
    if len(own) == 0:
        raise LabError(
            "No customer of that id has written.",
            "Write the id as the table has it; ids are compared as text.",
            key="customer",
        )
    read = scorer.read(own.texts.tolist())
    return FeedbackExplanation(
        name=loaded.name,
        version=loaded.version,
        learner=scorer.learner,
        customer=customer,
        positive=scorer.positive,
        base=scorer.tone.rule.intercept,
        messages=tuple(
            MessageRead(float(p), str(topic), scorer.words(text)) if known else MessageRead(None, None, ())
            for text, known, p, topic in zip(own.texts, read.known, read.probability, read.topic, strict=True)
        ),
    )
