"""The simulated retailer sells complements along with what they belong to; rules have to find them."""

import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.recommend import mine_rules
from retention_lab.simulate.products import complementary_pairs
from retention_lab.simulate.retailer import retailer


def test_rules_find_the_planted_pairs_and_far_more_of_them_than_chance_would() -> None:
    shop = retailer(customers=2_000, seed=1)
    lines = shop.tables["transactions"].filter((pc.field("amount") > 0) & pc.field("product_id").is_valid())
    found = mine_rules(pa.table({"basket": lines["order_id"], "item": lines["product_id"]}), 0.0005, 0.1)
    rules = {
        (one["antecedent"][0], one["consequent"][0])
        for one in found.rules.to_pylist()
        if len(one["antecedent"]) == len(one["consequent"]) == 1 and one["q_value"] < 0.05
    }
    planted = {(one["product_id"], one["complement_id"]) for one in _rows(shop.world.catalogue)}
    share = len(planted & rules) / len(planted)
    products = len(shop.tables["products"])
    by_chance = len(rules) / (products * (products - 1))  # as many pairs, drawn at random
    assert share >= 0.6
    assert share >= 3 * by_chance
    assert len(planted & rules) >= len(rules) / 3  # and most of what is found is of the same kind


def _rows(catalogue) -> list[dict[str, str]]:
    return complementary_pairs(catalogue).to_pylist()
