from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from retention_lab.errors import LabError
from retention_lab.simulate import AS_OF, Retailer, respond, retailer
from tests.simulate.observed import distinct

LIVED = {"transactions": "ordered_at", "events": "at", "feedback": "at", "redemptions": "redeemed_at"}


@pytest.fixture(scope="module")
def shop() -> Retailer:
    return retailer(1_000, seed=0)


def _some(shop: Retailer, arm: str = "coupon_20", count: int = 400) -> pa.Table:
    return pa.table({"customer_id": shop.truth.customer_ids[:count], "arm": pa.repeat(arm, count)})


def test_new_rows_lie_within_the_horizon_and_join_the_old_ones(shop: Retailer) -> None:
    answer = respond(shop, _some(shop), AS_OF, 30, seed=0)
    start, end = AS_OF.replace(tzinfo=None), (AS_OF + timedelta(days=30)).replace(tzinfo=None)
    for name, column in LIVED.items():
        times = answer.tables[name][column]
        assert answer.tables[name].num_rows > 0
        assert start <= pc.min(times).as_py() <= pc.max(times).as_py() < end
        assert (
            answer.retailer.tables[name].num_rows == shop.tables[name].num_rows + answer.tables[name].num_rows
        )
    assert answer.retailer.as_of == AS_OF + timedelta(days=30)


def test_customers_outside_the_campaign_go_on_shopping_and_only_the_assigned_redeem(shop: Retailer) -> None:
    answer = respond(shop, _some(shop), AS_OF, 30, seed=0)
    assigned = set(_some(shop)["customer_id"].to_pylist())
    bought = set(answer.tables["transactions"]["customer_id"].drop_null().to_pylist())
    assert bought - assigned
    redeemed = answer.tables["redemptions"]
    assert set(redeemed["customer_id"].to_pylist()) <= assigned
    assert set(redeemed["offer_id"].to_pylist()) == {"coupon_20"}
    assert set(redeemed["experiment"].to_pylist()) == {"round-2026-03-01"}


def test_the_expectation_is_that_of_the_launch(shop: Retailer) -> None:
    answer = respond(shop, _some(shop), AS_OF, 30, seed=0)
    np.testing.assert_array_equal(answer.expected.expected_profit, shop.truth.expected_profit)


def test_the_same_seed_gives_the_same_response(shop: Retailer) -> None:
    first, again, other = (respond(shop, _some(shop), AS_OF, 30, seed) for seed in (5, 5, 6))
    assert all(first.tables[name].equals(again.tables[name]) for name in LIVED)
    assert not first.tables["transactions"].equals(other.tables["transactions"])


def test_rounds_can_be_played_one_after_another(shop: Retailer) -> None:
    at, orders = AS_OF, set(shop.tables["transactions"]["order_id"].to_pylist())
    for round_ in range(4):
        named = _some(shop).append_column("experiment", pa.repeat(f"winback-{round_}", 400))
        answer = respond(shop, named, at, 30, seed=round_)
        fresh = answer.tables["transactions"].filter(pc.field("amount") > 0)
        assert not orders & set(fresh["order_id"].to_pylist())
        assert set(answer.tables["redemptions"]["experiment"].to_pylist()) == {f"winback-{round_}"}
        orders |= set(fresh["order_id"].to_pylist())
        shop, at = answer.retailer, at + timedelta(days=30)
    ended = shop.tables["subscriptions"]["ended_at"]
    assert pc.max(ended).as_py() < at.replace(tzinfo=None)


def test_time_before_a_later_launch_is_lived_through_without_contacts(shop: Retailer) -> None:
    answer = respond(shop, _some(shop), AS_OF + timedelta(days=45), 10, seed=0)
    times = answer.tables["transactions"]["ordered_at"]
    assert pc.min(times).as_py() < datetime(2026, 3, 5)
    assert pc.max(times).as_py() < datetime(2026, 4, 25)
    assert pc.min(answer.tables["redemptions"]["redeemed_at"]).as_py() >= datetime(2026, 4, 15)


def test_returns_of_earlier_orders_arrive_later(shop: Retailer) -> None:
    nobody = _some(shop, count=0)
    new = distinct(respond(shop, nobody, AS_OF, 30, seed=0).tables["transactions"])
    back = new.filter(pc.field("amount") < 0)["order_id"]
    earlier = shop.tables["transactions"]["order_id"]
    assert pc.any(pc.is_in(back, value_set=earlier.combine_chunks())).as_py()


@pytest.mark.parametrize("days", [0, 181])
def test_an_impossible_horizon_is_refused(shop: Retailer, days: int) -> None:
    with pytest.raises(LabError, match="horizon"):
        respond(shop, _some(shop), AS_OF, days)


def test_wrong_assignments_are_refused_without_showing_their_content(shop: Retailer) -> None:
    stranger = pa.table({"customer_id": ["anna@example.org"], "arm": ["none"]})
    with pytest.raises(LabError, match="Row 1") as caught:
        respond(shop, stranger, AS_OF)
    assert "anna" not in str(caught.value)
    with pytest.raises(LabError, match="arm"):
        respond(shop, _some(shop, arm="pony"), AS_OF)
    with pytest.raises(LabError, match="more than once"):
        respond(shop, pa.concat_tables([_some(shop), _some(shop)]), AS_OF)
    with pytest.raises(LabError, match="column"):
        respond(shop, _some(shop).drop_columns(["arm"]), AS_OF)


@pytest.mark.parametrize("at", [AS_OF - timedelta(days=1), AS_OF + timedelta(hours=3), datetime(2026, 3, 1)])
def test_a_launch_at_an_impossible_time_is_refused(shop: Retailer, at: datetime) -> None:
    with pytest.raises(LabError):
        respond(shop, _some(shop), at)
