"""kind: feedback: what customers write, and how they mean it."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition, LabelColumn, Split
from retention_lab.config.clv import check_columns
from retention_lab.errors import did_you_mean
from retention_lab.feedback.answers import PLACEHOLDERS
from retention_lab.feedback.themes import DEFAULT_THEMES, OTHER
from retention_lab.settings.frozen import Frozen, refuse
from retention_lab.settings.values import Column, Number, Text

Model = Literal["logistic", "svm", "naive_bayes"]
Words = Annotated[tuple[Text, ...], Field(min_length=1)]
Drafts = dict[Text, dict[Literal["en", "zh"], Text]]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class ScoreColumn(Frozen):
    """Scores that tell the tone of messages without a label: praise from, complaints up to these values."""

    column: Column = "score"
    positive_from: Number
    negative_to: Number

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.negative_to >= self.positive_from:
            refuse(
                "A score would be praise and a complaint at once.",
                "Set `negative_to` below `positive_from`.",
                key="negative_to",
            )
        return self


class Answers(Frozen):
    """Drafts by topic and language (`en`, `zh`); `other` is for topics without one. Nothing is ever sent.

    {customer_id} and {topic} are filled in.
    """

    complaint: Drafts = Field(default_factory=dict)
    praise: Drafts = Field(default_factory=dict)


class FeedbackDefinition(Definition):
    """A classifier of the project's feedback, or of texts of its own (`table:`).

    customer: who wrote, whose rows stay together; None: every different text is somebody else's. score: tells
    the tone where there is no label. topic: a column of topics that people gave. themes: topics by the words
    that speak of them, a star for a word's beginning; None, and no `topic`: product, service, price and
    competition by words of English and Chinese.
    """

    kind: Literal["feedback"]
    table: Text | None = None
    source: Text | None = None
    text: Column | None = None
    customer: Column | None = None
    label: LabelColumn = LabelColumn(column="label", positive="1")
    score: ScoreColumn | None = None
    topic: Column | None = None
    themes: dict[Text, Words] | None = None
    language: Literal["auto", "en", "zh"] = "auto"
    models: Annotated[tuple[Model, ...], Field(min_length=1)] = ("logistic", "svm", "naive_bayes")
    validation: Split = Split()
    answers: Answers = Answers()

    @model_validator(mode="after")
    def _columns(self) -> Self:
        check_columns(self, needed=("text",), optional=("source", "customer", "topic"))
        if self.table is None:
            for key, column in (("label", self.label), ("score", self.score)):
                if column is not None and column.column != key:
                    refuse(
                        f"The project's feedback has its {key}s in the column `{key}`.",
                        "Leave `column` as it is, or add a `table:` of your own.",
                        key=f"{key}.column",
                    )
        if self.themes is not None and len(self.themes) < 2:
            refuse(
                "One theme is no choice: topics are told apart from each other.",
                "Name two or more, or leave `themes` out.",
                key="themes",
            )
        if self.topic is not None and self.themes is not None:
            refuse(
                "Topics come from a column or from words, not from both.",
                "Leave `topic` or `themes` out.",
                key="themes",
            )
        return self

    @model_validator(mode="after")
    def _answers_fit(self) -> Self:
        for side in ("complaint", "praise"):
            drafts: Drafts = getattr(self.answers, side)
            for topic, words in drafts.items():
                self._topic_is_known(f"answers.{side}", topic)
                for language, draft in words.items():
                    _placeholders_are_known(f"answers.{side}.{topic}.{language}", draft)
        return self

    def _topic_is_known(self, key: str, topic: str) -> None:
        if self.topic is not None:
            return  # only its column knows the names
        known = [*(self.themes or DEFAULT_THEMES), OTHER]
        if topic not in known:
            refuse(f"No topic is named '{topic}'.", did_you_mean(topic, known), key=f"{key}.{topic}")

    @property
    def flat(self) -> bool:
        """Whether the rows come from one table, not from the project's."""
        return self.table is not None


def _placeholders_are_known(key: str, draft: str) -> None:
    for name in _PLACEHOLDER.findall(draft):
        if name not in PLACEHOLDERS:
            refuse(f"A draft has no '{{{name}}}' to fill in.", did_you_mean(name, PLACEHOLDERS), key=key)
