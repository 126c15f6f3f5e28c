"""The tables that a lab reads: their columns, types and meaning, said once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from retention_lab.errors import LabError, did_you_mean

ColumnType = Literal["id", "time", "money", "number", "boolean", "text"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type and its meaning with the unit.

    required: the table makes no sense without it. may_be_missing: a required column may have gaps.
    may_be_future: its times may lie ahead. bounds: least and largest sensible value.
    """

    name: str
    type: ColumnType
    meaning: str
    required: bool = True
    may_be_missing: bool = False
    may_be_future: bool = False
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table.

    key: columns that name a row, for duplicates (empty: only a row equal in every column is one).
    open: whether columns beyond these are kept, as attributes.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    open: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def described(self) -> str:
        """Column names, in order, those in brackets that may be absent."""
        return ", ".join(one.name if one.required else f"[{one.name}]" for one in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that every file of this table has."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """The column of that name; LabError with the nearest name where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise LabError(f"The table {self.name!r} has no column {name!r}.", did_you_mean(name, self.names))


def table_schema(name: str) -> TableSchema:
    """The table of that name; LabError with the nearest name where there is none."""
    if name not in TABLES:
        raise LabError(f"No table of a lab is named {name!r}.", did_you_mean(name, TABLES))
    return TABLES[name]


def _id(name: str, meaning: str, required: bool = True) -> Column:
    return Column(name, "id", meaning, required)


def _optional(name: str, type_: ColumnType, meaning: str) -> Column:
    return Column(name, type_, meaning, required=False)


_PROBABILITY = (0.0, 1.0)
_NOT_NEGATIVE = (0.0, math.inf)
_CUSTOMER = _id("customer_id", "the customer")
_EXPERIMENT = _id("experiment", "name of the experiment or launch")

TABLES: Mapping[str, TableSchema] = {
    table.name: table
    for table in (
        TableSchema(
            "customers",
            "a customer",
            (
                _CUSTOMER,
                Column("signup_at", "time", "first contact or registration"),
                _optional("acquisition_cost", "money", "what winning the customer cost"),
                _optional("birth_year", "number", "year"),
                _optional("region", "text", "where the customer lives"),
                _optional("channel", "text", "where the customer came from"),
                _optional("tier", "text", "loyalty tier"),
                _optional("referred_by", "id", "customer who recommended the shop"),
                _optional("consent_email", "boolean", "may be written to by e-mail"),
                _optional("consent_sms", "boolean", "may be sent text messages"),
                _optional("consent_push", "boolean", "may be sent push messages"),
                _optional("consent_profiling", "boolean", "may be scored"),
            ),
            key=("customer_id",),
            open=True,
        ),
        TableSchema(
            "transactions",
            "an order line",
            (
                _id("order_id", "the order; a return carries the order's"),
                _CUSTOMER,
                Column("ordered_at", "time", "when; for a return, when it came back"),
                Column(
                    "amount", "money", "line total paid, after discounts, before tax; negative for a return"
                ),
                _optional("contribution", "money", "amount less cost of goods"),
                _optional("discount", "money", "money taken off by offers"),
                _optional("product_id", "id", "the product"),
                _optional("quantity", "number", "units"),
                _optional("offer_id", "id", "the offer that was redeemed on this line"),
                _optional("channel", "text", "where it was bought"),
            ),
        ),
        TableSchema(
            "products",
            "a product",
            (
                _id("product_id", "the product"),
                _optional("category", "text", "category"),
                _optional("brand", "text", "brand"),
                _optional("price", "money", "list price"),
                _optional("title", "text", "title"),
                _optional("description", "text", "description"),
                _optional("stock", "number", "units at hand"),
            ),
            key=("product_id",),
        ),
        TableSchema(
            "events",
            "something a customer did",
            (
                _CUSTOMER,
                Column("at", "time", "when"),
                Column("kind", "text", "what: visit, view, cart, …"),
                _optional("product_id", "id", "the product"),
                _optional("channel", "text", "where"),
                _optional("session_id", "id", "the visit it belongs to"),
            ),
        ),
        TableSchema(
            "feedback",
            "something a customer said",
            (
                _CUSTOMER,
                Column("at", "time", "when"),
                Column("text", "text", "the words"),
                _optional("score", "number", "rating, in the project's scale"),
                _optional("label", "text", "topic or tone given by a person"),
            ),
        ),
        TableSchema(
            "feedback_tone",
            "how a model read a message (`lab feedback tone` writes it)",
            (
                _CUSTOMER,
                Column("at", "time", "when the message was written"),
                Column("tone", "number", "probability that it is praise, 0 to 1", bounds=_PROBABILITY),
                _optional("topic", "text", "what it is about"),
                _optional("model", "text", "the version that read it"),
            ),
        ),
        TableSchema(
            "subscriptions",
            "a subscription",
            (
                _CUSTOMER,
                Column("started_at", "time", "first instant"),
                Column(
                    "ended_at",
                    "time",
                    "last instant; empty while it runs",
                    required=False,
                    may_be_future=True,
                ),
                _optional("plan", "text", "plan"),
                _optional("monthly_fee", "money", "fee per month"),
            ),
        ),
        TableSchema(
            "offers",
            "an offer",
            (
                _id("offer_id", "the offer"),
                Column("kind", "text", "coupon, points, free_shipping, message, …"),
                Column("channel", "text", "email, sms, push, mail, …"),
                Column("cost_per_contact", "money", "cost of one contact", bounds=_NOT_NEGATIVE),
                _optional("cost_per_redemption", "money", "what amount does not already lack: points, gifts"),
                _optional("discount_share", "number", "share of the price taken off, 0 to 1"),
                _optional("stock", "number", "how many can be given away"),
            ),
            key=("offer_id",),
        ),
        TableSchema(
            "assignments",
            "a customer in an experiment",
            (
                _EXPERIMENT,
                _CUSTOMER,
                _id("arm", "the offer assigned, or none"),
                Column(
                    "propensity",
                    "number",
                    "probability of that arm, 0 to 1",
                    may_be_missing=True,
                    bounds=_PROBABILITY,
                ),
                Column("assigned_at", "time", "when"),
                Column("role", "text", "policy, exploration or holdout"),
                Column(
                    "intended_arm",
                    "id",
                    "what the policy alone would have chosen; empty in experiments from elsewhere",
                    may_be_missing=True,
                ),
                _optional("stratum", "text", "stratum of the randomisation"),
            ),
            key=("experiment", "customer_id"),
        ),
        TableSchema(
            "propensities",
            "a feasible arm of a customer in an experiment",
            (
                _EXPERIMENT,
                _CUSTOMER,
                _id("arm", "an arm that could have been drawn"),
                Column("propensity", "number", "its probability, 0 to 1", bounds=_PROBABILITY),
            ),
            key=("experiment", "customer_id", "arm"),
        ),
        TableSchema(
            "redemptions",
            "a redemption",
            (
                _EXPERIMENT,
                _CUSTOMER,
                _id("offer_id", "the offer"),
                Column("redeemed_at", "time", "when"),
            ),
        ),
        TableSchema(
            "suppressions",
            "someone who must not be contacted",
            (
                _id("customer_id", "the customer", required=False),
                _id("email", "or the address", required=False),
                _optional("reason", "text", "why"),
                _optional("since", "time", "from when"),
            ),
        ),
    )
}
