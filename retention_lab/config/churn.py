"""kind: churn: who is about to leave, from a flat table with a label or from the project's tables."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.base import Definition, Split
from retention_lab.settings.frozen import Frozen, refuse
from retention_lab.settings.values import (
    AtLeastOne,
    Column,
    Count,
    Flag,
    Label,
    Money,
    Positive,
    Share,
    ShareUpToAll,
    Text,
)

Reason = Literal["product", "service", "price", "competition", "other"]
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

    horizon_days: None is `label.inactive_days`, or 90 for subscriptions. gap_days: between the look
    and the label's start, for the time that acting takes.
    """

    every_days: AtLeastOne = 30
    count: AtLeastOne = 6
    horizon_days: AtLeastOne | None = None
    gap_days: Count = 0


class ValueOf(Frozen):
    """A customer's worth from a column: its value, `times` so much, in the project's currency."""

    column: Column
    times: Positive = 1.0


class Profit(Frozen):
    """What a contact is worth. clv, contact_cost, incentive: project currency; acceptance: share who stay.

    clv: what a customer who is kept is worth, one figure for all or a column's.
    """

    clv: Money | ValueOf
    contact_cost: Money
    incentive: Money = 0.0
    acceptance: ShareUpToAll


class ChurnSplit(Split):
    """As `Split`; rolling: compare candidates on so many looks, each predicted from earlier ones alone."""

    rolling: AtLeastOne | None = None


class Cleaning(Frozen):
    """What is done about gaps, outliers and scales, learned inside every fold.

    missing: drop learns from no customer with a gap (and predicts them with typical values); mean, median and
    mode fill in one value a column; model predicts the gap from the customer's other features. cap: numbers
    beyond the quantiles 1 - cap and cap are brought back to them. scale: logistic, svm and mlp read each
    number as a straight line so scaled; None: as a curve, which needs no scale.
    """

    missing: Literal["drop", "mean", "median", "mode", "model"] = "median"
    cap: Annotated[Share, Field(gt=0.5)] | None = None
    scale: Literal["standard", "minmax", "robust"] | None = None


class ChurnDefinition(Definition):
    """A churn model. features: None is every column but id, label and `exclude`.

    duration: the column that says for how long somebody has been a customer, the clock of `hazard`; None is
    `tenure_days` over the project's tables, and leaves `hazard` out of a flat table. tune: look for each
    model's settings first. resampling: of leavers (over) or stayers (under), within every fold. changeable:
    features that a retention offer could change, for counterfactuals. reasons: what features are evidence of;
    names decide about the others. cleaning: None leaves gaps and outliers to each model's own way.
    """

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
    validation: ChurnSplit = ChurnSplit()
    cleaning: Cleaning | None = None
    duration: Column | None = None
    tune: Flag = False
    resampling: Literal["none", "over", "under"] = "none"
    changeable: tuple[Column, ...] = ()
    reasons: dict[Column, Reason] = Field(default_factory=dict)
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
        if self.table is not None and self.validation.rolling is not None:
            refuse(
                "Rows of a flat table have no time to roll over.",
                "Take `rolling` out, or use the project's tables.",
                key="validation.rolling",
            )
        if self.tune and self.cleaning is not None and self.cleaning.scale is not None:
            refuse(
                "Tuning looks for curves or straight lines itself.",
                "Take `tune` or `cleaning.scale` out.",
                key="cleaning.scale",
            )
        horizon = None if self.snapshots is None else self.snapshots.horizon_days
        if self.label.inactive_days is not None and horizon not in (None, self.label.inactive_days):
            refuse(
                "Leaving is seen over `label.inactive_days`, and the snapshots say another horizon.",
                "Take `horizon_days` out, or make both the same.",
                key="snapshots.horizon_days",
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

    @property
    def flat(self) -> bool:
        """Whether the rows come from one table, not from the project's."""
        return self.table is not None

    @property
    def looks(self) -> Snapshots:
        """When customers are looked at, over the project's tables."""
        return self.snapshots or Snapshots()

    @property
    def horizon_days(self) -> int:
        """Days over which leaving is seen, over the project's tables."""
        return self.looks.horizon_days or self.label.inactive_days or 90
