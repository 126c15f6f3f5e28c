"""What the columns of a snapshot mean, and which of them a model may learn from."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

COLUMNS: Mapping[str, str] = {
    "customer_id": "the customer",
    "as_of": "the cut-off (UTC); every other column is known strictly before it",
    "signup_at": "first contact or registration (UTC)",
    "age": "years: calendar year of the cut-off less year of birth",
    "referred": "another customer recommended the shop to this one",
    "tenure_days": "days since registration or first order, whichever came first",
    "recency_days": "days since the last order",
    "orders": "orders so far; returns are none",
    "orders_30": "orders in the last 30 days",
    "orders_90": "orders in the last 90 days",
    "orders_180": "orders in the last 180 days",
    "orders_365": "orders in the last 365 days",
    "order_trend": "orders of the last 90 days less those of the 90 before, over both together; -1 to 1",
    "mean_gap_days": "mean days between orders, from 2 orders on",
    "gap_cv": "how irregular the gaps are: standard deviation over mean, from 3 orders on",
    "overdue": "recency over rhythm: own mean gap from 3 orders on, else everyone's first to second order",
    "lifecycle": "prospect, new, active, at_risk (overdue > 2), churned (overdue > 4) or returned",
    "revenue": "amount paid so far, less returns (project currency)",
    "revenue_30": "likewise over the last 30 days",
    "revenue_90": "likewise over the last 90 days",
    "revenue_365": "likewise over the last 365 days",
    "contribution_365": "amount less cost of goods over the last 365 days (project currency)",
    "mean_order_value": "amount per order, before returns (project currency)",
    "return_share": "money returned over money paid",
    "discount_share": "discount over the price before it",
    "categories": "product categories bought so far",
    "top_category": "the category with most money",
    "events_30": "events in the last 30 days",
    "views_30": "events of kind view in the last 30 days",
    "carts_30": "events of kind cart in the last 30 days",
    "last_visit_days": "days since the last event of any kind",
    "visit_trend": "events of the last 30 days less those of the 30 before, over both together; -1 to 1",
    "feedbacks": "messages of feedback so far",
    "mean_score": "mean score of the feedback that carries one",
    "assignments_365": "times in an experiment in the last 365 days, to whatever arm",
    "contacts_365": "times assigned to a real offer in the last 365 days",
    "last_contact_days": "days since the last assignment to a real offer",
    "redemptions": "offers redeemed so far",
    "subscription_active": "a subscription runs",
    "subscription_monthly_fee": "monthly fee of the running subscriptions (project currency)",
    "subscription_months": "months of subscription so far (of 30.4375 days)",
}

# ids, contact details, permissions, and what is a feature in another form (age, tenure, referred)
_NEVER_FEATURES = {"customer_id", "as_of", "signup_at", "birth_year", "referred_by", "email", "phone", "name"}
_MOST_LEVELS = 100


def feature_columns(table: pa.Table) -> list[str]:
    """Names of the columns that a model may use, in the table's order.

    Left out: ids, addresses, times, consent, and text with more than 100 levels, which names rather than
    describes. Earlier contacts are features: they are known before the cut-off.
    """
    return [
        name
        for name in table.column_names
        if name not in _NEVER_FEATURES and not name.startswith("consent_") and _is_feature(table.column(name))
    ]


def _is_feature(column: pa.ChunkedArray) -> bool:
    kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return True
    if pa.types.is_decimal(kind):
        return True
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        return bool(pc.count_distinct(column).as_py() <= _MOST_LEVELS)
    return False
