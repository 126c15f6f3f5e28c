import numpy as np
import pytest
from scipy import sparse

from retention_lab.errors import LabError
from retention_lab.recommend import as_baskets, mine_rules
from retention_lab.recommend.hidden_items import hide_one, suggestion_metrics
from retention_lab.recommend.rule_evidence import rule_evidence
from retention_lab.recommend.suggestions import fit_suggester

BASKETS = [["a", "b"]] * 6 + [["a"]] * 4 + [["c", "d"]] * 2 + [["c"]] * 8
SHARE = np.array([10, 6, 10, 2]) / 20


def holding(*codes: int) -> sparse.csr_array:
    row = np.zeros((1, 4))
    row[0, list(codes)] = 1
    return sparse.csr_array(row)


def test_the_surest_rule_comes_first_and_then_what_sells_anyway() -> None:
    found = fit_suggester(mine_rules(BASKETS, 0.05, 0.1), SHARE, "confidence")
    lists, scores = found.suggest(holding(0), 4)
    assert lists.tolist() == [[1, 2, 3, -1]]  # b, for a brings it; then c, which half of all hold
    np.testing.assert_allclose(scores, [[0.6, 0.5, 0.1, np.nan]])


def test_by_lift_a_rule_beats_what_merely_sells() -> None:
    found = fit_suggester(mine_rules(BASKETS, 0.05, 0.1), SHARE, "lift")
    lists, scores = found.suggest(holding(2), 3)
    assert lists.tolist() == [[3, 0, 1]]  # d comes with c alone
    assert scores[0, 0] == pytest.approx(2)


def test_an_empty_basket_is_suggested_what_sells() -> None:
    for ranking in ("confidence", "popular"):
        found = fit_suggester(mine_rules(BASKETS, 0.05, 0.1), SHARE, ranking)
        assert found.suggest(holding(), 4)[0].tolist() == [[0, 2, 1, 3]]


def test_one_item_of_each_basket_of_several_is_hidden_and_looked_for() -> None:
    baskets = as_baskets(BASKETS)
    hidden = hide_one(baskets, seed=1)
    assert len(hidden.item) == 8
    whole = baskets.matrix()[hidden.basket].toarray()
    back = hidden.rest.toarray()
    back[np.arange(8), hidden.item] += 1
    np.testing.assert_array_equal(back, whole)
    found = fit_suggester(mine_rules(BASKETS, 0.05, 0.1), SHARE, "lift")
    metrics, _ = suggestion_metrics(found, hidden, 1)
    assert metrics.values["hit"].tolist() == [1.0] * 8


def test_an_item_that_was_never_seen_is_missed() -> None:
    found = fit_suggester(mine_rules(BASKETS, 0.05, 0.1), SHARE, "confidence")
    metrics, _ = suggestion_metrics(found, hide_one(as_baskets([["x", "y"]] * 3), seed=0), 4)
    assert not metrics.values["hit"].any()
    with pytest.raises(LabError, match="two items or more"):
        hide_one(as_baskets([["a"], ["b"]]), seed=0)


def test_rules_that_are_noise_lose_their_lift_in_other_baskets_and_planted_ones_keep_it() -> None:
    rng = np.random.default_rng(3)
    noise = rng.random((1_200, 25)) < 0.08
    planted = noise.copy()
    planted[:, 1] |= planted[:, 0] & (rng.random(1_200) < 0.7)
    kept = []
    for held, least, length in ((noise, 0.13, 4), (planted, 0.5, 2)):
        lists = [[str(code) for code in np.flatnonzero(row)] or ["none"] for row in held]
        rules = mine_rules(lists[:600], 0.01, least, length)
        found = rule_evidence(rules, as_baskets(lists[600:]))
        assert found.lift_kept.low < found.lift_kept.value < found.lift_kept.high
        kept.append(found)
    noisy, real = kept
    assert noisy.lift_kept.high < 1  # the luckiest pairs were taken
    assert real.lift_kept.low > 0.6
    assert noisy.confirmed.mean() < 0.2
    assert real.confirmed.all()


def test_rules_cannot_be_looked_up_in_next_to_nothing() -> None:
    rules = mine_rules(BASKETS, 0.05, 0.1)
    with pytest.raises(LabError, match="too few"):
        rule_evidence(rules, as_baskets([["a", "b"]] * 5))
    with pytest.raises(LabError, match="No rule's items"):
        rule_evidence(rules, as_baskets([["x"]] * 25))
