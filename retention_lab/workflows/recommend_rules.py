"""The rules of a shop over the project's tables: what they need to know, read once as of a date."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.config.recommend import RecommendDefinition
from retention_lab.data.connect import Tables
from retention_lab.data.offer_limits import (
    contacts_made,
    product_facts,
    products_shown,
    profiling_agreed,
    tracks_profiling,
    tracks_stock,
)
from retention_lab.data.snapshot import utc_instant
from retention_lab.errors import ConfigurationError
from retention_lab.recommend.business_rules import BusinessRules, Events, Goods, People
from retention_lab.recommend.interactions import NO_ITEM, days_of

_DAY = 86_400.0


def business_rules(definition: RecommendDefinition) -> BusinessRules | None:
    """The definition's rules; None where it has none."""
    found = definition.shop_rules
    if found is None:
        return None
    return BusinessRules(
        least_stock=1.0 if found.in_stock else None,
        least_margin=found.margin_floor,
        not_bought_days=found.bought_recently_days,
        per_category=found.category_cap,
        showings=found.showings_cap,
        contacts=found.contacts_cap,
        window_days=found.window_days,
        consent=found.consent,
    )


def goods_of(tables: Tables, items: Sequence[str], until: datetime) -> Goods:
    """Stock, margin and category of items; the stock is today's, whatever the date."""
    facts = product_facts(tables, until)
    place = pc.index_in(pa.array(items, pa.string()), value_set=facts.column("product_id").combine_chunks())
    rows = facts.take(place)
    margin, category = _numbers(rows, "margin"), _codes(rows.column("category"))
    return Goods(
        count=len(items),
        stock=_numbers(rows, "stock") if tracks_stock(tables) else None,
        margin=None if np.isnan(margin).all() else margin,
        category=None if (category < 0).all() else category,
    )


def people_of(
    tables: Tables,
    definition: RecommendDefinition,
    users: Sequence[str],
    items: Sequence[str],
    now: datetime,
) -> People:
    """What the rules ask of customers beyond what they bought, as of `now` (aware).

    Raises ConfigurationError where showings are capped and the project has no events.
    """
    rules = definition.shop_rules
    shown = contacted = None
    if rules is not None and rules.showings_cap is not None:
        if not tables.has("events") or "product_id" not in tables.columns("events"):
            raise ConfigurationError(
                "Showings are capped, and the project has no events that say what was shown.",
                f"Import events of kind '{rules.shown_event}' with a product_id, or leave the cap out.",
                file=definition.file,
                key="rules.showings_cap",
            )
        rows = products_shown(tables, rules.shown_event, now)
        item = _places(rows.column("product_id"), items)
        shown = _events(rows, "shown_at", users, now, item)
    if rules is not None and rules.contacts_cap is not None:
        contacted = _events(contacts_made(tables, now), "assigned_at", users, now)
    return People(len(users), agreed(tables, users), None, shown, contacted)


def agreed(tables: Tables, users: Sequence[str]) -> Bools | None:
    """(users,) who agrees to be profiled; None where the project does not ask."""
    if not tracks_profiling(tables):
        return None
    found = pc.is_in(pa.array(users, pa.string()), value_set=profiling_agreed(tables))
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def day_of(at: datetime) -> float:
    """Days since 1970 of an instant (aware), as the times of interactions have them."""
    return (utc_instant(at) - datetime(1970, 1, 1)).total_seconds() / _DAY  # both naive, in UTC


def _events(
    rows: pa.Table, time: str, users: Sequence[str], now: datetime, item: Ints | None = None
) -> Events:
    user = _places(rows.column("customer_id"), users)
    kept = user >= 0 if item is None else (user >= 0) & (item >= 0)
    ago = day_of(now) - days_of(rows.column(time))
    return Events(user[kept], ago[kept], None if item is None else item[kept])


def _places(column: pa.ChunkedArray, among: Sequence[str]) -> Ints:
    found = pc.index_in(column, value_set=pa.array(among, pa.string()))
    return np.asarray(pc.fill_null(found, NO_ITEM).to_numpy(), dtype=np.int64)


def _numbers(rows: pa.Table, name: str) -> Floats:
    column = pc.fill_null(rows.column(name).cast(pa.float64()), np.nan)
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _codes(column: pa.ChunkedArray) -> Ints:
    """Codes of categories, -1 for none."""
    coded = column.combine_chunks().dictionary_encode()
    return np.asarray(coded.indices.fill_null(NO_ITEM).to_numpy(), dtype=np.int64)
