"""Messages of customers, from a flat table or from the project's feedback, with what is known of them."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.config.feedback import FeedbackDefinition
from retention_lab.config.flat_file import find_flat_file
from retention_lab.data.connect import Tables
from retention_lab.data.read import read_flat
from retention_lab.errors import ConfigurationError, LabError, did_you_mean
from retention_lab.feedback.labels import ScoreRule, negative_name, tone_labels
from retention_lab.feedback.text import cleaned, language_of
from retention_lab.labels import label_text
from retention_lab.row_content import text_hashes
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.workflows.project import Lab

_COLUMNS = ("customer_id", "at", "text", "label", "score")
_THERE = "WHERE feedback.customer_id IS NOT NULL AND feedback.at IS NOT NULL"
_NAMING = (
    "name", "first_name", "last_name", "full_name", "surname", "family_name", "given_name", "nickname",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Messages:
    """n messages.

    texts: as written, None where missing; plain: as they are read. customer: (n,) text, who wrote; tone: (n,)
    1, 0 or NaN; topic: (n,) text given by people, None where nobody did, or None for all. at: (n,)
    datetime64[us] in UTC, month: (n,) datetime64[M] in the project's time zone; None for a table without
    times. negative: name of the other label. names: words that are people's names. sha256: of the content.
    """

    texts: np.ndarray
    plain: np.ndarray
    customer: np.ndarray
    tone: Floats
    topic: np.ndarray | None
    at: np.ndarray | None
    month: np.ndarray | None
    negative: str
    names: frozenset[str]
    sha256: str

    def __len__(self) -> int:
        return len(self.texts)

    def rows(self, where: Bools | Ints) -> "Messages":
        """The rows that a mask or an index array picks."""
        return replace(
            self,
            texts=self.texts[where],
            plain=self.plain[where],
            customer=self.customer[where],
            tone=self.tone[where],
            topic=None if self.topic is None else self.topic[where],
            at=None if self.at is None else self.at[where],
            month=None if self.month is None else self.month[where],
        )


def read_messages(
    lab: Lab, definition: FeedbackDefinition, as_of: datetime | None, table: Path | None = None
) -> Messages:
    """The messages of the definition, or of another table of its shape, in an order that files do not decide.

    as_of: only what was written before. Raises LabError where the table is missing or does not fit,
    ConfigurationError for a date with a flat table, and for a table without one.
    """
    if definition.flat:
        if as_of is not None:
            raise ConfigurationError(
                "A flat table has one state, so it cannot be looked at as of a date.",
                "Leave --as-of out.",
                file=definition.file,
            )
        return _in_order(_flat(lab, definition, table))
    if table is not None:
        raise ConfigurationError(
            f"'{definition.name}' reads the project's feedback, so --table has nothing to replace.",
            "Use --as-of, or leave --table out.",
            file=definition.file,
        )
    with lab.open_tables() as tables:
        return _in_order(_of_project(lab, tables, definition, as_of))


def text_customers(texts: np.ndarray) -> np.ndarray:
    """(n,) who wrote, where nothing says it: whoever writes the same words is taken for the same."""
    return np.array([f"{one:016x}" for one in text_hashes(text or "" for text in texts).tolist()])


def _flat(lab: Lab, definition: FeedbackDefinition, table: Path | None) -> Messages:
    name = str(definition.table)
    file = table or find_flat_file(lab.project, name, source=definition.source, file=definition.file)
    found = read_flat(file)
    needed = [definition.text, definition.customer, definition.topic, definition.label.column]
    for column in needed:
        if column is not None and column not in found.column_names:
            raise LabError(
                f"There is no column '{column}'.",
                did_you_mean(column, found.column_names),
                file=file,
                key=column,
            )
    texts = _objects(label_text(found.column(str(definition.text))))
    customer, topic = (
        None if name is None else _objects(label_text(found.column(name)))
        for name in (definition.customer, definition.topic)
    )
    return _messages(definition, found, texts, customer, topic)


def _of_project(lab: Lab, tables: Tables, definition: FeedbackDefinition, as_of: datetime | None) -> Messages:
    tables.require("feedback")
    known = tables.columns("feedback")
    names = [f"feedback.{name}" for name in _COLUMNS if name in known]
    sql = f"SELECT {', '.join(names)} FROM feedback {_THERE}"
    if as_of is None:
        found = tables.query(sql)
    else:
        found = tables.query(f"{sql} AND feedback.at < $as_of", {"as_of": as_of})
    texts, customer = _objects(found.column("text")), _objects(found.column("customer_id"))
    at = found.column("at").cast(pa.timestamp("us"))
    return replace(
        _messages(definition, found, texts, customer),
        at=np.asarray(at.to_numpy()),
        month=local_months(at, lab.settings.timezone),
        names=_people(tables),
    )


def _messages(
    definition: FeedbackDefinition,
    found: pa.Table,
    texts: np.ndarray,
    customer: np.ndarray | None,
    topic: np.ndarray | None = None,
) -> Messages:
    label = _column(found, definition.label.column)
    score = None if definition.score is None else _column(found, definition.score.column)
    rule = None
    if definition.score is not None:
        rule = ScoreRule(definition.score.positive_from, definition.score.negative_to)
    return Messages(
        texts=texts,
        plain=np.array([cleaned(text or "") for text in texts], dtype=object),
        customer=text_customers(texts) if customer is None else customer,
        tone=tone_labels(label, definition.label.positive, score, rule),
        topic=topic,
        at=None,
        month=None,
        negative=negative_name(label, definition.label.positive),
        names=frozenset(),
        sha256=content_sha256(found),
    )


def local_months(at: pa.ChunkedArray, timezone: str) -> np.ndarray:
    """(n,) datetime64[M] in the zone, of instants that are naive in UTC."""
    aware = pc.assume_timezone(at, "UTC")
    local = pc.local_timestamp(aware.cast(pa.timestamp("us", ZoneInfo(timezone).key)))
    return np.asarray(local.to_numpy()).astype("datetime64[M]")


def readable(found: Messages, language: str) -> Bools:
    """(n,) messages with words, in the language that the definition reads."""
    return np.array(
        [bool(text) and (language == "auto" or language_of(text) == language) for text in found.plain],
        dtype=np.bool_,
    )


def _in_order(found: Messages) -> Messages:
    order = np.lexsort((text_hashes(found.plain), found.customer.astype(str)))
    return found.rows(order)


def _people(tables: Tables) -> frozenset[str]:
    """Words of the customers' names, where the project has them: none of them is ever a keyword."""
    if not tables.has("customers"):
        return frozenset()
    columns = [name for name in tables.columns("customers") if name.lower() in _NAMING]
    if not columns:
        return frozenset()
    found = tables.query("SELECT " + ", ".join(f'"{name}"' for name in columns) + " FROM customers")
    values = {str(value) for column in found.columns for value in pc.unique(column).to_pylist() if value}
    return frozenset(word for value in values for word in value.lower().split())


def _column(found: pa.Table, name: str) -> pa.ChunkedArray | None:
    return found.column(name) if name in found.column_names else None


def _objects(column: pa.ChunkedArray) -> np.ndarray:
    return np.array(column.to_pylist(), dtype=object)
