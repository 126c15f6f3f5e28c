"""Recommenders at size: a fit of EASE, a million customers scored, one customer served."""

import resource
import statistics
import time

import numpy as np
import pyarrow as pa

from retention_lab.recommend.ease import Ease, fit_ease
from retention_lab.recommend.fit import best_sellers
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.lists import recommend_lists
from retention_lab.recommend.neighbours import fit_item_neighbours
from retention_lab.recommend.scorer import LogColumns, RecommendScorer

TITLE = "Recommenders at size"
NOTE = (
    "Simulated purchases, popular products more often. One thread, CPU seconds (user and system), medians of "
    "five fits after one that is not counted; a million customers are scored once, in blocks of 50,000, each "
    "with its own history; one customer is served 500 times by the registered model's own `predict`, item "
    "neighbours over 100,000 products, wall milliseconds."
)
ITEMS, USERS = 3_700, 6_000
SCORED, BLOCK, EACH = 1_000_000, 50_000, 50
PRODUCTS = 100_000
_RUNS, _SERVED = 5, 500


def table() -> list[list[str]]:
    """Rows of what was done, its size, and what it took."""
    data = purchases(USERS, ITEMS, 160, 0)
    seconds = [_fit(data)[1] for _ in range(_RUNS + 1)][1:]
    model = _fit(data)[0]
    cpu = _score(model, best_sellers(data))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    median, high = _serve()
    return [
        ["what", "size", "figure"],
        ["EASE, fit", f"{ITEMS:,} products, {USERS:,} customers", f"{statistics.median(seconds):.2f} s"],
        ["EASE, top ten", f"{SCORED:,} customers, {EACH} purchases each", f"{cpu:.0f} s"],
        ["the same, customers a second", "", f"{SCORED / cpu:,.0f}"],
        ["peak memory by then", "", f"{peak:,.0f} MiB"],
        ["one customer served, median", f"{PRODUCTS:,} products", f"{median:.1f} ms"],
        ["one customer served, 95th percentile", "", f"{high:.1f} ms"],
    ]


def purchases(users: int, items: int, each: int, seed: int) -> Interactions:
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, items + 1) ** 0.8
    count = rng.poisson(each, users).clip(1)
    user = np.repeat(np.arange(users), count)
    item = rng.choice(items, len(user), p=share / share.sum())
    pairs = np.unique(user * items + item)
    names = [tuple(str(code) for code in range(size)) for size in (users, items)]
    return Interactions(pairs // items, pairs % items, None, np.ones(len(pairs)), *names)


def _fit(data: Interactions) -> tuple[Ease, float]:
    start = time.process_time()
    model = fit_ease(data)
    return model, time.process_time() - start


def _score(model: Ease, ties: np.ndarray) -> float:
    total = 0.0
    recommend_lists(model, purchases(10, ITEMS, EACH, 1), ties, 10)  # compiles
    for block in range(SCORED // BLOCK):
        history = purchases(BLOCK, ITEMS, EACH, 100 + block)
        start = time.process_time()
        recommend_lists(model, history, ties, 10)
        total += time.process_time() - start
    return total


def _serve() -> tuple[float, float]:
    data = purchases(BLOCK, PRODUCTS, 20, 5)
    scorer = RecommendScorer(
        "item_knn",
        fit_item_neighbours(data, 50),
        data.items,
        best_sellers(data),
        np.ones(PRODUCTS, dtype=np.bool_),
        LogColumns("customer", "item"),
        None,
        "customer",
    )
    taken = []
    for user in range(_SERVED + 20):
        own = data.item[data.user == user]
        log = pa.table({"customer": ["c"] * len(own), "item": [data.items[code] for code in own]})
        start = time.perf_counter()
        scorer.predict(log)
        taken.append(1_000 * (time.perf_counter() - start))
    median, high = np.percentile(taken[20:], [50, 95])
    return float(median), float(high)
