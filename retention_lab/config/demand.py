"""kind: demand: how much will be sold of each series, period by period."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition
from retention_lab.config.clv import check_columns
from retention_lab.settings.frozen import Frozen, refuse
from retention_lab.settings.values import AtLeastOne, Column, Count, Moment, Text

Model = Literal[
    "naive", "seasonal_naive", "moving_average", "smoothing", "holt_winters", "autoregression",
    "tree", "forest", "svm", "lightgbm",
    "ets", "lags", "decision_tree", "random_forest",
]  # fmt: skip
ALIASES = {
    "ets": "holt_winters",
    "lags": "lightgbm",
    "decision_tree": "tree",
    "random_forest": "forest",
}
_CUSTOMER = "customer_id"


class PlannedCampaign(Frozen):
    """A campaign to come: when it starts, and how many customers it will contact."""

    starts: Moment
    contacts: AtLeastOne


class DemandDefinition(Definition):
    """A forecast over the project's transactions, or a series of its own (`table:`).

    series, value: columns. Over the project's transactions, series is a column of transactions, products or
    customers (None: all sales are one series), and value is amount (None), contribution, quantity or orders.
    campaign: a column that says how much of a campaign ran, in rows ahead too, whose value is empty.
    horizon, season: in periods. most_series: those that sell most. campaign_days: how long a contact counts.
    planned: campaigns to come, over the project's transactions.
    """

    kind: Literal["demand"]
    table: Text | None = None
    source: Text | None = None
    series: Column | None = None
    time: Column | None = None
    value: Column | None = None
    campaign: Column | None = None
    period: Literal["day", "week", "month"] = "week"
    horizon: AtLeastOne = 8
    season: AtLeastOne = 52
    models: Annotated[tuple[Model, ...], Field(min_length=1)] = (
        "naive", "seasonal_naive", "moving_average", "smoothing", "holt_winters", "autoregression",
        "tree", "lightgbm",
    )  # fmt: skip
    most_series: AtLeastOne = 100
    campaign_days: AtLeastOne = 30
    planned: tuple[PlannedCampaign, ...] = ()
    seed: Count = 7

    @property
    def candidates(self) -> tuple[str, ...]:
        """The models by their own names, each once."""
        return tuple(dict.fromkeys(ALIASES.get(name, name) for name in self.models))

    @model_validator(mode="after")
    def _columns(self) -> Self:
        if self.table is not None:
            check_columns(self, needed=("time", "value"), optional=("series", "campaign", "source"))
            self._own_calendar()
            return self
        check_columns(self, needed=("time",), optional=("campaign", "source"))
        if self.value not in (None, "amount", "contribution", "quantity", "orders"):
            refuse(
                f"'{self.value}' cannot be forecast from the project's transactions.",
                "Known: amount, contribution, quantity, orders.",
                key="value",
            )
        if self.series == _CUSTOMER:
            refuse(
                "A series of each customer would name customers on the page, and most buy too seldom for it.",
                "A value model says what each will buy: `kind: clv`.",
                key="series",
            )
        return self

    def _own_calendar(self) -> None:
        """A table of its own tells of campaigns in a column."""
        for key in ("campaign_days", "planned"):
            if getattr(self, key) != type(self).model_fields[key].default:
                refuse(
                    f"`{key}` is about the project's own campaigns; a table tells of its own in a column.",
                    "Name it: `campaign: …`.",
                    key=key,
                )
