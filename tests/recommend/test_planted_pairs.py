"""The simulated retailer sells complements along with what they belong to; rules and neighbours find them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from retention_lab.recommend import fit, interactions, mine_rules
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.lists import recommend_lists
from retention_lab.simulate import Retailer
from retention_lab.simulate.products import complementary_pairs
from retention_lab.simulate.retailer import retailer

Pairs = set[tuple[str, str]]


@pytest.fixture(scope="module")
def shop() -> Retailer:
    return retailer(customers=2_000, seed=1)


def planted(shop: Retailer) -> Pairs:
    rows = complementary_pairs(shop.world.catalogue).to_pylist()
    return {(one["product_id"], one["complement_id"]) for one in rows}


def by_chance(found: Pairs, shop: Retailer) -> float:
    """The share of planted pairs among as many pairs, drawn at random."""
    products = len(shop.tables["products"])
    return len(found) / (products * (products - 1))


def after_one_purchase(name: str, shop: Retailer) -> Pairs:
    """Each product with the first thing that is recommended to who has bought that alone."""
    known = pc.field("product_id").is_valid() & pc.field("customer_id").is_valid()
    lines = shop.tables["transactions"].filter((pc.field("amount") > 0) & known)
    data = interactions(pa.table({"user": lines["customer_id"], "item": lines["product_id"]}))
    fitted = fit(name, data)
    code = np.arange(data.item_count)
    alone = Interactions(code, code, None, np.ones(len(code)), data.items, data.items)
    lists = recommend_lists(fitted.model, alone, fitted.ties, 1).item[:, 0]
    return {(data.items[one], data.items[other]) for one, other in zip(code, lists, strict=True)}


def test_rules_find_the_planted_pairs_and_far_more_of_them_than_chance_would(shop: Retailer) -> None:
    lines = shop.tables["transactions"].filter((pc.field("amount") > 0) & pc.field("product_id").is_valid())
    found = mine_rules(pa.table({"basket": lines["order_id"], "item": lines["product_id"]}), 0.0005, 0.1)
    rules = {
        (one["antecedent"][0], one["consequent"][0])
        for one in found.rules.to_pylist()
        if len(one["antecedent"]) == len(one["consequent"]) == 1 and one["q_value"] < 0.05
    }
    share = len(planted(shop) & rules) / len(planted(shop))
    assert share >= 0.6
    assert share >= 3 * by_chance(rules, shop)
    assert len(planted(shop) & rules) >= len(rules) / 3  # and most of what is found is of the same kind


@pytest.mark.parametrize("name", ["item_knn", "ease"])
def test_recommenders_put_the_complement_first_for_who_bought_what_it_belongs_to(
    name: str, shop: Retailer
) -> None:
    found = after_one_purchase(name, shop)
    share = len(planted(shop) & found) / len(planted(shop))
    assert share >= 0.6
    assert share >= 3 * by_chance(found, shop)


def test_what_sells_best_knows_nothing_of_complements(shop: Retailer) -> None:
    found = after_one_purchase("popular", shop)
    assert len(planted(shop) & found) / len(planted(shop)) < 0.1
