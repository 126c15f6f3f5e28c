"""kind: demand: how much will be sold of each series, period by period."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition
from retention_lab.config.clv import check_columns
from retention_lab.settings.values import AtLeastOne, Column, Text

Model = Literal["naive", "seasonal_naive", "smoothing", "lags"]


class DemandDefinition(Definition):
    """A forecast over the project's transactions, or a series of its own (`table:`).

    horizon, season: in periods.
    """

    kind: Literal["demand"]
    table: Text | None = None
    source: Text | None = None
    series: Column | None = None
    time: Column | None = None
    value: Column | None = None
    period: Literal["day", "week", "month"] = "week"
    horizon: AtLeastOne = 8
    season: AtLeastOne = 52
    models: Annotated[tuple[Model, ...], Field(min_length=1)] = (
        "naive",
        "seasonal_naive",
        "smoothing",
        "lags",
    )

    @model_validator(mode="after")
    def _columns(self) -> Self:
        check_columns(self, needed=("time", "value"), optional=("series", "source"))
        return self
