"""What a campaign's definition keeps to beside the budget, for the customers of a plan or of its evidence."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.errors import ConfigurationError, did_you_mean
from retention_lab.labels import label_text
from retention_lab.targeting.draw import Roles
from retention_lab.targeting.limits import (
    CountCap,
    LeastShares,
    Limits,
    MoneyCap,
    amounts,
    channel_caps,
    stock_caps,
)
from retention_lab.workflows.campaign_offers import Offers

DISCOUNTS = "discount budget"
_EXPLORED = 0.5  # of a cap at most: what is scarce is there for those whom it suits, not for learning alone


def plan_limits(
    definition: CampaignDefinition, offers: Offers, redemption: Floats, table: pa.Table
) -> Limits:
    """The definition's limits over the rows of a table. redemption: (n, K) probabilities.

    Raises ConfigurationError where a channel has no offer, or a group or an order's value is not known.
    """
    wanted = definition.constraints
    for channel in wanted.channel_caps:
        if channel not in offers.channel:
            raise ConfigurationError(
                f"No offer goes out by '{channel}', so its cap says nothing.",
                did_you_mean(channel, [name for name in offers.channel if name]),
                file=definition.file,
                key=f"constraints.channel_caps.{channel}",
            )
    return Limits(
        money=_discounts(definition, offers, redemption, table),
        counts=(*stock_caps(offers.names, offers.stock), *channel_caps(offers.channel, wanted.channel_caps)),
        least=_least(definition, table),
    )


def less_exploration(limits: Limits, feasible: Bools, shares: Roles) -> Limits:
    """What is left of each cap for the choices once exploration has had its part, but never under a half.

    In a launch whoever is held out or explores does not get the choice, so the choices may take more than
    what exploration leaves; they never take more than the cap.
    """
    chances = shares.explored(feasible)[:, 1:]
    follows = 1 - shares.holdout - float(shares.exploration.mean() if len(chances) else 0.0)

    def left(cap: MoneyCap | CountCap) -> float:
        used = float((chances * amounts(cap, feasible)).sum())
        rest = cap.most - min(used, _EXPLORED * cap.most)
        return min(cap.most, rest / follows) if follows > 0 else cap.most

    return Limits(
        tuple(replace(cap, most=left(cap)) for cap in limits.money),
        tuple(replace(cap, most=left(cap)) for cap in limits.counts),
        limits.least,
    )


def _discounts(
    definition: CampaignDefinition, offers: Offers, redemption: Floats, table: pa.Table
) -> tuple[MoneyCap, ...]:
    """Share of the price x a usual order x the chance to redeem; who never ordered is taken as the others."""
    most = definition.discount_budget
    if most is None or not offers.discount.any():
        return ()
    if "mean_order_value" not in table.column_names:
        raise ConfigurationError(
            "Nothing says what customers order, so discounts cannot be foretold.",
            "Import transactions, or leave it null and set `budget`.",
            file=definition.file,
            key="discount_budget",
        )
    order = np.asarray(table["mean_order_value"].to_numpy(zero_copy_only=False), dtype=np.float64)
    known = np.isfinite(order)
    usual = float(order[known].mean()) if known.any() else 0.0
    price = np.maximum(np.where(known, order, usual), 0.0)
    return (MoneyCap(DISCOUNTS, redemption * offers.discount * price[:, None], most),)


def _least(definition: CampaignDefinition, table: pa.Table) -> LeastShares | None:
    wanted = definition.constraints.min_share
    if wanted is None:
        return None
    if wanted.column not in table.column_names:
        raise ConfigurationError(
            f"The customers have no column '{wanted.column}'.",
            f"`lab customers columns` lists them. {did_you_mean(wanted.column, table.column_names)}",
            file=definition.file,
            key="constraints.min_share.column",
        )
    labels = label_text(table.column(wanted.column)).to_pylist()
    place = {name: g for g, name in enumerate(wanted.shares, 1)}
    names = ("all others", *(f"{wanted.column} {name}" for name in wanted.shares))
    group = np.array([place.get(one, 0) for one in labels], dtype=np.int64)
    return LeastShares(group, names, np.array([0.0, *wanted.shares.values()]))
