"""The retailer's offers: what they cost, and how strongly they can pull a customer who is open to them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats

ARMS = ("none", "coupon_10", "coupon_20", "points_200", "free_shipping", "message")
OFFERS = ARMS[1:]


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """Terms by arm, (K+1,) each, `none` first.

    contact_cost, redemption_cost: the project's currency. discount_share: of the redeemed order's list value.
    pull: extra orders in 30 days of a fully persuadable customer. redemption: share of the buyers who redeem
    at no price sensitivity, and redemption_slope: what full price sensitivity adds.
    """

    contact_cost: Floats
    redemption_cost: Floats
    discount_share: Floats
    pull: Floats
    redemption: Floats
    redemption_slope: Floats


TERMS = OfferTerms(
    contact_cost=np.array([0.0, 0.9, 0.9, 0.8, 0.8, 0.7]),
    redemption_cost=np.array([0.0, 0.0, 0.0, 2.0, 3.9, 0.0]),
    discount_share=np.array([0.0, 0.1, 0.2, 0.0, 0.0, 0.0]),
    pull=np.array([0.0, 1.5, 1.9, 1.4, 1.4, 1.15]),
    redemption=np.array([0.0, 0.55, 0.7, 0.6, 0.75, 0.0]),
    redemption_slope=np.array([0.0, 0.35, 0.25, 0.1, 0.15, 0.0]),
)


def offers_table() -> pa.Table:
    """The contract's table of offers; a discount is already missing from `amount`: a coupon costs no more."""
    return pa.table(
        {
            "offer_id": pa.array(OFFERS, pa.string()),
            "kind": pa.array(["coupon", "coupon", "points", "free_shipping", "message"], pa.string()),
            "channel": pa.array(["email"] * len(OFFERS), pa.string()),
            "cost_per_contact": pa.array(TERMS.contact_cost[1:], pa.float64()),
            "cost_per_redemption": pa.array(TERMS.redemption_cost[1:], pa.float64()),
            "discount_share": pa.array(TERMS.discount_share[1:], pa.float64()),
            "stock": pa.array([None] * len(OFFERS), pa.int64()),
        }
    )
