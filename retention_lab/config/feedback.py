"""kind: feedback: what customers write, and how they mean it."""

from typing import Literal, Self

from pydantic import model_validator

from retention_lab.config.base import Definition, LabelColumn, Split
from retention_lab.config.clv import check_columns
from retention_lab.settings.values import Column, Text


class FeedbackDefinition(Definition):
    """A classifier of the project's feedback, or of texts of its own (`table:`)."""

    kind: Literal["feedback"]
    table: Text | None = None
    source: Text | None = None
    text: Column | None = None
    label: LabelColumn = LabelColumn(column="label", positive="1")
    language: Literal["auto", "en", "zh"] = "auto"
    validation: Split = Split()

    @model_validator(mode="after")
    def _columns(self) -> Self:
        check_columns(self, needed=("text",), optional=("source",))
        return self
