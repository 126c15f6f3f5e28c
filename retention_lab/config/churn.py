"""kind: churn: who is about to leave, from a flat table with a label or from the project's tables."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition, Split
from retention_lab.settings.frozen import Frozen, refuse
from retention_lab.settings.values import AtLeastOne, Column, Count, Label, Money, ShareUpToAll, Text

Model = Literal["logistic", "tree", "forest", "svm", "mlp", "lightgbm", "hazard", "blend"]


class ChurnLabel(Frozen):
    """What leaving means: a column and its value, days without a purchase, or the end of a subscription."""

    column: Column | None = None
    positive: Label | None = None
    inactive_days: AtLeastOne | None = None
    subscription: Literal["ended"] | None = None

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        if (self.column is None) != (self.positive is None):
            refuse("A label column needs the value that counts as yes.", "Give both `column` and `positive`.")
        if sum(value is not None for value in (self.column, self.inactive_days, self.subscription)) != 1:
            refuse(
                "A label means one thing.",
                "Give `{column, positive}`, `{inactive_days}` or `{subscription: ended}`.",
            )
        return self


class Snapshots(Frozen):
    """When customers are looked at: `count` times, `every_days` apart, labels over `horizon_days`.

    gap_days: between the look and the label's start, for the time that acting takes.
    """

    every_days: AtLeastOne = 30
    count: AtLeastOne = 6
    horizon_days: AtLeastOne = 90
    gap_days: Count = 0


class Profit(Frozen):
    """What a contact is worth. clv, contact_cost, incentive: project currency; acceptance: share who stay."""

    clv: Money
    contact_cost: Money
    incentive: Money = 0.0
    acceptance: ShareUpToAll


class ChurnDefinition(Definition):
    """A churn model. features: None is every column but id, label and `exclude`."""

    kind: Literal["churn"]
    table: Text | None = None
    source: Text | None = None
    id: Column | None = None
    label: ChurnLabel
    features: Annotated[tuple[Column, ...], Field(min_length=1)] | None = None
    exclude: tuple[Column, ...] = ()
    snapshots: Snapshots | None = None
    models: Annotated[tuple[Model, ...], Field(min_length=1)] = (
        "logistic", "tree", "forest", "svm", "mlp", "lightgbm", "hazard", "blend",
    )  # fmt: skip
    validation: Split = Split()
    profit: Profit | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.table is not None and self.label.column is None:
            refuse(
                "A flat table has a label column.", "Write `label: {column: …, positive: …}`.", key="label"
            )
        if self.table is not None and self.snapshots is not None:
            refuse(
                "Snapshots are of the project's tables.", "Take `snapshots` or `table` out.", key="snapshots"
            )
        if self.table is None and self.label.column is not None:
            refuse(
                "The project's tables have no label column.",
                "Add `table: …`, or write `label: {inactive_days: 90}`.",
                key="label",
            )
        if self.table is None and (self.id is not None or self.source is not None):
            refuse(
                "`id` and `source` belong to a flat `table:`.", "Add `table: …`, or leave them out.", key="id"
            )
        return self
