"""kind: uplift: who acts because of an offer, learned from randomised experiments.

Two forms: a flat table with one row a unit (`table:`), or the project's own past experiments
(`experiments:` and `outcome:`).
"""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from retention_lab import catalog
from retention_lab.config.available import only_available
from retention_lab.config.base import Definition, Split
from retention_lab.errors import did_you_mean
from retention_lab.settings.frozen import Frozen, refuse
from retention_lab.settings.values import (
    AtLeastOne,
    Column,
    Count,
    Label,
    Moment,
    Money,
    Positive,
    Seconds,
    Share,
    Text,
)

_FLAT_ONLY = ("id", "treatment", "arms", "planned_shares", "outcomes", "primary", "time", "value", "source")
_TABLES_ONLY = ("experiments", "outcome", "since")


class Treatment(Frozen):
    """The column that says which arm a unit was assigned to, and the arm to compare with."""

    column: Column
    control: Label


class Propensities(Frozen):
    """Columns with assignment probabilities: of the arm received (`column`), or one per arm (`columns`)."""

    column: Column | None = None
    columns: dict[Label, Column] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.column is None) == (self.columns is None):
            refuse("Probabilities are named once.", "Give either `column: p` or `columns: {arm: column}`.")
        return self


class Value(Frozen):
    """What an outcome is worth, so that models are judged in money.

    outcome: the one that counts, so that nothing counts twice. per_unit: currency per unit of it.
    cost: currency per unit assigned to an arm; arms left out cost nothing.
    """

    outcome: Column
    per_unit: Positive = 1.0
    cost: dict[Label, Money] = Field(default_factory=dict)


class SnapshotOutcome(Frozen):
    """What is measured over the project's tables, in `[assigned_at, + horizon_days)`."""

    metric: Literal["contribution", "revenue", "orders", "active"] = "contribution"
    horizon_days: AtLeastOne = 30


def _propensity_form(value: object) -> str:
    return "word" if isinstance(value, str) else "columns"


Propensity = Annotated[
    Annotated[Literal["randomised", "estimate"], Tag("word")] | Annotated[Propensities, Tag("columns")],
    Discriminator(_propensity_form),
]


class UpliftDefinition(Definition):
    """An uplift model. `table` tells the two forms apart: see `flat`.

    source: where a public table can be had, told when it is missing.
    since: customers of the project's experiments count from this date of assignment on; None: all.
    arms: None is all that are found. features: None is every column but id, treatment, propensity, time,
    outcomes and `exclude`. planned_shares: of every arm, control included; they sum to 1. refute: whether the
    best learner is also fitted where there is nothing to find, which costs some refits on 5,000 rows.
    tune: time to look for better boosting settings, `60s` say; None: those that suit so many rows. spread:
    refits on half of the customers that a version keeps, to tell how steady its effects are; 0: none.
    """

    kind: Literal["uplift"]
    table: Text | None = None
    source: Text | None = None
    id: Column | None = None
    treatment: Treatment | None = None
    arms: Annotated[tuple[Label, ...], Field(min_length=1)] | None = None
    propensity: Propensity = "randomised"
    planned_shares: dict[Label, Share] | None = None
    outcomes: dict[Column, Literal["binary", "money", "number"]] = Field(default_factory=dict)
    primary: Column | None = None
    features: Annotated[tuple[Column, ...], Field(min_length=1)] | None = None
    exclude: tuple[Column, ...] = ()
    time: Column | None = None
    experiments: Annotated[tuple[Label, ...], Field(min_length=1)] | None = None
    since: Moment | None = None
    outcome: SnapshotOutcome | None = None
    learners: Annotated[tuple[Text, ...], Field(min_length=1)] = catalog.DEFAULT_LEARNERS
    validation: Split = Split()
    value: Value | None = None
    tune: Seconds | None = None
    spread: Count = 0
    refute: bool = False

    @property
    def flat(self) -> bool:
        """True where one flat table is read, False where the project's experiments are."""
        return self.table is not None

    @property
    def metric(self) -> SnapshotOutcome:
        """What the project's tables are asked for; 30 days of contribution where nothing is said."""
        return self.outcome or SnapshotOutcome()

    @property
    def primary_outcome(self) -> str:
        """The outcome that the model learns: a column of the flat table, or the metric's name."""
        if not self.flat:
            return self.metric.metric
        return self.primary or next(iter(self.outcomes))

    @model_validator(mode="after")
    def _learners_exist(self) -> Self:
        only_available(
            "uplift learner", self.learners, catalog.LEARNERS, tuple(catalog.LEARNERS), key="learners"
        )
        _refuse_repeats(self.learners, "learners")
        return self

    @model_validator(mode="after")
    def _spread_has_two(self) -> Self:
        if self.spread == 1:
            refuse("One refit shows no spread.", "Ask for 8, or for 0.", key="spread")
        return self

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        for key in _TABLES_ONLY if self.flat else _FLAT_ONLY:
            if getattr(self, key) not in (None, {}):
                form = "a flat `table:`" if self.flat else "the project's experiments (no `table:`)"
                refuse(
                    f"The definition reads {form}, where `{key}` means nothing.",
                    "Take one form: `table`, `treatment` and `outcomes`, or `experiments` and `outcome`.",
                    key=key,
                )
        if self.flat:
            _check_flat(self)
        elif not isinstance(self.propensity, str):
            refuse(
                "Probabilities of the project's experiments lie in its assignments.",
                "Leave `propensity` out, or write `estimate`.",
                key="propensity",
            )
        return self


def _check_flat(definition: UpliftDefinition) -> None:
    treatment, outcomes, primary = definition.treatment, definition.outcomes, definition.primary
    if treatment is None:
        refuse(
            "A flat table needs the column of the arms.",
            "Add `treatment: {column: …, control: …}`.",
            key="treatment",
        )
    if not outcomes:
        refuse(
            "A flat table needs outcomes.", "Add `outcomes: {column: binary|money|number}`.", key="outcomes"
        )
    if primary is None and len(outcomes) > 1:
        refuse(
            "Several outcomes, and none is primary.", f"Add `primary: {next(iter(outcomes))}`.", key="primary"
        )
    if primary is not None and primary not in outcomes:
        refuse(f"'{primary}' is not among the outcomes.", did_you_mean(primary, outcomes), key="primary")
    _check_arms(definition, treatment)
    _check_features(definition, treatment)
    _check_value(definition, treatment)


def _check_arms(definition: UpliftDefinition, treatment: Treatment) -> None:
    arms, shares = definition.arms, definition.planned_shares
    if arms is not None:
        _refuse_repeats(arms, "arms")
        if set(arms) == {treatment.control}:
            refuse("Control is the only arm named.", "Name at least one other arm.", key="arms")
    if shares is None:
        return
    if abs(sum(shares.values()) - 1) > 1e-6:
        refuse(
            f"The shares sum to {sum(shares.values()):g}, not to 1.",
            "Give every arm's, control too.",
            key="planned_shares",
        )
    named = {treatment.control, *(arms or shares)}
    if set(shares) != named:
        odd = sorted(set(shares) ^ named)[0]
        refuse(
            f"The shares and the arms disagree about '{odd}'.",
            "Give every arm's share, control too.",
            key="planned_shares",
        )


def _check_features(definition: UpliftDefinition, treatment: Treatment) -> None:
    taken = {
        treatment.column: "the treatment",
        **dict.fromkeys(definition.outcomes, "an outcome"),
        **({definition.id: "the id"} if definition.id else {}),
        **({definition.time: "the time"} if definition.time else {}),
        **dict.fromkeys(definition.exclude, "excluded"),
    }
    for position, name in enumerate(definition.features or ()):
        if name in taken:
            refuse(
                f"'{name}' is {taken[name]}, so no feature.",
                "Take it out of `features`.",
                key=f"features.{position}",
            )


def _check_value(definition: UpliftDefinition, treatment: Treatment) -> None:
    value = definition.value
    if value is None:
        return
    if value.outcome not in definition.outcomes:
        refuse(
            f"'{value.outcome}' is not among the outcomes.",
            did_you_mean(value.outcome, definition.outcomes),
            key="value.outcome",
        )
    for arm in value.cost:
        if definition.arms is not None and arm not in {*definition.arms, treatment.control}:
            refuse(f"No arm is named '{arm}'.", did_you_mean(arm, definition.arms), key="value.cost")


def _refuse_repeats(values: tuple[str, ...], key: str) -> None:
    for position, value in enumerate(values):
        if value in values[:position]:
            refuse(f"'{value}' is named twice.", "Name it once.", key=f"{key}.{position}")
