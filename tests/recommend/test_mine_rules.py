import gzip
from itertools import chain, combinations

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import hypergeom

from retention_lab.errors import LabError
from retention_lab.recommend import MinedRules, as_baskets, mine_rules
from tests.recommend.reference import expected
from tests.shared_data import shared_file


def groceries() -> list[list[str]]:
    """As the reference read them: lines trimmed, not items."""
    with gzip.open(shared_file("groceries/groceries_baskets.csv.gz"), "rt", encoding="utf-8") as file:
        return [line.strip().split(",") for line in file]


def some_baskets(seed: int = 0, count: int = 300, items: int = 9) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    likely = rng.random(items) * 0.6
    return [[f"i{code}" for code in np.flatnonzero(rng.random(items) < likely)] for _ in range(count)]


def by_sides(found: MinedRules) -> dict[tuple[frozenset[str], frozenset[str]], dict[str, float]]:
    return {
        (frozenset(row["antecedent"]), frozenset(row["consequent"])): row for row in found.rules.to_pylist()
    }


@pytest.mark.parametrize("case", [0, 1, 2])
def test_groceries_give_every_number_of_the_reference(case: int) -> None:
    theirs = expected("groceries_rules")["results"][case]
    found = mine_rules(groceries(), theirs["min_support"], theirs["min_confidence"], theirs["max_len"])
    lengths = np.bincount((found.sets >= 0).sum(axis=1))
    assert len(found.itemsets) == theirs["n_itemsets"]
    assert {str(n): int(lengths[n]) for n in range(1, len(lengths))} == theirs["n_by_len"]
    assert len(found.rules) == theirs["n_rules"]
    ours = by_sides(found)
    for rule in theirs["top15"]:
        row = ours[frozenset(rule["a"]), frozenset(rule["c"])]
        for key in ("support", "confidence", "lift", "leverage", "conviction"):
            never_wrong = key == "conviction" and rule[key] is None
            assert row[key] == pytest.approx(np.inf if never_wrong else rule[key], abs=1e-6)
    lifts = [row["lift"] for row in found.rules.slice(0, 15).to_pylist()]
    assert lifts == pytest.approx([rule["lift"] for rule in theirs["top15"]], abs=1e-6)


def test_groceries_have_467_rules_of_which_463_lead_to_one_item() -> None:
    rules = mine_rules(groceries(), 0.006, 0.25).rules
    assert len(rules) == 467
    assert sum(len(one) == 1 for one in rules["consequent"].to_pylist()) == 463


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("max_length", [1, 2, 3, 5])
def test_itemsets_and_rules_are_those_of_counting_every_set(seed: int, max_length: int) -> None:
    baskets = [set(one) for one in some_baskets(seed)]
    names = sorted(set(chain.from_iterable(baskets)))
    counts = {
        frozenset(one): sum(basket.issuperset(one) for basket in baskets)
        for size in range(1, max_length + 1)
        for one in combinations(names, size)
    }
    frequent = {one: count for one, count in counts.items() if count / 300 >= 0.05}
    found = mine_rules([list(one) for one in baskets], 0.05, 0.3, max_length)
    assert {frozenset(r["items"]): r["count"] for r in found.itemsets.to_pylist()} == frequent
    wanted = {
        (frozenset(left), whole - frozenset(left))
        for whole in frequent
        for size in range(1, len(whole))
        for left in combinations(whole, size)
        if (frequent[whole] / 300) / (frequent[frozenset(left)] / 300) >= 0.3
    }
    assert set(by_sides(found)) == wanted


def test_the_order_of_baskets_and_items_and_repeats_move_nothing() -> None:
    rng = np.random.default_rng(5)
    plain = [one for one in some_baskets() if one]
    turned = [list(rng.permutation(one)) + one[:1] for one in (plain[i] for i in rng.permutation(len(plain)))]
    first, second = (mine_rules(one, 0.05, 0.3) for one in (plain, turned))
    assert first.rules.equals(second.rules)
    assert first.itemsets.equals(second.itemsets)


def test_a_table_and_lists_say_the_same() -> None:
    plain = [one for one in some_baskets() if one]
    rows = [(f"b{i}", item) for i, one in enumerate(plain) for item in one]
    table = pa.table({"basket": [row[0] for row in rows], "item": [row[1] for row in rows]})
    assert mine_rules(table, 0.05, 0.3).rules.equals(mine_rules(plain, 0.05, 0.3).rules)


def test_significance_is_fishers_and_the_rate_counts_every_pair_that_was_looked_at() -> None:
    found = mine_rules(some_baskets(), 0.05, 0.3)
    a = found.association
    exact = hypergeom.sf(a.both - 1, 300, a.left, a.right)
    np.testing.assert_allclose(found.rules["p_value"].to_numpy(), exact, rtol=1e-8)
    assert found.tests > len(found.rules)
    p, q = (found.rules[name].to_numpy() for name in ("p_value", "q_value"))
    order = np.argsort(p)
    assert (q >= p).all()
    assert (np.diff(q[order]) >= 0).all()


def test_items_that_have_nothing_to_do_with_each_other_make_no_discovery() -> None:
    discoveries = []
    for seed in range(40):
        rng = np.random.default_rng(100_000 + seed)
        held = rng.random((400, 12)) < rng.uniform(0.1, 0.5, 12)
        found = mine_rules([np.flatnonzero(one).tolist() for one in held], 0.02, 0.05)
        discoveries.append((found.rules["q_value"].to_numpy() < 0.05).any())
    # no discovery is true here, so a rate of .05 means that at most 5 % of the shops show one
    assert np.mean(discoveries) <= 0.05 + 3.3 * np.sqrt(0.05 * 0.95 / 40)


def test_planted_pairs_are_discovered_and_hold_in_other_baskets() -> None:
    rng = np.random.default_rng(7)
    held = rng.random((4_000, 20)) < 0.05
    held[:, 1] |= held[:, 0] & (rng.random(4_000) < 0.5)  # who takes 0 adds 1
    lists = [np.flatnonzero(one).tolist() for one in held]
    found = mine_rules(lists[:2_000], 0.002, 0.2)
    row = by_sides(found)[frozenset({"0"}), frozenset({"1"})]
    assert row["q_value"] < 1e-6
    other = found.on(as_baskets(lists[2_000:]))
    place = next(
        i
        for i, one in enumerate(found.rules.to_pylist())
        if (one["antecedent"], one["consequent"]) == (["0"], ["1"])
    )
    low, high = other.lift_interval()
    truth = (0.5 + 0.5 * 0.05) / (0.05 + 0.95 * 0.05 * 0.5)
    assert low[place] < truth < high[place]


def test_a_set_that_other_baskets_do_not_know_is_in_none_of_them() -> None:
    found = mine_rules([["a", "b"], ["a", "b"], ["c"]], 0.5, 0.5)
    other = found.on(as_baskets([["a"], ["c"]]))
    assert other.both.tolist() == [0, 0]
    assert np.isnan(other.lift).all()
    np.testing.assert_array_equal(
        found.on(as_baskets([["a", "b"], ["a", "b"], ["c"]])).both, found.association.both
    )


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"min_support": 0}, "min_support"),
        ({"min_confidence": 1.2}, "min_confidence"),
        ({"max_length": 0}, "max_length"),
    ],
)
def test_bounds_that_are_no_shares_are_refused(keys: dict[str, float], message: str) -> None:
    with pytest.raises(LabError, match=message):
        mine_rules([["a", "b"]], **{"min_support": 0.1, "min_confidence": 0.1, **keys})


@pytest.mark.parametrize(
    ("baskets", "message"),
    [
        ([], "no basket"),
        ([[], []], "hold nothing"),
        (["tea"], "a text, not a list"),
        ([["tea", None]], "item of a row is missing"),
        (pa.table({"order": ["1"], "item": ["a"]}), "no column 'basket'"),
    ],
)
def test_baskets_that_hold_nothing_are_refused(baskets, message: str) -> None:
    with pytest.raises(LabError, match=message):
        mine_rules(baskets, 0.1, 0.1)
