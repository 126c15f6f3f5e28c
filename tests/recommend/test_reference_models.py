"""Metrics of whole models on interactions whose figures public tools gave."""

import numpy as np
import pytest

from retention_lab.recommend.cuts import Cut
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.learners import Known, fit_learner
from retention_lab.recommend.list_metrics import found, ndcg, recall
from retention_lab.recommend.lists import recommend_lists
from retention_lab.recommend.wanted import wanted_items
from tests.recommend.reference import expected, synthetic_rows

MODELS = [
    ("popularity", "popular", {}, 5e-3),
    ("ease_l2_50", "ease", {"l2": 50}, 1e-4),
    ("itemknn_cosine_k100_shrink10", "item_knn", {"neighbours": 100, "shrink": 10}, 1e-4),
]


def metrics_of(name: str, options: dict[str, float]) -> tuple[float, float]:
    train, test = synthetic_rows("train"), synthetic_rows("test")
    model = fit_learner(name, Known(train), **options)
    seen = np.zeros(len(train) + len(test), dtype=bool)
    seen[: len(train)] = True
    offered = np.bincount(train.item, minlength=train.item_count) > 0
    wanted = wanted_items(
        np.concatenate([train.user, test.user]),
        np.concatenate([train.item, test.item]),
        Cut("day 300", seen, ~seen),
        offered,
    )
    history: Interactions = train.among(wanted.user)
    lists = recommend_lists(model, history, np.arange(train.item_count), 10, offered).item
    hits = found(lists, wanted)
    return float(recall(hits, wanted).mean()), float(ndcg(hits, wanted).mean())


@pytest.mark.parametrize(("reference", "name", "options", "tolerance"), MODELS)
def test_recall_and_ndcg_are_those_of_the_reference(
    reference: str, name: str, options: dict[str, float], tolerance: float
) -> None:
    wanted = expected("synthetic")["synthetic_a"]["models"][reference]
    assert metrics_of(name, options) == pytest.approx((wanted["recall"], wanted["ndcg"]), abs=tolerance)


def test_the_lists_of_five_customers_are_those_of_the_reference() -> None:
    train = synthetic_rows("train")
    model = fit_learner("ease", Known(train), l2=50)
    offered = np.bincount(train.item, minlength=train.item_count) > 0
    lists = recommend_lists(model, train.among(np.arange(5)), np.arange(train.item_count), 10, offered).item
    wanted = expected("synthetic")["synthetic_a"]["ease_top10_first5_users"]
    assert lists.tolist() == [wanted[str(user)] for user in range(5)]
