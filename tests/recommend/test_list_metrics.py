import numpy as np
import pytest

from retention_lab.arrays import Ints
from retention_lab.errors import LabError
from retention_lab.recommend.list_metrics import (
    Shelf,
    average_precision,
    diversity,
    found,
    hit,
    ndcg,
    novelty,
    popular_share,
    recall,
)
from retention_lab.recommend.wanted import Wanted
from tests.recommend.reference import expected

NONE = -1


def wanting(*items: list[int]) -> Wanted:
    start = np.cumsum([0, *(len(one) for one in items)])
    codes = np.array([code for one in items for code in sorted(one)], dtype=np.int64)
    return Wanted(np.arange(len(items)), start, codes, np.ones(len(items), dtype=bool))


def lists(*rows: list[int]) -> Ints:
    return np.array(rows, dtype=np.int64)


def test_three_lists_that_can_be_checked_by_hand() -> None:
    toy = expected("synthetic")["metric_toy"]
    wanted, hits = wanting(*toy["truth"]), found(lists(*toy["recs"]), wanting(*toy["truth"]))
    np.testing.assert_allclose(recall(hits, wanted), toy["recall"])
    np.testing.assert_allclose(ndcg(hits, wanted), toy["ndcg"], atol=1e-6)
    np.testing.assert_allclose(average_precision(hits, wanted), toy["map"], atol=1e-6)
    np.testing.assert_allclose(hit(hits), toy["hit"])


def test_metrics_equal_their_definitions_written_out() -> None:
    rng = np.random.default_rng(1)
    wants = [rng.choice(40, rng.integers(1, 12), replace=False).tolist() for _ in range(60)]
    shown = np.array([rng.permutation(40)[:8] for _ in range(60)])
    shown[::7, 5:] = NONE  # some lists are short
    wanted = wanting(*wants)
    hits = found(shown, wanted)
    for row, want in enumerate(wants):
        places = [r for r, code in enumerate(shown[row], start=1) if code in want]
        best = min(len(want), 8)
        gain = sum(1 / np.log2(r + 1) for r in places)
        ideal = sum(1 / np.log2(r + 1) for r in range(1, best + 1))
        precision = sum(n / r for n, r in enumerate(places, start=1))
        assert recall(hits, wanted)[row] == pytest.approx(len(places) / len(want))
        assert ndcg(hits, wanted)[row] == pytest.approx(gain / ideal)
        assert average_precision(hits, wanted)[row] == pytest.approx(precision / best)


def test_the_order_of_users_moves_their_metrics_and_nothing_else() -> None:
    wanted, shown = wanting([1, 2], [3], [4, 5]), lists([1, 9], [9, 3], [7, 8])
    turned = [2, 0, 1]
    again = found(shown[turned], wanting([4, 5], [1, 2], [3]))
    np.testing.assert_array_equal(again, found(shown, wanted)[turned])


def shelf(
    popularity: list[int], vectors: np.ndarray | None = None, offered: list[int] | None = None
) -> Shelf:
    there = np.ones(len(popularity), dtype=bool) if offered is None else np.array(offered, dtype=bool)
    return Shelf(np.array(popularity), 16, there, vectors)


def test_novelty_is_bits_of_surprise() -> None:
    bits = novelty(lists([0, 1], [2, NONE], [NONE, NONE]), shelf([16, 4, 1]))
    np.testing.assert_allclose(bits, [1.0, 4.0, np.nan])
    assert novelty(lists([3]), shelf([16, 4, 1, 0]))[0] == 5  # as if half a user had had it


def test_the_popular_share_counts_the_top_fifth_of_what_is_offered() -> None:
    counts = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 15]
    found_share = popular_share(
        lists([0, 1, 2, 3], [0, 1, NONE, NONE]), shelf(counts, offered=[1] * 10 + [0])
    )
    np.testing.assert_allclose(found_share, [0.5, 1.0])


def test_diversity_is_one_less_the_mean_cosine_of_pairs() -> None:
    rng = np.random.default_rng(2)
    vectors = rng.random((12, 5))
    shown = np.array([rng.permutation(12)[:4] for _ in range(9)])
    shown[0, 3] = NONE
    values = diversity(shown, shelf([1] * 12, vectors))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for row, codes in enumerate(shown):
        codes = codes[codes >= 0]
        cosines = [unit[a] @ unit[b] for i, a in enumerate(codes) for b in codes[:i]]
        assert values[row] == pytest.approx(1 - np.mean(cosines))


def test_an_item_without_a_vector_resembles_none_and_a_single_item_has_no_diversity() -> None:
    vectors = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    values = diversity(lists([0, 1], [0, 2], [2, 3], [0, NONE]), shelf([1] * 4, vectors))
    np.testing.assert_allclose(values, [0.0, 1.0, 1.0, np.nan])


def test_lists_that_cannot_be_judged_are_refused() -> None:
    with pytest.raises(LabError, match="2 lists, and 1 users"):
        found(lists([1], [2]), wanting([1]))
    with pytest.raises(LabError, match="List 2 holds an item twice"):
        found(lists([1, NONE, NONE], [2, 4, 2]), wanting([1], [2]))
    with pytest.raises(LabError, match="what the items are like"):
        diversity(lists([0, 1]), shelf([1, 1]))
