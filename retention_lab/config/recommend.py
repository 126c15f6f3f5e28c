"""kind: recommend: what to show to whom, from who bought what when."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition
from retention_lab.config.clv import check_columns
from retention_lab.settings.frozen import Frozen, refuse
from retention_lab.settings.values import AtLeastOne, Column, Number, Share, Text, Whole

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


class ShopRules(Frozen):
    """What may be offered to whom, whatever a model scores. None: no such rule.

    in_stock: only what is there, where `products` has a stock. margin_floor: contribution as a share of
    what is paid. bought_recently_days: who bought an item so lately is not offered it; None: what a customer
    has had never comes again. category_cap: items of one category in a list. showings_cap, contacts_cap: how
    often an item may have been shown to a customer (events of kind `shown_event`), and how many offers the
    customer may have drawn, in `window_days`, before it is enough. consent: only who agrees to be profiled,
    where customers are asked.
    """

    in_stock: bool = True
    margin_floor: Annotated[Number, Field(lt=1)] | None = None
    bought_recently_days: AtLeastOne | None = None
    category_cap: AtLeastOne | None = None
    showings_cap: AtLeastOne | None = None
    shown_event: Text = "shown"
    contacts_cap: AtLeastOne | None = None
    window_days: AtLeastOne = 7
    consent: bool = True


class ShownLog(Frozen):
    """A log of what was shown at random, by which `lab evaluate` values lists.

    propensity: with which just this item was shown there. reward: what came of it, a click or money.
    time: when; rows up to the version's last day are left out, as it may have learned what came of them.
    """

    table: Text
    source: Text | None = None
    customer: Column
    item: Column
    propensity: Column
    reward: Column
    time: Column | None = None


class RecommendDefinition(Definition):
    """A recommender over the project's transactions, or interactions of its own (`table:`).

    k: lengths of the lists that are judged. rules: of the shop; without them, what is in stock goes to who
    agrees to be profiled. logged: of what was shown at random.
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
    rules: ShopRules | None = None
    logged: ShownLog | None = None

    @property
    def shop_rules(self) -> ShopRules | None:
        """The rules that lists keep; None over a table of its own, which tells of purchases alone."""
        return (self.rules or ShopRules()) if self.table is None else None

    @model_validator(mode="after")
    def _columns(self) -> Self:
        check_columns(self, needed=("customer", "item"), optional=("time", "weight", "source"))
        if self.table is not None and self.time is None and self.split.random_per_user is None:
            refuse("This split needs the time of each row.", "Add `time: …`, or split per user.", key="split")
        if self.table is not None and self.rules is not None:
            refuse(
                "A table of its own tells neither stock nor margins nor consent.",
                "Leave `rules` out, or learn from the project's tables.",
                key="rules",
            )
        return self
