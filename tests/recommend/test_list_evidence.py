from dataclasses import replace

import numpy as np
import pytest

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.recommend.cuts import Cut
from retention_lab.recommend.list_evidence import (
    Resampling,
    UserMetrics,
    evidence_by_warmth,
    list_evidence,
    paired_difference,
    user_metrics,
)
from retention_lab.recommend.list_metrics import Shelf
from retention_lab.recommend.wanted import Wanted, wanted_items
from tests.recommend.reference import expected, synthetic


@pytest.fixture(scope="module")
def judged() -> tuple[Wanted, Shelf, Floats]:
    """The synthetic interactions cut at day 300: what was wanted, the shelf, and (users, items) had."""
    user, item, day = synthetic()
    cut = Cut("day 300", day < 300, day >= 300)
    had = np.zeros((user.max() + 1, item.max() + 1))
    had[user[cut.train], item[cut.train]] = 1
    offered = had.sum(axis=0) > 0
    shelf = Shelf(had.sum(axis=0).astype(np.int64), len(had), offered)
    return wanted_items(user, item, cut, offered), shelf, had


def ten_best(score: Floats, judged: tuple[Wanted, Shelf, Floats]) -> Ints:
    wanted, shelf, had = judged
    hidden = np.where((had > 0) | ~shelf.offered, -np.inf, score)
    return np.argsort(-hidden, axis=1, kind="stable")[wanted.user, :10]


def ease(had: Floats, offered: np.ndarray, l2: float = 50) -> Floats:
    inverse = np.linalg.inv(had[:, offered].T @ had[:, offered] + l2 * np.eye(offered.sum()))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    score = np.zeros_like(had)
    score[:, offered] = had[:, offered] @ weights
    return score


def cosine_neighbours(had: Floats, shrink: float = 10, neighbours: int = 100) -> Floats:
    together = had.T @ had
    length = np.sqrt(np.diag(together))
    likeness = together / (np.outer(length, length) + shrink)
    np.fill_diagonal(likeness, 0)
    weak = np.argsort(-likeness, axis=1, kind="stable")[:, neighbours:]
    np.put_along_axis(likeness, weak, 0, axis=1)
    return had @ likeness


# ties in popularity may fall either way, which moves the 4th digit of lists by popularity
@pytest.mark.parametrize(
    ("name", "tolerance"),
    [("popularity", 5e-3), ("ease_l2_50", 1e-4), ("itemknn_cosine_k100_shrink10", 1e-4)],
)
def test_metrics_and_intervals_are_those_of_the_reference(
    judged: tuple[Wanted, Shelf, Floats], name: str, tolerance: float
) -> None:
    wanted, shelf, had = judged
    scores = {
        "popularity": lambda: np.tile(had.sum(axis=0), (len(had), 1)),
        "ease_l2_50": lambda: ease(had, shelf.offered),
        "itemknn_cosine_k100_shrink10": lambda: cosine_neighbours(had),
    }
    theirs = expected("synthetic")["synthetic_a"]["models"][name]
    found = list_evidence(user_metrics(ten_best(scores[name](), judged), wanted, shelf), shelf)
    assert len(wanted.user) == theirs["n"]
    for ours, key in {"recall": "recall", "ndcg": "ndcg", "map": "map", "hit": "hit"}.items():
        assert found[f"{ours}_at_10"].value == pytest.approx(theirs[key], abs=tolerance)
    assert found["coverage_at_10"].value == pytest.approx(theirs["cov"], abs=1e-4)
    assert found["novelty_at_10"].value == pytest.approx(theirs["novelty"], abs=tolerance)
    for key in ("recall", "ndcg"):
        one = found[f"{key}_at_10"]
        assert [one.low, one.high] == pytest.approx(theirs[f"{key}_ci"], abs=tolerance)


def test_a_better_model_is_told_from_a_worse_one_on_the_same_users(
    judged: tuple[Wanted, Shelf, Floats],
) -> None:
    wanted, shelf, had = judged
    good = user_metrics(ten_best(ease(had, shelf.offered), judged), wanted, shelf)
    poor = user_metrics(ten_best(np.tile(had.sum(axis=0), (len(had), 1)), judged), wanted, shelf)
    gap = paired_difference(good, poor)["ndcg_at_10"]
    assert gap.low > 0
    assert gap.p_value is not None
    assert gap.p_value < 1e-10
    back = paired_difference(poor, good)["ndcg_at_10"]
    assert (back.value, back.low, back.high) == pytest.approx((-gap.value, -gap.high, -gap.low))
    # pairing pays: the difference of two separate intervals would be wider
    apart = np.hypot(*(list_evidence(one, shelf)["ndcg_at_10"].se for one in (good, poor)))
    assert gap.se < apart


def test_a_model_against_itself_shows_nothing(judged: tuple[Wanted, Shelf, Floats]) -> None:
    wanted, shelf, had = judged
    one = user_metrics(ten_best(ease(had, shelf.offered), judged), wanted, shelf)
    assert all((gap.value, gap.p_value) == (0, 1) for gap in paired_difference(one, one).values())


def test_warm_and_cold_users_are_told_apart(judged: tuple[Wanted, Shelf, Floats]) -> None:
    wanted, shelf, had = judged
    cold = np.arange(len(wanted.user)) % 3 == 0
    metrics = user_metrics(ten_best(ease(had, shelf.offered), judged), replace(wanted, warm=~cold), shelf)
    apart = evidence_by_warmth(metrics, shelf)
    assert set(apart) == {"warm", "cold"}
    mixed = (
        cold.mean() * apart["cold"]["ndcg_at_10"].value
        + (1 - cold.mean()) * apart["warm"]["ndcg_at_10"].value
    )
    assert mixed == pytest.approx(metrics.values["ndcg"].mean())
    assert set(evidence_by_warmth(user_metrics(metrics.lists, wanted, shelf), shelf)) == {"warm"}


def test_the_interval_of_coverage_lies_about_its_value(judged: tuple[Wanted, Shelf, Floats]) -> None:
    wanted, shelf, had = judged
    one = list_evidence(user_metrics(ten_best(ease(had, shelf.offered), judged), wanted, shelf), shelf)
    assert one["coverage_at_10"].low < one["coverage_at_10"].value < one["coverage_at_10"].high


def test_intervals_are_their_seed_s(judged: tuple[Wanted, Shelf, Floats]) -> None:
    wanted, shelf, had = judged
    metrics = user_metrics(ten_best(ease(had, shelf.offered), judged), wanted, shelf)
    few = Resampling(draws=50, seed=4)
    assert list_evidence(metrics, shelf, few) == list_evidence(metrics, shelf, few)
    assert list_evidence(metrics, shelf, few) != list_evidence(metrics, shelf, replace(few, seed=5))


def test_shorter_lists_are_judged_by_their_first_places(judged: tuple[Wanted, Shelf, Floats]) -> None:
    wanted, shelf, had = judged
    shown = ten_best(ease(had, shelf.offered), judged)
    five = user_metrics(shown, wanted, shelf, 5)
    np.testing.assert_array_equal(
        five.values["ndcg"], user_metrics(shown[:, :5], wanted, shelf).values["ndcg"]
    )
    assert set(list_evidence(five, shelf)) >= {"recall_at_5", "coverage_at_5"}
    with pytest.raises(LabError, match="cannot be judged at 20"):
        user_metrics(shown, wanted, shelf, 20)


def test_too_few_or_other_users_are_refused(judged: tuple[Wanted, Shelf, Floats]) -> None:
    wanted, shelf, had = judged
    one: UserMetrics = user_metrics(ten_best(ease(had, shelf.offered), judged), wanted, shelf)
    single = one.among(np.arange(len(wanted.user)) == 0)
    with pytest.raises(LabError, match="1 users show no spread"):
        list_evidence(single, shelf)
    with pytest.raises(LabError, match="cannot be paired"):
        paired_difference(one, single)
