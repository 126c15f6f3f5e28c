"""How often the same held-out customers have judged a model: each look makes the next one less blind."""

import hashlib

import numpy as np

from retention_lab.tracking.search import find_runs
from retention_lab.tracking.store import Store

HELD_OUT_TAG = "lab.held_out"


def held_out_part(keys: np.ndarray) -> str:
    """What names a set of customers, by their (n,) keyed hashes; their order does not matter."""
    return hashlib.sha256(np.unique(keys).tobytes()).hexdigest()[:32]


def held_out_uses(store: Store, name: str, part: str) -> int:
    """How many trainings and evaluations of `name` have looked at this part."""
    where = f"tags.`{HELD_OUT_TAG}` = '{part}'"
    return sum(len(find_runs(store, f"{kind}/{name}", where)) for kind in ("train", "evaluate"))
