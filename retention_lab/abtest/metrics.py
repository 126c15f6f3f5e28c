"""The metrics of an A/B test: one type each, since each asks for other columns of a unit."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Strict, model_validator

from retention_lab.settings.frozen import Frozen, refuse
from retention_lab.settings.values import Column, Number, Share, Text

_PERCENT = re.compile(r"\d+(\.\d+)?%")


def _margin(value: Any) -> str:
    """A margin as text: `0.01` in the metric's unit, `2%` of the control's mean."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return repr(value)
    if isinstance(value, str) and (_PERCENT.fullmatch(value) or re.fullmatch(r"\d+(\.\d+)?", value)):
        return value
    return refuse("A margin is a number in the metric's unit or a share of control.", 'Write 0.01 or "2%".')


Margin = Annotated[str, BeforeValidator(_margin), Strict()]


def _distinct(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(columns)) < len(columns):
        refuse("A column is named twice.", "Name it once.")
    return columns


class RatioCovariate(Frozen):
    """What was known before assignment of a ratio: the same two columns in an earlier time."""

    numerator: Column
    denominator: Column


Covariates = Annotated[tuple[Column, ...], AfterValidator(_distinct)]


class _Common(Frozen):
    """role: what the metric decides. better: the good direction. worse_by_at_most: a guardrail's margin."""

    name: Text
    role: Literal["primary", "secondary", "guardrail", "diagnostic"] = "secondary"
    better: Literal["higher", "lower"] = "higher"
    worse_by_at_most: Margin | None = None

    @model_validator(mode="after")
    def _margin_is_for_guardrails(self) -> Self:
        if self.worse_by_at_most is not None and self.role != "guardrail":
            refuse(
                "Only a guardrail has a margin.",
                "Write `role: guardrail`, or leave it out.",
                key="worse_by_at_most",
            )
        return self


class Proportion(_Common):
    """The share of units for which a column is 1. covariates: columns known before assignment."""

    type: Literal["proportion"]
    column: Column
    covariates: Covariates = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The outcome columns that it reads."""
        return (self.column,)


class Mean(_Common):
    """The mean of a column.

    winsorise: quantile above which values are cut, found at the first analysis and kept. cap: value above
    which they are cut, where it is known beforehand. covariates: columns known before assignment.
    """

    type: Literal["mean"]
    column: Column
    winsorise: Share | None = None
    cap: Number | None = None
    covariates: Covariates = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The outcome columns that it reads."""
        return (self.column,)

    @model_validator(mode="after")
    def _one_cut(self) -> Self:
        if self.winsorise is not None and self.cap is not None:
            refuse("Values are cut once.", "Write `winsorise` or `cap`, not both.", key="cap")
        return self


class Ratio(_Common):
    """The sum of one column over the sum of another.

    covariates: columns known before assignment. before: the same ratio in an earlier time.
    """

    type: Literal["ratio"]
    numerator: Column
    denominator: Column
    covariates: Covariates = ()
    before: RatioCovariate | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The outcome columns that it reads."""
        return (self.numerator, self.denominator)


class Quantile(_Common):
    """The q-th quantile of a column."""

    type: Literal["quantile"]
    column: Column
    q: Share

    @property
    def columns(self) -> tuple[str, ...]:
        """The outcome columns that it reads."""
        return (self.column,)


class ProfitMetric(_Common):
    """Contribution less the costs of redemptions and contacts, per unit in the project's currency.

    covariates: columns known before assignment.
    """

    type: Literal["profit"]
    contribution: Column
    redemption_cost: Column | None = None
    contact_cost: Column | None = None
    covariates: Covariates = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The outcome columns that it reads."""
        found = (self.contribution, self.redemption_cost, self.contact_cost)
        return tuple(column for column in found if column is not None)


Metric = Proportion | Mean | Ratio | Quantile | ProfitMetric
