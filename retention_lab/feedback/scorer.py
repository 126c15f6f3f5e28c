"""The registered model of messages: a table with a column of text in, the tone and topic of each row out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Bools, Floats
from retention_lab.calibrators import Calibrator
from retention_lab.errors import LabError, did_you_mean
from retention_lab.feedback.learners import LinearRule
from retention_lab.feedback.terms import is_shown
from retention_lab.feedback.text import cleaned, language_of
from retention_lab.feedback.themes import themes_of
from retention_lab.feedback.tone import Tone
from retention_lab.feedback.topics import Topics
from retention_lab.feedback.vocabulary import Vocabulary
from retention_lab.labels import label_text
from retention_lab.nested_files import json_bytes

_ABOUT, _ARRAYS = "scorer.json", "arrays.npz"
ALL_LANGUAGES = "auto"


@dataclass(frozen=True, slots=True)
class Read:
    """(n,) messages as they were read. known: whether anything can be said of each; probability: of the
    positive label, NaN where not; topic: None where not."""

    known: Bools
    probability: Floats
    topic: np.ndarray


@dataclass(frozen=True, slots=True)
class Said:
    """A term of a message and its part in the log-odds of the positive label."""

    term: str
    log_odds: float


@dataclass(frozen=True, slots=True)
class FeedbackScorer:
    """learner: which won. language: auto for all, else the only one that is read. positive, negative: labels.

    text_column: of a table that is scored; id_column: names its rows, None where they go by their number.
    """

    learner: str
    vocabulary: Vocabulary
    tone: Tone
    topics: Topics
    text_column: str
    positive: str
    negative: str
    language: str = ALL_LANGUAGES
    id_column: str | None = None

    def read(self, texts: Sequence[str | None]) -> Read:
        """Tone and topic of each text.

        Nothing is said of one that is missing, in another language than the model's, or of words it does not
        know: a probability there would be everybody's.
        """
        plain = [cleaned(text or "") for text in texts]
        counts = self.vocabulary.counts(plain)
        known = self.vocabulary.known(plain, counts)
        if self.language != ALL_LANGUAGES:
            known &= np.array([language_of(text) == self.language for text in plain], dtype=np.bool_)
        weighed = self.vocabulary.weigh(counts)
        probability = np.where(known, self.tone.probability(weighed), np.nan)
        topic = self.topics.of(plain, weighed)
        topic[~known] = None
        return Read(known, probability, topic)

    def words(self, text: str, most: int = 10) -> tuple[Said, ...]:
        """The words of a text that moved its tone most, before calibration; each is one of many customers."""
        counts = self.vocabulary.counts([cleaned(text)])
        weighed = self.vocabulary.weigh(counts)
        part = weighed.data * self.tone.rule.weights[weighed.indices]
        order = np.argsort(-np.abs(part), kind="stable")
        names = [(self.vocabulary.terms[weighed.indices[i]], float(part[i])) for i in order]
        return tuple(Said(term, value) for term, value in names if is_shown(term) and value)[:most]

    def predict(self, table: pa.Table, params: Mapping[str, Any] | None = None) -> pa.Table:
        """One row per row of the table, in its order: id, label, probability of the positive one, topic.

        Null, all three, where nothing can be said of a text. Raises LabError where the column is missing.
        """
        if params:
            raise LabError(f"Messages take no setting {sorted(params)[0]!r}.", "Leave it out.", key="params")
        found = self.read(self.texts(table))
        called = pa.array(np.where(found.probability >= 0.5, self.positive, self.negative), pa.string())
        return pa.table(
            {
                "id": self._ids(table),
                "label": pc.if_else(pa.array(found.known), called, None),
                "probability": pa.array(found.probability, pa.float64(), mask=~found.known),
                "topic": pa.array(found.topic, pa.string()),
            },
            schema=self.output_schema(),
        )

    def texts(self, table: pa.Table) -> list[str | None]:
        """The messages of a table. Raises LabError where the column is missing or holds no text."""
        if self.text_column not in table.column_names:
            raise LabError(
                f"There is no column '{self.text_column}' with the messages.",
                did_you_mean(self.text_column, table.column_names),
                key=self.text_column,
            )
        found: list[str | None] = label_text(table.column(self.text_column)).to_pylist()
        return found

    def output_schema(self) -> pa.Schema:
        """Names and types of what `predict` returns."""
        kinds = {"id": pa.string(), "label": pa.string(), "probability": pa.float64(), "topic": pa.string()}
        return pa.schema(list(kinds.items()))

    def to_files(self) -> dict[str, bytes]:
        """The scorer in open formats: JSON and arrays."""
        themes = self.topics.themes
        about = {
            "learner": self.learner,
            "text_column": self.text_column,
            "id_column": self.id_column,
            "positive": self.positive,
            "negative": self.negative,
            "language": self.language,
            "least": self.vocabulary.least,
            "calibrator": self.tone.calibrator.as_json(),
            "topics": list(self.topics.names),
            "themes": None if themes is None else themes.as_json(),
            "terms": list(self.vocabulary.terms),
        }
        arrays = {
            "rarity": self.vocabulary.rarity,
            "weights": self.tone.rule.weights,
            "intercept": np.array(self.tone.rule.intercept),
            "topics.learned": self.topics.learned,
            "topics.weights": self.topics.weights,
            "topics.intercept": self.topics.intercept,
        }
        return {_ABOUT: json_bytes(about), _ARRAYS: npz_bytes(arrays)}

    def _ids(self, table: pa.Table) -> pa.ChunkedArray | pa.Array:
        if self.id_column is None or self.id_column not in table.column_names:
            return pa.array([str(i) for i in range(table.num_rows)], pa.string())
        return label_text(table.column(self.id_column))


def from_files(files: Mapping[str, bytes]) -> FeedbackScorer:
    """The scorer that `to_files` wrote."""
    about, arrays = json.loads(files[_ABOUT]), npz_arrays(files[_ARRAYS])
    words = about["themes"]
    themes = None if words is None else themes_of(words)
    learned = [arrays[f"topics.{name}"] for name in ("learned", "weights", "intercept")]
    return FeedbackScorer(
        learner=about["learner"],
        vocabulary=Vocabulary(tuple(about["terms"]), arrays["rarity"], int(about["least"])),
        tone=Tone(
            LinearRule(arrays["weights"], float(arrays["intercept"])),
            Calibrator.from_json(about["calibrator"]),
        ),
        topics=Topics(tuple(about["topics"]), themes, *learned),
        text_column=about["text_column"],
        positive=about["positive"],
        negative=about["negative"],
        language=about["language"],
        id_column=about["id_column"],
    )
