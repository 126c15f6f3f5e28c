"""kind: segments: groups of customers who resemble each other."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition
from retention_lab.settings.frozen import refuse
from retention_lab.settings.values import AtLeastOne, Column, Text, Whole

Groups = Annotated[AtLeastOne, Field(ge=2)]


class SegmentsDefinition(Definition):
    """A segmentation of the project's customers, or of a flat table.

    k: the number of groups, a range `[2, 10]` to choose from, or None: the method's own choice.
    """

    kind: Literal["segments"]
    table: Text | None = None
    source: Text | None = None
    id: Column | None = None
    features: Annotated[tuple[Column, ...], Field(min_length=1)] | None = None
    method: Literal["kmeans", "ward", "rfm"] = "kmeans"
    k: Groups | tuple[Groups, Groups] | None = None
    scale: Literal["standard", "none"] = "standard"
    seed: Whole = 7

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if isinstance(self.k, tuple) and self.k[0] >= self.k[1]:
            refuse(f"The range {list(self.k)} is empty.", "Write it as [2, 10].", key="k")
        if self.method == "rfm" and self.features is not None:
            refuse(
                "RFM groups by recency, frequency and value only.", "Leave `features` out.", key="features"
            )
        if self.table is None and self.id is not None:
            refuse("`id` belongs to a flat `table:`.", "Add `table: …`, or leave it out.", key="id")
        return self
