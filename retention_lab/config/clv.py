"""kind: clv: what customers will buy and be worth, from a transaction log."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition
from retention_lab.settings.frozen import refuse
from retention_lab.settings.values import AtLeastOne, Column, Moment, Number, Text

Model = Literal[
    "beta_geo", "modified_beta_geo", "pareto_nbd", "beta_geometric", "value_model", "combined"
]  # fmt: skip


class ClvDefinition(Definition):
    """A customer-value model over the project's transactions, or a log of its own (`table:`).

    calibration_end: the last day that models see, the rest is the holdout; None keeps the last quarter.
    discount_rate_year: 0.1 is 10 % a year.
    """

    kind: Literal["clv"]
    table: Text | None = None
    source: Text | None = None
    customer: Column | None = None
    time: Column | None = None
    amount: Column | None = None
    models: Annotated[tuple[Model, ...], Field(min_length=1)] = (
        "beta_geo", "modified_beta_geo", "pareto_nbd", "beta_geometric", "value_model", "combined",
    )  # fmt: skip
    time_unit: Literal["day", "week", "month"] = "week"
    calibration_end: Moment | None = None
    horizon_days: AtLeastOne = 365
    discount_rate_year: Annotated[Number, Field(ge=0)] = 0.1

    @model_validator(mode="after")
    def _columns_of_a_log(self) -> Self:
        check_columns(self, needed=("customer", "time"), optional=("amount", "source"))
        return self


def check_columns(definition: Definition, *, needed: tuple[str, ...], optional: tuple[str, ...]) -> None:
    """Refuse, inside a validator, a `table:` without its columns, or columns without a table."""
    has_table = getattr(definition, "table", None) is not None
    for key in needed:
        if has_table and getattr(definition, key) is None:
            refuse(f"A table of its own needs its `{key}` column.", f"Add `{key}: …`.", key=key)
    for key in (*needed, *optional):
        if not has_table and getattr(definition, key) is not None:
            refuse(
                f"`{key}` belongs to a `table:` of its own; the project's tables have fixed names.",
                f"Add `table: …`, or leave `{key}` out.",
                key=key,
            )
