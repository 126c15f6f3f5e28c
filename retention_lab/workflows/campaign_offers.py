"""The offers of a campaign and what they cost, from the definition or the offers table."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.data.connect import Tables
from retention_lab.errors import ConfigurationError, did_you_mean


@dataclass(frozen=True, slots=True)
class Offers:
    """K offers without `none`. contact, redemption: (K,) currency per contact and per redemption.

    discount: (K,) share of the order's price. channel, stock: of each offer, None where it has none.
    possible: (K,) whether the audience's channel carries it.
    """

    names: tuple[str, ...]
    contact: Floats
    redemption: Floats
    discount: Floats
    channel: tuple[str | None, ...]
    stock: tuple[float | None, ...]
    possible: Bools

    def feasible(self, rows: int) -> Bools:
        """(n, K) which offers can be made to each customer."""
        return np.tile(self.possible, (rows, 1))

    def costs(self) -> dict[str, dict[str, float]]:
        """What each offer costs, under the names of the offers table."""
        pairs = zip(self.names, self.contact.tolist(), self.redemption.tolist(), strict=True)
        return {
            name: {"cost_per_contact": contact, "cost_per_redemption": redemption}
            for name, contact, redemption in pairs
        }


def campaign_offers(definition: CampaignDefinition, tables: Tables | None) -> Offers:
    """The offers in the definition's order. Raises ConfigurationError for one that is not in the table."""
    inline = definition.inline_offers is not None
    rows = _inline(definition, tables) if inline else _from_table(definition, tables)
    names = definition.offer_names
    wanted = definition.audience.channel
    channels = tuple(rows[name]["channel"] for name in names)
    possible = np.array([wanted is None or channel in (None, wanted) for channel in channels])
    if not possible.any():
        raise ConfigurationError(
            f"None of the offers goes out by {wanted}, so there is nothing to offer.",
            "Name offers of that channel, or change `audience.channel`.",
            file=definition.file,
            key="offers",
        )
    return Offers(
        names=names,
        contact=np.array([float(rows[name]["cost_per_contact"] or 0.0) for name in names]),
        redemption=np.array([float(rows[name]["cost_per_redemption"] or 0.0) for name in names]),
        discount=np.array([float(rows[name]["discount_share"] or 0.0) for name in names]),
        channel=channels,
        stock=tuple(rows[name]["stock"] for name in names),
        possible=possible,
    )


def _inline(definition: CampaignDefinition, tables: Tables | None) -> dict[str, dict[str, Any]]:
    """Offers as the definition has them; where the project has a table of offers, they must be in it."""
    if tables is not None and tables.has("offers"):
        _refuse_unlisted(definition, tables.query("SELECT offer_id FROM offers")["offer_id"].to_pylist())
    return {name: offer.model_dump() for name, offer in (definition.inline_offers or {}).items()}


def _from_table(definition: CampaignDefinition, tables: Tables | None) -> dict[str, dict[str, Any]]:
    if tables is None or not tables.has("offers"):
        raise ConfigurationError(
            "Offers are named, and there is no table of offers that says what they cost.",
            "`lab data import offers FILE`, or write the offers with their costs into the definition: "
            "`offers: {name: {cost_per_contact: …}}`.",
            file=definition.file,
            key="offers",
        )
    optional = dict.fromkeys(("cost_per_redemption", "discount_share", "channel", "stock"))
    found = {row["offer_id"]: optional | row for row in tables.query("SELECT * FROM offers").to_pylist()}
    _refuse_unlisted(definition, found)
    return found


def _refuse_unlisted(definition: CampaignDefinition, listed: Collection[str]) -> None:
    """What was sent is measured with the costs of the offers table, so every offer has to be in it."""
    for name in definition.offer_names:
        if name not in listed:
            raise ConfigurationError(
                f"No offer is named '{name}' in the offers table.",
                f"Add it there, or correct the name. {did_you_mean(name, listed)}",
                file=definition.file,
                key="offers",
            )
