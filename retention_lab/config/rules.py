"""kind: rules: what is bought together."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition
from retention_lab.config.clv import check_columns
from retention_lab.settings.values import AtLeastOne, Column, ShareUpToAll, Text


class RulesDefinition(Definition):
    """Association rules over the project's orders, or baskets of their own (`table:`).

    min_support: share of baskets. min_confidence: share of the baskets with the left side.
    max_length: items in a rule, both sides together.
    """

    kind: Literal["rules"]
    table: Text | None = None
    source: Text | None = None
    basket: Column | None = None
    item: Column | None = None
    min_support: ShareUpToAll = 0.006
    min_confidence: ShareUpToAll = 0.25
    max_length: Annotated[AtLeastOne, Field(ge=2)] = 4

    @model_validator(mode="after")
    def _columns(self) -> Self:
        check_columns(self, needed=("basket", "item"), optional=("source",))
        return self
