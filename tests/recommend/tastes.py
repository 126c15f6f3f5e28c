"""Customers with a taste: each buys from one of four shelves, mostly."""

import numpy as np
import pyarrow as pa

from retention_lab.recommend.interactions import Interactions, interactions

SHELVES, PER_SHELF = 4, 10


def taste_table(users: int = 120, seed: int = 0, each: int = 8) -> pa.Table:
    """user, item and time (days, 0 to 100) of customers u0…; item i00 to i39, ten to a shelf."""
    rng = np.random.default_rng(seed)
    user, item = [], []
    for u in range(users):
        shelf = u % SHELVES
        own = rng.choice(PER_SHELF, each - 1, replace=False) + shelf * PER_SHELF
        user += [f"u{u}"] * each
        item += [f"i{code:02}" for code in (*own, rng.integers(0, SHELVES * PER_SHELF))]
    return pa.table({"user": user, "item": item, "time": rng.uniform(0, 100, len(user))})


def tastes(users: int = 120, seed: int = 0, each: int = 8) -> Interactions:
    return interactions(taste_table(users, seed, each))


def shelf_of(item: np.ndarray) -> np.ndarray:
    return np.asarray(item) // PER_SHELF
