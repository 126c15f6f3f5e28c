"""kind: rules: what is bought together."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition
from retention_lab.config.clv import check_columns
from retention_lab.settings.frozen import refuse
from retention_lab.settings.values import AtLeastOne, Column, Count, Share, ShareUpToAll, Text


class RulesDefinition(Definition):
    """Association rules over the project's orders, or baskets of their own (`table:`).

    layout: rows, an item in each, by the columns `basket` and `item`; or lines, a basket in each, items
    between commas, without a header. min_support: share of baskets. min_confidence: share of the baskets with
    the left side. max_length: items in a rule, both sides together. held_out: share of the baskets in which
    rules mined from the others are looked up; the latest, where orders have a time. suggestions: how many
    items are suggested for a basket.
    """

    kind: Literal["rules"]
    table: Text | None = None
    source: Text | None = None
    layout: Literal["rows", "lines"] = "rows"
    basket: Column | None = None
    item: Column | None = None
    min_support: ShareUpToAll = 0.006
    min_confidence: ShareUpToAll = 0.25
    max_length: Annotated[AtLeastOne, Field(ge=2)] = 4
    held_out: Share = 0.3
    suggestions: AtLeastOne = 5
    seed: Count = 7

    @model_validator(mode="after")
    def _columns(self) -> Self:
        if self.layout == "rows":
            check_columns(self, needed=("basket", "item"), optional=("source",))
            return self
        if self.table is None:
            refuse("`layout: lines` belongs to a `table:` of its own.", "Add `table: …`.", key="layout")
        for key in ("basket", "item"):
            if getattr(self, key) is not None:
                refuse("A file with one basket a line has no columns.", f"Leave `{key}` out.", key=key)
        return self
