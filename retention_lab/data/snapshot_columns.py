"""What the columns of a snapshot mean, and which of them a model may learn from.

CORE: what models learn from unless they ask for more. FURTHER: finer windows, trends and channels, there for
any definition that names them, for audiences, and for models that choose among many columns. MARKS: events
that speak of a reason to leave, which are no visits; churn models learn from them beside the core.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

CORE: Mapping[str, str] = {
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
    "last_visit_days": "days since the last event; marks (below) are none of these events",
    "visit_trend": "events of the last 30 days less those of the 30 before, over both together; -1 to 1",
    "feedbacks": "messages of feedback so far",
    "mean_score": "mean score of the feedback that carries one",
    "mean_tone": "mean probability that a message is praise, as a model reads it",
    "complaints": "messages that a model reads as complaints",
    "assignments_365": "times in an experiment in the last 365 days, to whatever arm",
    "contacts_365": "times assigned to a real offer in the last 365 days",
    "last_contact_days": "days since the last assignment to a real offer",
    "redemptions": "offers redeemed so far",
    "subscription_active": "a subscription runs",
    "subscription_monthly_fee": "monthly fee of the running subscriptions (project currency)",
    "subscription_months": "months of subscription so far (of 30.4375 days)",
}

FURTHER: Mapping[str, str] = {
    "orders_7": "orders in the last 7 days",
    "order_trend_30": "orders of the last 30 days less those of the 30 before, over both together; -1 to 1",
    "order_trend_180": "likewise over 180 days and the 180 before",
    "first_order_days": "days since the first order",
    "last_gap_days": "days between the last two orders",
    "longest_gap_days": "days of the longest gap between two orders",
    "order_days": "days with an order so far, by the calendar of the project's time zone",
    "order_days_30": "days with an order in the last 30 days",
    "order_days_90": "days with an order in the last 90 days",
    "order_days_365": "days with an order in the last 365 days",
    "revenue_7": "amount paid less returns over the last 7 days (project currency)",
    "revenue_180": "likewise over the last 180 days",
    "spend_trend_30": "paid in the last 30 days, before returns, less the 30 before, over both; -1 to 1",
    "spend_trend_90": "likewise over 90 days and the 90 before",
    "spend_trend_180": "likewise over 180 days and the 180 before",
    "contribution": "amount less cost of goods so far (project currency)",
    "contribution_30": "likewise over the last 30 days",
    "contribution_90": "likewise over the last 90 days",
    "contribution_180": "likewise over the last 180 days",
    "lines": "order lines bought so far; returns are none",
    "lines_7": "order lines bought in the last 7 days",
    "lines_30": "order lines bought in the last 30 days",
    "lines_90": "order lines bought in the last 90 days",
    "lines_180": "order lines bought in the last 180 days",
    "lines_365": "order lines bought in the last 365 days",
    "last_line_days": "days since the last order line bought",
    "mean_line_value": "amount per order line bought, before returns (project currency)",
    "lines_per_order": "order lines per order",
    "returns": "order lines returned so far",
    "returns_90": "order lines returned in the last 90 days",
    "returns_365": "order lines returned in the last 365 days",
    "return_share_365": "money returned over money paid, in the last 365 days",
    "discount_share_365": "discount over the price before it, in the last 365 days",
    "categories_365": "product categories bought in the last 365 days",
    "top_category_share": "share of the money spent that went into the top category",
    "purchase_channels": "channels bought through so far",
    "top_purchase_channel": "the channel with most money",
    "events": "events so far",
    "events_7": "events in the last 7 days",
    "events_90": "events in the last 90 days",
    "events_180": "events in the last 180 days",
    "events_365": "events in the last 365 days",
    "visit_trend_90": "events of the last 90 days less those of the 90 before, over both together; -1 to 1",
    "views_90": "events of kind view in the last 90 days",
    "carts_90": "events of kind cart in the last 90 days",
    "visit_channels_90": "channels of the events in the last 90 days",
    "sessions_90": "sessions in the last 90 days",
    "products_seen_90": "products in the events of the last 90 days",
    "top_visit_channel": "the channel of most events in the last 365 days",
    "feedbacks_365": "messages of feedback in the last 365 days",
    "last_feedback_days": "days since the last message of feedback",
    "mean_score_365": "mean score of the feedback in the last 365 days",
    "last_score": "the latest score (the lower of two at one instant)",
    "lowest_score": "the lowest score so far",
    "complaints_365": "messages of the last 365 days that a model reads as complaints",
    "last_tone": "tone of the latest message (the lower of two at one instant)",
    "lowest_tone": "the lowest tone so far",
    "last_complaint_days": "days since the last complaint",
    "last_complaint_topic": "what the last complaint was about",
    "contacts": "times assigned to a real offer so far",
    "contacts_30": "times assigned to a real offer in the last 30 days",
    "contacts_90": "times assigned to a real offer in the last 90 days",
    "redemptions_90": "offers redeemed in the last 90 days",
    "redemptions_365": "offers redeemed in the last 365 days",
    "last_redemption_days": "days since the last offer was redeemed",
    "subscriptions": "subscriptions begun so far",
    "subscription_running_days": "days since the first of the running subscriptions began",
    "subscription_ended_days": "days since the last subscription ended",
    "subscription_plan": "plan of the running subscription (of several, the first by name)",
}
MARKS: Mapping[str, str] = {
    "defect_reports_90": "events of kind defect_report in the last 90 days: of the product",
    "service_calls_90": "events of kind service_call in the last 90 days: of the service",
    "price_comparisons_90": "events of kind price_comparison in the last 90 days: of the price",
    "rival_visits_90": "events of kind rival_visit in the last 90 days: of the competition",
}
COLUMNS: Mapping[str, str] = {**CORE, **FURTHER, **MARKS}

# what a snapshot's column is evidence of, where a customer leaves: all others are of none of the causes
_EVIDENCE: Mapping[str, tuple[str, ...]] = {
    "product": (
        "returns",
        "returns_90",
        "returns_365",
        "return_share",
        "return_share_365",
        "defect_reports_90",
    ),
    "service": (
        *(
            "mean_score",
            "mean_score_365",
            "last_score",
            "lowest_score",
            "mean_tone",
            "last_tone",
            "lowest_tone",
        ),
        *("complaints", "complaints_365", "last_complaint_days", "service_calls_90"),
    ),
    "price": ("discount_share", "discount_share_365", "subscription_monthly_fee", "price_comparisons_90"),
    "competition": ("rival_visits_90",),
}
EVIDENCE_OF: Mapping[str, str] = {
    **dict.fromkeys((*COLUMNS, "acquisition_cost"), "other"),
    **{name: cause for cause, names in _EVIDENCE.items() for name in names},
}
# what is larger, or no longer missing, the longer a shop has been watched: of the same customers, too
GROWING = frozenset(
    [
        *("tenure_days", "recency_days", "last_visit_days", "last_contact_days", "last_feedback_days"),
        *("orders", "order_days", "lines", "events", "feedbacks", "complaints", "contacts", "redemptions"),
        *("returns", "categories", "purchase_channels", "subscriptions", "revenue", "contribution"),
        *("assignments_365", "contacts_365", "redemptions_365", "first_order_days", "last_gap_days"),
        *("longest_gap_days", "mean_gap_days", "gap_cv", "last_line_days", "last_redemption_days"),
        *("subscription_months", "subscription_running_days", "subscription_ended_days"),
        *("orders_365", "revenue_365", "contribution_365", "lines_365", "order_days_365", "events_365"),
    ]
)

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


def core_features(table: pa.Table) -> list[str]:
    """Those of `feature_columns` that are of the core or attributes of the customers' table.

    A model over few experiments learns from these by default: every further column costs it some precision,
    and a default that grew with the snapshot would change models that nobody touched.
    """
    return [name for name in feature_columns(table) if name not in FURTHER and name not in MARKS]


def _is_feature(column: pa.ChunkedArray) -> bool:
    kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return True
    if pa.types.is_decimal(kind):
        return True
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        return bool(pc.count_distinct(column).as_py() <= _MOST_LEVELS)
    return False
