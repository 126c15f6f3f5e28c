"""`lab feedback triage`: every message to a theme, with a drafted answer for a person to check and send."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.config.feedback import FeedbackDefinition
from retention_lab.data.write import write_table
from retention_lab.errors import LabError, UsageError
from retention_lab.feedback.answers import COMPLAINT, PRAISE, UNREAD, Routed, routed
from retention_lab.feedback.scorer import FeedbackScorer, Read
from retention_lab.targeting.exports.cells import FORMULA_STARTS
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.workflows.feedback_rows import Messages, read_messages
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_feedback import trained_definition

_ORDER = (COMPLAINT, UNREAD, PRAISE)  # what cannot wait comes first


@dataclass(frozen=True, slots=True)
class RouteCount:
    """How many messages go where, and how many of them have a draft."""

    route: str
    topic: str | None
    messages: int
    drafted: int


@dataclass(frozen=True, slots=True)
class TriageReport:
    """What was drafted; the messages themselves are in the file alone."""

    name: str
    version: str
    messages: int
    drafted: int
    routes: tuple[RouteCount, ...]
    file: str

    def as_json(self) -> dict[str, Any]:
        """The document of the command."""
        return asdict(self)


def triage_feedback(
    lab: Lab, selector: str, *, out: Path, since: datetime | None = None, table: Path | None = None
) -> TriageReport:
    """Write a row for each message: tone, topic, where it goes, and a draft from the definition's `answers:`.

    Complaints come first, the surest before the others, then what could not be read. Nothing is sent, and
    nothing is tracked. since: only messages from then on, over the project's tables.
    Raises LabError where there is nothing to triage.
    """
    if not out.name.endswith((".csv", ".csv.gz", ".parquet")):
        raise UsageError(f"{out.name} is no kind of table.", "End it in .csv, .csv.gz or .parquet.")
    if table is not None and out.exists() and out.resolve() == table.resolve():
        raise UsageError("The drafts would replace the messages.", "Name another file with --out.")
    loaded = load_version(lab.open_store(), *parse_selector(selector))
    definition = trained_definition(lab, loaded)
    messages = _since(lab, definition, read_messages(lab, definition, None, table), since)
    scorer: FeedbackScorer = loaded.model
    read = scorer.read(messages.texts.tolist())
    found = _routed(definition, messages, read)
    table_of_drafts = _table(messages, read, found)
    write_table(out, table_of_drafts if out.name.endswith(".parquet") else _harmless(table_of_drafts))
    return TriageReport(
        name=loaded.name,
        version=loaded.version,
        messages=len(found),
        drafted=sum(one.draft is not None for one in found),
        routes=_counts(found),
        file=str(out),
    )


def _since(lab: Lab, definition: FeedbackDefinition, found: Messages, since: datetime | None) -> Messages:
    if since is not None:
        if found.at is None:
            raise UsageError(
                f"The messages of '{definition.name}' have no times, so --since picks none.", "Leave it out."
            )
        start = np.datetime64(int(lab.start_of(since).timestamp() * 1_000_000), "us")
        found = found.rows(np.asarray(found.at >= start, dtype=np.bool_))
    if len(found) == 0:
        raise LabError("There is no message to triage.", "Give an earlier --since, or import feedback.")
    return found


def _routed(definition: FeedbackDefinition, messages: Messages, read: Read) -> list[Routed]:
    answers = definition.answers.model_dump()
    rows = zip(messages.texts, read.probability, read.topic, messages.customer, strict=True)
    known = definition.customer is not None or not definition.flat
    return [
        routed(text, float(probability), topic, str(customer) if known else "", answers)
        for text, probability, topic, customer in rows
    ]


def _table(messages: Messages, read: Read, found: list[Routed]) -> pa.Table:
    tone = np.nan_to_num(read.probability, nan=0.5)
    order = np.lexsort((tone, np.array([_ORDER.index(one.route) for one in found])))
    times = {} if messages.at is None else {"at": pa.array(messages.at, pa.timestamp("us"))}
    table = pa.table(
        {
            "customer_id": pa.array(messages.customer, pa.string()),
            **times,
            "route": pa.array([one.route for one in found], pa.string()),
            "topic": pa.array([one.topic for one in found], pa.string()),
            "tone": pa.array(read.probability, pa.float64(), mask=~read.known),
            "language": pa.array([one.language for one in found], pa.string()),
            "text": pa.array(messages.texts, pa.string()),
            "draft": pa.array([one.draft for one in found], pa.string()),
        }
    )
    return table.take(pa.array(order))


def _harmless(table: pa.Table) -> pa.Table:
    """As a spreadsheet may open it: anybody may write a message, and no cell is run as a formula."""
    for i, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table.column(i)
            starts = pc.is_in(
                pc.utf8_slice_codeunits(pc.utf8_ltrim_whitespace(column), 0, 1),
                value_set=pa.array(FORMULA_STARTS),
            )
            table = table.set_column(
                i, field.name, pc.if_else(starts, pc.binary_join_element_wise("'", column, ""), column)
            )
    return table


def _counts(found: list[Routed]) -> tuple[RouteCount, ...]:
    total = Counter((one.route, one.topic) for one in found)
    drafted = Counter((one.route, one.topic) for one in found if one.draft is not None)
    keys = sorted(total, key=lambda key: (_ORDER.index(key[0]), -total[key], str(key[1])))
    return tuple(RouteCount(*key, total[key], drafted[key]) for key in keys)
