"""kind: segments: groups of customers who resemble each other."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition
from retention_lab.settings.frozen import refuse
from retention_lab.settings.values import AtLeastOne, Column, Count, Share, ShareUpToAll, Text, Whole

Groups = Annotated[AtLeastOne, Field(ge=2)]


class SegmentsDefinition(Definition):
    """A segmentation of the project's customers, or of a flat table.

    k: the number of groups, a range `[2, 10]` to choose from, or None: the method's own choice (2 to 8; RFM
    has its named cells). scale: log takes sign(x) log(1 + |x|) first. missing: what is done about gaps. cap:
    numbers beyond the quantiles 1 - cap and cap are brought back to them. variance: share of it that the
    principal axes hold; 1 keeps all. target: a column of numbers for which LASSO picks the features.
    """

    kind: Literal["segments"]
    table: Text | None = None
    source: Text | None = None
    id: Column | None = None
    features: Annotated[tuple[Column, ...], Field(min_length=1)] | None = None
    method: Literal["kmeans", "ward", "rfm"] = "kmeans"
    k: Groups | tuple[Groups, Groups] | None = None
    scale: Literal["standard", "log", "none"] = "standard"
    missing: Literal["drop", "mean", "median", "mode", "model"] = "median"
    cap: Annotated[Share, Field(gt=0.5)] | None = None
    variance: ShareUpToAll = 0.9
    target: Column | None = None
    resamples: Annotated[Whole, Field(ge=2)] = 20
    seed: Count = 7

    @property
    def groups(self) -> tuple[int, ...]:
        """The numbers of groups to choose from."""
        if self.k is None:
            return tuple(range(2, 9))
        return (self.k,) if isinstance(self.k, int) else tuple(range(self.k[0], self.k[1] + 1))

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if isinstance(self.k, tuple) and self.k[0] >= self.k[1]:
            refuse(f"The range {list(self.k)} is empty.", "Write it as [2, 10].", key="k")
        if self.method == "rfm":
            self._rfm_only()
        if self.features is not None and self.target in self.features:
            refuse("The target is among the features.", "Take it out of `features`.", key="target")
        if self.table is None and self.id is not None:
            refuse("`id` belongs to a flat `table:`.", "Add `table: …`, or leave it out.", key="id")
        return self

    def _rfm_only(self) -> None:
        """RFM has fixed features, cells and cuts: whatever would be ignored is refused."""
        if self.features is not None:
            refuse(
                "RFM groups by recency, frequency and value only.", "Leave `features` out.", key="features"
            )
        for key in ("k", "scale", "missing", "cap", "variance", "target"):
            if key in self.model_fields_set and getattr(self, key) != type(self).model_fields[key].default:
                refuse("RFM has its own cells and cuts.", f"Leave `{key}` out.", key=key)
