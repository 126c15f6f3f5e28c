"""kind: campaign: whom to contact with what, under which budget, and how it will be measured."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, Discriminator, Field, Strict, Tag, model_validator

from retention_lab import catalog
from retention_lab.config.available import only_available
from retention_lab.config.base import Definition
from retention_lab.errors import did_you_mean
from retention_lab.settings.frozen import Frozen, refuse
from retention_lab.settings.values import (
    AtLeastOne,
    Column,
    Count,
    Label,
    Money,
    ShareOrNone,
    ShareUpToAll,
    Text,
)
from retention_lab.targeting.exports.contacts import country_code
from retention_lab.targeting.exports.format import KNOWN, Format

_REFERENCE = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9_-]*)(?P<selector>@[A-Za-z0-9_-]+|/[1-9][0-9]*)?")


class ModelReference(NamedTuple):
    """A registered model and which of its versions: `@alias`, `/3`, or empty for the usual one."""

    name: str
    selector: str


def model_reference(text: str) -> ModelReference | None:
    """Name and selector of `NAME[@alias|/version]`; None where the text is no such reference.

    >>> model_reference("mail@champion")
    ModelReference(name='mail', selector='@champion')
    """
    found = _REFERENCE.fullmatch(text)
    return ModelReference(found["name"], found["selector"] or "") if found else None


def _reference(text: str) -> str:
    if model_reference(text) is None:
        refuse(f"'{text}' names no model version.", "Write NAME, NAME@champion or NAME/3.")
    return text


def _or_champion(text: str) -> ModelReference:
    found = model_reference(text)
    if found is None:  # refused when the definition was read
        raise ValueError(text)
    return found if found.selector else ModelReference(found.name, "@champion")


class Audience(Frozen):
    """Who may be contacted: customers of the project (`where`, `channel`), or rows of a flat file (`table`).

    where: an SQL condition over customers and snapshot columns; None is everyone.
    channel: consent is asked for it, and only its offers are feasible.
    id: column of the flat file; None is the row number. source: where a public file can be had.
    rows: `held_out` keeps the rows of the model's own table that it was never trained on.
    """

    where: Text | None = None
    channel: Text | None = None
    table: Text | None = None
    id: Column | None = None
    source: Text | None = None
    rows: Literal["all", "held_out"] = "all"

    @property
    def flat(self) -> bool:
        """True where the audience is a file of its own."""
        return self.table is not None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        other = "`table:`" if self.flat else "the project's tables"
        for key in ("where", "channel") if self.flat else ("id", "source"):
            if getattr(self, key) is not None:
                refuse(
                    f"`{key}` means nothing beside {other}.",
                    "Take one form: `where` and `channel` over the project's tables, or `table` and `id`.",
                    key=key,
                )
        if not self.flat and self.rows != "all":
            refuse("`rows: held_out` is for a flat `table:`.", "Leave it out.", key="rows")
        return self


class Offer(Frozen):
    """An offer written into the campaign, in the project's currency.

    cost_per_redemption: only what `amount` does not already lack: points, gifts, postage.
    discount_share: of the order's price; told, never charged again, since `amount` already lacks it.
    stock: how many there are; None is no limit. Neither the choices nor the launch give out more.
    """

    cost_per_contact: Money = 0.0
    cost_per_redemption: Money = 0.0
    discount_share: ShareOrNone = 0.0
    channel: Text | None = None
    stock: Count | None = None


class Cautious(Frozen):
    """Choose by what an offer is worth in all but this share of the model's refits."""

    cautious: Annotated[float, Strict(), Field(gt=0, lt=0.5)]


def _risk_form(value: object) -> str:
    return "a quantile" if isinstance(value, Mapping | Cautious) else "an average"


Risk = Annotated[
    Annotated[Literal["expected"], Tag("an average")] | Annotated[Cautious, Tag("a quantile")],
    Discriminator(_risk_form),
]


class PolicyChoice(Frozen):
    """The model that chooses, and what it is to make large.

    uplift: NAME@champion, NAME/3 or NAME (which is its champion).
    objective: `net_value` is money; `outcome` is most extra primary outcome under the budget.
    risk: `expected` values, or `{cautious: 0.2}`: lower ones, for a model trained with `spread:`.
    """

    uplift: Annotated[Text, AfterValidator(_reference)]
    objective: Literal["net_value", "outcome"] = "net_value"
    risk: Risk = "expected"

    @property
    def cautious(self) -> float | None:
        """The share of refits that may fall short; None where values are expected ones."""
        return self.risk.cautious if isinstance(self.risk, Cautious) else None

    @property
    def model(self) -> ModelReference:
        """The model and the version of it; without a selector, its champion."""
        return _or_champion(self.uplift)


class Content(Frozen):
    """What a coupon shows: so many products for its customer, from a recommender of the project.

    recommend: NAME@champion, NAME/3 or NAME (which is its champion).
    """

    recommend: Annotated[Text, AfterValidator(_reference)]
    products: Annotated[int, Field(ge=1, le=20)] = 3

    @property
    def model(self) -> ModelReference:
        """The recommender and the version of it; without a selector, its champion."""
        return _or_champion(self.recommend)


class MinShare(Frozen):
    """Least shares of groups to be chosen for an offer. column: of the customers; shares: of its values."""

    column: Column
    shares: dict[Label, ShareUpToAll] = Field(min_length=1)


class Constraints(Frozen):
    """What a plan keeps to beside its budget.

    min_days_between_assignments: at least the horizon; None is the horizon. channel_caps: contacts by
    channel, of the choices and of the launch in expectation. min_share: of the choices, before the draw.
    """

    min_days_between_assignments: AtLeastOne | None = None
    channel_caps: dict[Text, Count] = Field(default_factory=dict)
    min_share: MinShare | None = None


def _country(text: str) -> str:
    found = country_code(text)
    if not found:
        refuse(f"'{text}' is no country of two letters.", "Write it as in ISO 3166-1: DE, GB, US.")
    return found


class Export(Frozen):
    """Which tool the send file is for, and where it finds what that tool knows people by.

    columns: field of a customer -> column of `customers` (of the flat `table:`, where there is one).
    country: of two letters; in it numbers without a country's code are dialled, and customers without one
    live.
    """

    to: Text = "generic"
    columns: dict[Text, Column] = Field(default_factory=dict)
    country: Annotated[Text, AfterValidator(_country)] | None = None

    @model_validator(mode="after")
    def _carried_out(self) -> Self:
        only_available("export", [self.to], catalog.EXPORTS, tuple(catalog.EXPORTS), key="to")
        form: Format = catalog.resolve(catalog.EXPORTS[self.to])
        for field in self.columns:
            if field not in form.fields:
                found = f"A file for {self.to} has no place for '{field}'."
                refuse(found, did_you_mean(field, form.fields), key=f"columns.{field}")
        named = {*KNOWN, *self.columns, *(["country"] if self.country else [])}
        if not form.finds_anybody_by(named):
            ways = ", or ".join(" with ".join(group) for group in form.identifiers)
            refuse(
                f"{self.to} knows people by {ways}, and the definition does not say where they are.",
                "Name the columns of `customers` that hold them: "
                f"`export: {{to: {self.to}, columns: {{{form.identifiers[0][0]}: COLUMN}}}}`.",
                key="columns",
            )
        return self


def _offers_form(value: object) -> str:
    return "inline" if isinstance(value, Mapping) else "names"


Offers = Annotated[
    Annotated[tuple[Label, ...], Field(min_length=1), Tag("names")]
    | Annotated[dict[Label, Offer], Field(min_length=1), Tag("inline")],
    Discriminator(_offers_form),
]


class CampaignDefinition(Definition):
    """A campaign, and thereby an experiment.

    offers: names from the offers table, or offers written here; `none` is always among them.
    budget: contact and redemption cost; None is no limit. budget_mode: whether it holds what redemptions are
    expected to cost, or `worst_case`, that everybody redeems. discount_budget: a cap on discounts.
    holdout: share that nobody contacts. exploration: share whose offer is drawn at random; exploration_by:
    evenly, or `thompson`, as often as a draw of the model's effects would choose it.
    measure_by: column of the customers whose values are measured apart; None: lifecycle.
    content: products in the coupon; None: none.
    """

    kind: Literal["campaign"]
    audience: Audience = Audience()
    offers: Offers
    policy: PolicyChoice
    budget: Money | None = None
    budget_mode: Literal["expected", "worst_case"] = "expected"
    discount_budget: Money | None = None
    horizon_days: AtLeastOne = 30
    holdout: ShareOrNone = 0.1
    exploration: ShareOrNone = 0.1
    exploration_by: Literal["uniform", "thompson"] = "uniform"
    measure_by: Column | None = None
    constraints: Constraints = Constraints()
    export: Export = Export()
    content: Content | None = None

    @property
    def inline_offers(self) -> dict[str, Offer] | None:
        """The offers written here; None where they are names of the offers table."""
        return self.offers if isinstance(self.offers, dict) else None

    @property
    def offer_names(self) -> tuple[str, ...]:
        """Names of the offers in their order, without `none`."""
        return tuple(self.offers)

    @property
    def asks_how_sure(self) -> bool:
        """Whether the plan needs to know how much the model's effects move between refits."""
        return self.policy.cautious is not None or self.exploration_by == "thompson"

    @property
    def min_days_between_assignments(self) -> int:
        """Days for which who was assigned is not eligible again; never less than the horizon."""
        return self.constraints.min_days_between_assignments or self.horizon_days

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if "none" in self.offers:
            refuse("`none` is always an offer, at no cost.", "Take it out of `offers`.", key="offers")
        if len(set(self.offers)) < len(self.offers):
            refuse("An offer is named twice.", "Name it once.", key="offers")
        if self.audience.flat and self.inline_offers is None:
            refuse(
                "Offers are named, and a flat audience comes without a table of offers.",
                "Write them here with their costs: `offers: {name: {cost_per_contact: 0.1}}`.",
                key="offers",
            )
        if self.content is not None:
            self._room_for_products()
        if self.holdout + self.exploration >= 1:
            refuse(
                f"Holdout and exploration take {self.holdout + self.exploration:g} of the audience.",
                "Let them sum to less than 1.",
                key="exploration",
            )
        days = self.constraints.min_days_between_assignments
        if days is not None and days < self.horizon_days:
            refuse(
                f"{days} days are less than the horizon of {self.horizon_days}: two campaigns would overlap.",
                f"Write at least {self.horizon_days}.",
                key="constraints.min_days_between_assignments",
            )
        return self

    def _room_for_products(self) -> None:
        if self.audience.flat:
            refuse(
                "A flat audience has bought nothing that a recommender of the project knows.",
                "Leave `content` out, or take the audience from the project's tables.",
                key="content",
            )
        form: Format = catalog.resolve(catalog.EXPORTS[self.export.to])
        if form.product_header is None:
            refuse(
                f"A file for {self.export.to} has no place for products.",
                "Leave `content` out, or export to a tool that has.",
                key="content",
            )

    @model_validator(mode="after")
    def _limits_mean_something(self) -> Self:
        if self.budget_mode == "worst_case" and self.budget is None:
            refuse(
                "`budget_mode: worst_case` means nothing without a budget.",
                "Set `budget`, or leave it out.",
                key="budget_mode",
            )
        if self.discount_budget is not None and self.audience.flat:
            refuse(
                "A flat file does not say what its customers order, so discounts cannot be foretold.",
                "Leave it null and set `budget`.",
                key="discount_budget",
            )
        return self
