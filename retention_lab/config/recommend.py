"""kind: recommend: what to show to whom, from who bought what when."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition
from retention_lab.config.clv import check_columns
from retention_lab.settings.frozen import Frozen, refuse
from retention_lab.settings.values import AtLeastOne, Column, Share, Text, Whole

Model = Literal[
    "popular", "decayed_popular", "item_knn", "user_knn", "ease", "als", "content", "hybrid", "neural",
    "rerank",
]  # fmt: skip


class RecommendSplit(Frozen):
    """How purchases are held out: after a share of time, a random share per user, or each user's last."""

    time: Share | None = None
    random_per_user: Share | None = None
    last: AtLeastOne | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(value is not None for value in (self.time, self.random_per_user, self.last)) != 1:
            refuse(
                "A split is made in one way.", "Give `{time: 0.8}`, `{random_per_user: 0.25}` or `{last: 1}`."
            )
        return self


class RecommendDefinition(Definition):
    """A recommender over the project's transactions, or interactions of its own (`table:`).

    k: lengths of the lists that are judged.
    """

    kind: Literal["recommend"]
    table: Text | None = None
    source: Text | None = None
    customer: Column | None = None
    item: Column | None = None
    time: Column | None = None
    weight: Column | None = None
    models: Annotated[tuple[Model, ...], Field(min_length=1)] = (
        "popular", "decayed_popular", "item_knn", "user_knn", "ease", "als", "content", "hybrid", "neural",
        "rerank",
    )  # fmt: skip
    split: RecommendSplit = RecommendSplit(time=0.8)
    k: Annotated[tuple[AtLeastOne, ...], Field(min_length=1)] = (5, 10, 20)
    seed: Whole = 7

    @model_validator(mode="after")
    def _columns(self) -> Self:
        check_columns(self, needed=("customer", "item"), optional=("time", "weight", "source"))
        if self.table is not None and self.time is None and self.split.random_per_user is None:
            refuse("This split needs the time of each row.", "Add `time: …`, or split per user.", key="split")
        return self
