"""kind: abtest: a comparison of arms, one row a unit, or one of the project's own experiments."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention_lab.config.abtest_metrics import Metric
from retention_lab.config.base import Definition, Frozen, refuse
from retention_lab.config.values import AtLeastOne, Column, Flag, Label, Moment, Positive, Share, Text
from retention_lab.errors import did_you_mean

# What a unit of the project's own experiments carries, whatever its table says.
UNIT_COLUMNS = ("orders", "revenue", "contribution", "redemption_cost", "contact_cost", "profit", "active")


class Analysis(Frozen):
    """How arms are compared. sample_ratio_alpha: below it, the split itself is not to be trusted.

    sequential `fixed`: no verdict before the planned end. correction: over primary and secondary metrics
    and arms. segments: columns.
    """

    confidence: Share = 0.95
    sequential: Literal["always_valid", "fixed", "group_sequential"] = "always_valid"
    correction: Literal["holm", "bonferroni", "benjamini_hochberg", "none"] = "holm"
    segments: tuple[Column, ...] = ()
    sample_ratio_alpha: Share = 0.001
    alternative: Literal["two_sided", "greater", "less"] = "two_sided"
    distribution: Literal["t", "normal"] = "t"
    pooled: Flag = False
    proportion: Literal["wald", "newcombe", "score", "exact"] = "wald"


class Plan(Frozen):
    """What was planned. n_per_arm: units; mde: smallest effect of interest, in the primary metric's unit."""

    starts: Moment | None = None
    days: AtLeastOne | None = None
    n_per_arm: AtLeastOne | None = None
    looks: AtLeastOne | None = None
    mde: Positive | None = None
    power: Share = 0.8


class AbTestDefinition(Definition):
    """An A/B test.

    exposed_at: column with the time a unit entered; needed for looks over time.
    window_days: a unit counts once, when its window has closed, with its total over it.
    cluster: column, where randomised by group. strata: column, for post-stratification.
    """

    kind: Literal["abtest"]
    table: Text | None = None
    source: Text | None = None
    experiment: Label | None = None
    unit: Column | None = None
    arm: Column | None = None
    control: Label | None = None
    planned_shares: dict[Label, Share] | None = None
    exposed_at: Column | None = None
    window_days: AtLeastOne | None = None
    cluster: Column | None = None
    strata: Column | None = None
    metrics: Annotated[tuple[Metric, ...], Field(min_length=1)]
    analysis: Analysis = Analysis()
    plan: Plan = Plan()

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.table is None) == (self.experiment is None):
            refuse("A test reads one source.", "Give either `table: …` or `experiment: …`.", key="table")
        for key in ("unit", "arm", "control") if self.table else ():
            if getattr(self, key) is None:
                refuse(f"A flat table needs `{key}`.", f"Add `{key}: …`.", key=key)
        for key in ("unit", "arm", "source", "exposed_at", "cluster") if self.experiment else ():
            if getattr(self, key) is not None:
                refuse(f"`{key}` belongs to a flat `table:`.", f"Leave `{key}` out.", key=key)
        return self

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> Self:
        shares = self.planned_shares
        if shares is None:
            return self
        if abs(sum(shares.values()) - 1) > 1e-6:
            refuse(
                f"The shares sum to {sum(shares.values()):g}, not to 1.",
                "Give every arm's.",
                key="planned_shares",
            )
        if self.control is not None and self.control not in shares:
            refuse("Control has no share.", did_you_mean(self.control, shares), key="planned_shares")
        return self

    @model_validator(mode="after")
    def _metrics_fit(self) -> Self:
        names = [metric.name for metric in self.metrics]
        for position, metric in enumerate(self.metrics):
            if metric.name in names[:position]:
                refuse(
                    f"Two metrics are named '{metric.name}'.", "Rename one.", key=f"metrics.{position}.name"
                )
            for column in metric.columns if self.experiment else ():
                if column not in UNIT_COLUMNS:
                    refuse(
                        f"A unit of an experiment has no column '{column}'.",
                        did_you_mean(column, UNIT_COLUMNS),
                        key=f"metrics.{position}",
                    )
        return self
