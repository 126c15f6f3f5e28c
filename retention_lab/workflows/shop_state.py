"""A registered recommender in the shop of a date: with its stock, consents, contacts and showings."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Bools
from retention_lab.config.recommend import RecommendDefinition
from retention_lab.data.connect import Tables
from retention_lab.data.customer_items import customer_items
from retention_lab.labels import label_text
from retention_lab.recommend.business_rules import People
from retention_lab.recommend.interactions import Interactions, interactions
from retention_lab.recommend.lists import Lists
from retention_lab.recommend.scorer import RecommendScorer
from retention_lab.tracking.models import Loaded
from retention_lab.workflows.project import Lab
from retention_lab.workflows.recommend_rules import agreed, business_rules, day_of, goods_of, people_of
from retention_lab.workflows.train_recommend import trained_definition


@dataclass(frozen=True, slots=True)
class ShopState:
    """scorer: with the rules and goods of the date. people: what the rules ask of these customers; now: day
    since 1970. Both None where the model learned from a table of its own, which has no shop."""

    scorer: RecommendScorer
    people: People | None = None
    now: float | None = None

    def lists(self, history: Interactions, k: int) -> Lists:
        """The k best for the customers of this state, in the order of the history's codes."""
        return self.scorer.lists(history, k, people=self.people, now=self.now)

    @property
    def barred(self) -> Bools:
        """(users,) who does not agree to be profiled, so that no list is made."""
        rules = self.scorer.rules
        if self.people is None or rules is None or not rules.consent or self.people.consent is None:
            return np.zeros(0 if self.people is None else self.people.count, dtype=np.bool_)
        return ~self.people.consent


def shop_state(
    lab: Lab, definition: RecommendDefinition, scorer: RecommendScorer, users: tuple[str, ...]
) -> ShopState:
    """The shop at the end of the data, for these customers."""
    if definition.table is not None:
        return ShopState(scorer)
    with lab.open_tables() as tables:
        at = tables.data_end() + timedelta(microseconds=1)
        return shop_state_at(tables, definition, scorer, users, at)


def shop_state_at(
    tables: Tables,
    definition: RecommendDefinition,
    scorer: RecommendScorer,
    users: tuple[str, ...],
    at: datetime,
) -> ShopState:
    """The shop at a date (aware), under the rules as the definition has them now.

    Stock is the table's own, which keeps no past.
    """
    today = replace(scorer, rules=business_rules(definition), goods=goods_of(tables, scorer.items, at))
    return ShopState(today, people_of(tables, definition, users, scorer.items, at), day_of(at))


def project_histories(
    tables: Tables, scorer: RecommendScorer, users: tuple[str, ...], at: datetime
) -> Interactions:
    """What customers bought before a date (aware), of the items that the model knows; users in this order."""
    found = customer_items(tables, at)
    known = pc.and_(
        pc.is_in(found.column("customer_id"), value_set=pa.array(users, pa.string())),
        pc.is_in(found.column("product_id"), value_set=pa.array(scorer.items, pa.string())),
    )
    rows = found.filter(known)
    named = {"user": "customer_id", "item": "product_id", "time": "ordered_at"}
    table = pa.table({key: rows.column(name) for key, name in named.items()})
    weighed = table.append_column("weight", rows.column("lines").cast(pa.float64()))
    return interactions(weighed, users=users, items=scorer.items)


def scored_in_shop(
    lab: Lab, loaded: Loaded, scorer: RecommendScorer, log: pa.Table
) -> tuple[RecommendScorer, pa.Table]:
    """A version and a log to be scored: today's rules and goods, and who of the log agrees to be profiled.

    A log that says itself who agrees is believed; who is no customer of the project does not.
    """
    definition = trained_definition(lab, loaded)
    if definition.table is not None:
        return scorer, log
    with lab.open_tables() as tables:
        goods = goods_of(tables, scorer.items, tables.data_end() + timedelta(microseconds=1))
        named = scorer.columns.consent
        if named is not None and named not in log.column_names:
            users = label_text(log.column(scorer.id_column or scorer.columns.customer)).to_pylist()
            log = log.append_column(named, pa.array(agreed(tables, users)))
    return replace(scorer, rules=business_rules(definition), goods=goods), log
