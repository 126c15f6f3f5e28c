"""The expectations are those of the generated rows: four standard errors, arm by arm."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from retention_lab.arrays import Floats
from retention_lab.simulate import Difficulty, Retailer, respond, retailer
from retention_lab.simulate.offers import ARMS, TERMS
from tests.simulate.observed import campaign_rows, distinct, index_of


@pytest.fixture(scope="module")
def shop() -> Retailer:
    return retailer(4_000, seed=0)


def _everyone(shop: Retailer, arm: int) -> pa.Table:
    ids = shop.truth.customer_ids
    return pa.table({"customer_id": ids, "arm": pa.repeat(ARMS[arm], len(ids))})


def _responses(shop: Retailer, arm: int, days: int, seed: int) -> dict[str, Floats]:
    """(n,) contribution, discount and redemptions of one draw."""
    new = respond(shop, _everyone(shop, arm), shop.as_of, days, seed).tables
    lines = distinct(new["transactions"]).filter(pc.field("customer_id").is_valid())
    customer, n = index_of(shop, lines["customer_id"]), len(shop.truth.customer_ids)
    return {
        "contribution": np.bincount(customer, lines["contribution"].to_numpy(), minlength=n),
        "discount": np.bincount(customer, lines["discount"].to_numpy(), minlength=n),
        "redemptions": np.bincount(index_of(shop, new["redemptions"]["customer_id"]), minlength=n).astype(
            float
        ),
    }


@pytest.mark.parametrize("arm", range(len(ARMS)))
def test_redrawn_responses_average_to_the_expectation(shop: Retailer, arm: int) -> None:
    expected = {
        "contribution": shop.truth.expected_contribution,
        "discount": shop.truth.expected_discount,
        "redemptions": shop.truth.expected_redemptions,
    }
    draws = [_responses(shop, arm, 30, seed) for seed in range(8)]
    for name, values in expected.items():
        off = np.mean([draw[name] for draw in draws], axis=0) - values[:, arm]
        assert abs(off.mean()) <= 4 * off.std() / np.sqrt(len(off)) + 1e-12, name


@pytest.mark.parametrize("days", [7, 90])
def test_other_horizons_keep_their_promise_too(shop: Retailer, days: int) -> None:
    arm = ARMS.index("coupon_20")
    truth = respond(shop, _everyone(shop, arm), shop.as_of, days, seed=0).expected
    assert truth.horizon_days == days
    off = (
        np.mean([_responses(shop, arm, days, seed)["contribution"] for seed in range(8)], axis=0)
        - truth.expected_contribution[:, arm]
    )
    assert abs(off.mean()) <= 4 * off.std() / np.sqrt(len(off))


def test_past_campaigns_turned_out_as_expected_at_their_launch(shop: Retailer) -> None:
    rows = campaign_rows(shop)
    for k in range(len(ARMS)):
        chosen = rows.arm == k
        for seen, expected in (
            (rows.contribution, rows.expected_contribution),
            (rows.redeemed, rows.expected_redemptions),
        ):
            off = (seen - expected)[chosen]
            assert abs(off.mean()) <= 4 * off.std() / np.sqrt(len(off)) + 1e-12


def test_expectations_hold_for_the_customers_most_and_least_open_to_an_offer(shop: Retailer) -> None:
    arm = ARMS.index("points_200")
    gain = shop.truth.expected_contribution[:, arm] - shop.truth.expected_contribution[:, 0]
    mean = np.mean([_responses(shop, arm, 30, seed)["contribution"] for seed in range(8)], axis=0)
    off = mean - shop.truth.expected_contribution[:, arm]
    for part in np.array_split(np.argsort(gain), 5):
        assert abs(off[part].mean()) <= 4 * off[part].std() / np.sqrt(len(part))


def test_profit_is_contribution_less_contact_and_redemption_cost(shop: Retailer) -> None:
    truth = shop.truth
    cost = TERMS.contact_cost + TERMS.redemption_cost * truth.expected_redemptions
    np.testing.assert_allclose(truth.expected_profit, truth.expected_contribution - cost)
    assert not truth.expected_redemptions[:, [0, ARMS.index("message")]].any()


def test_without_effects_an_offer_only_costs(shop: Retailer) -> None:
    dull = retailer(1_000, seed=0, difficulty=Difficulty(effect_size=0)).truth
    assert (dull.expected_contribution[:, 1:] <= dull.expected_contribution[:, :1] + 1e-12).all()
    np.testing.assert_allclose(dull.expected_contribution[:, -1], dull.expected_contribution[:, 0])


def test_nothing_hidden_is_a_column_of_the_tables(shop: Retailer) -> None:
    hidden = {"phase", "segment", "openness", "leaving_reason", "sleeping_dog", "churn_risk", "satisfaction"}
    assert not hidden & {name for table in shop.tables.values() for name in table.column_names}


def test_effects_fade_with_repeated_contact(shop: Retailer) -> None:
    still = Difficulty(drift=0)
    shop = retailer(4_000, seed=0, difficulty=still)
    before = shop.truth.expected_contribution
    arm = ARMS.index("free_shipping")
    contacted = respond(shop, _everyone(shop, arm), shop.as_of, 30, seed=0).retailer.truth
    left_alone = respond(shop, _everyone(shop, 0), shop.as_of, 30, seed=0).retailer.truth
    settled = np.asarray(contacted.phase) == np.asarray(left_alone.phase)
    settled &= np.asarray(contacted.phase) == "active"
    open_ = settled & (before[:, arm] - before[:, 0] > 2)
    gain = [
        t.expected_contribution[open_, arm] - t.expected_contribution[open_, 0]
        for t in (contacted, left_alone)
    ]
    assert open_.sum() > 100
    assert gain[0].sum() < 0.9 * gain[1].sum()


def test_offers_drift_in_strength_over_the_months() -> None:
    shop = retailer(300, seed=0)
    at, strength = shop.as_of, [shop.state.drift]
    nobody = pa.table({"customer_id": pa.array([], pa.string()), "arm": pa.array([], pa.string())})
    for round_ in range(3):
        shop = respond(shop, nobody, at, 30, seed=round_).retailer
        at += timedelta(days=30)
        strength.append(shop.state.drift)
    assert (np.abs(np.diff(np.array(strength)[:, 1:], axis=0)) > 0).all()
    assert np.abs(strength[-1]).max() < 1
