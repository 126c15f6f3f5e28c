import pytest

from retention_lab.data.schema import TABLES, table_schema
from retention_lab.errors import LabError

CONTRACT = {
    "customers": "customer_id signup_at",
    "transactions": "order_id customer_id ordered_at amount",
    "products": "product_id",
    "events": "customer_id at kind",
    "feedback": "customer_id at text",
    "feedback_tone": "customer_id at tone",
    "subscriptions": "customer_id started_at",
    "offers": "offer_id kind channel cost_per_contact",
    "assignments": "experiment customer_id arm propensity assigned_at role intended_arm",
    "propensities": "experiment customer_id arm propensity",
    "redemptions": "experiment customer_id offer_id redeemed_at",
    "suppressions": "",
}


def test_the_tables_need_the_columns_of_the_contract() -> None:
    assert {name: " ".join(schema.required) for name, schema in TABLES.items()} == CONTRACT


def test_every_key_is_made_of_columns_that_are_needed() -> None:
    for schema in TABLES.values():
        assert set(schema.key) <= set(schema.required)
        assert len(set(schema.names)) == len(schema.names)


def test_unknown_names_come_with_the_nearest_known_one() -> None:
    with pytest.raises(LabError, match="Did you mean 'customers'"):
        table_schema("customer")
    with pytest.raises(LabError, match="Did you mean 'amount'"):
        table_schema("transactions").column("amout")
