"""What an A/B test compares and how: metrics, analysis, plan. The same keys in YAML and in Python."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, Strict, model_validator

from retention_lab.abtest.metrics import Metric
from retention_lab.errors import did_you_mean
from retention_lab.settings.frozen import Frozen, refuse
from retention_lab.settings.problems import validated
from retention_lab.settings.values import (
    AtLeastOne,
    Column,
    Flag,
    Label,
    Moment,
    Positive,
    Share,
    ShareOrNone,
    ShareUpToAll,
    Text,
)


class Analysis(Frozen):
    """How arms are compared.

    sequential: `always_valid` may be looked at any day; `fixed` says nothing before the planned end.
    correction: over primary and secondary metrics and arms; `dunnett` knows that arms share their control,
    and is for a test that is read once. segments: columns. sample_ratio_alpha: below it, the split itself is
    not to be trusted. distribution: of the fixed interval's quantiles; pooled: one
    variance for both arms. proportion: interval of a proportion without covariates. relative: how intervals
    of relative effects are made. skewness: whether intervals of means are lengthened where few buyers make
    the spend. adjustment: whether covariates have one coefficient or one of each arm.
    score: a model's score of each unit, known before assignment; effects are shown by so many equal groups of
    it, with bands that hold all at once. posterior: whether to add how likely each arm is to be better, and
    what a wrong choice would cost.
    """

    confidence: Share = 0.95
    sequential: Literal["always_valid", "fixed", "group_sequential"] = "always_valid"
    correction: Literal["holm", "hochberg", "bonferroni", "benjamini_hochberg", "dunnett", "none"] = "holm"
    segments: tuple[Column, ...] = ()
    sample_ratio_alpha: Share = 0.001
    alternative: Literal["two_sided", "greater", "less"] = "two_sided"
    distribution: Literal["t", "normal"] = "t"
    pooled: Flag = False
    proportion: Literal["wald", "newcombe", "score", "exact"] = "wald"
    relative: Literal["fieller", "log", "delta"] = "fieller"
    skewness: Literal["corrected", "ignored"] = "corrected"
    adjustment: Literal["pooled", "by_arm"] = "pooled"
    score: Column | None = None
    score_groups: Annotated[int, Strict(), Field(ge=2, le=99)] = 10
    posterior: Flag = False

    @model_validator(mode="after")
    def _joint_test_at_one_look(self) -> Self:
        if self.correction == "dunnett" and self.sequential != "fixed":
            refuse(
                "Dunnett's joint test is of one look, and this test may be looked at while it runs.",
                "Write `sequential: fixed`, or take `correction: holm`.",
                key="correction",
            )
        return self

    @property
    def divisions(self) -> tuple[str, ...]:
        """The columns by whose levels effects are shown: the segments, and the score's groups."""
        return self.segments if self.score is None else (*self.segments, self.score)


class Plan(Frozen):
    """What was planned. n_per_arm: units of the smallest arm; mde: smallest effect of interest, in the unit
    of the primary metric."""

    starts: Moment | None = None
    days: AtLeastOne | None = None
    n_per_arm: AtLeastOne | None = None
    looks: AtLeastOne | None = None
    mde: Positive | None = None
    power: Share = 0.8


class Layer(Frozen):
    """The slice [start, end) of a layer's units that may enter: tests in other slices never share a unit."""

    name: Text
    start: ShareOrNone
    end: ShareUpToAll

    @model_validator(mode="after")
    def _holds_someone(self) -> Self:
        if self.end <= self.start:
            refuse("The slice is empty.", "Let it end above its start.", key="end")
        return self


class Specification(Frozen):
    """An A/B test apart from where its rows lie.

    unit, arm: columns. exposed_at: column with the time a unit entered; needed for looks over time.
    window_days: a unit counts once, when its window has closed, with its total over it.
    cluster: column, where randomised by group. strata: column, for post-stratification.
    layer: what part of its units a test may take, None where it shares them with all others.
    """

    unit: Column | None = None
    arm: Column | None = None
    control: Label | None = None
    planned_shares: dict[Label, Share] | None = None
    exposed_at: Column | None = None
    window_days: AtLeastOne | None = None
    cluster: Column | None = None
    strata: Column | None = None
    layer: Layer | None = None
    metrics: Annotated[
        tuple[Annotated[Metric, Field(discriminator="type")], ...],
        Field(min_length=1),
    ]
    analysis: Analysis = Analysis()
    plan: Plan = Plan()

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
    def _names_differ(self) -> Self:
        names = [metric.name for metric in self.metrics]
        for position, name in enumerate(names):
            if name in names[:position]:
                refuse(f"Two metrics are named '{name}'.", "Rename one.", key=f"metrics.{position}.name")
        return self


def specification(mapping: Mapping[str, Any]) -> Specification:
    """A specification from the keys of an A/B test's YAML definition, but for `kind`, `table` and the like.

    Raises ConfigurationError for a key or value that does not fit.

    >>> found = specification({
    ...     "unit": "user", "arm": "group", "control": "A",
    ...     "metrics": [{"name": "bought", "type": "proportion", "column": "bought", "role": "primary"}],
    ... })
    >>> found.metrics[0].columns, found.analysis.correction
    (('bought',), 'holm')
    """
    return validated(Specification, mapping)
