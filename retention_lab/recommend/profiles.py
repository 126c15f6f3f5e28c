"""What a user's past looks like to a model: one row of a matrix, the newest purchases weighing most."""

import numpy as np
from scipy import sparse

from retention_lab.arrays import Floats
from retention_lab.recommend.interactions import Interactions


def profiles(history: Interactions, half_life: float | None = None) -> sparse.csr_matrix:
    """(users, items) float32: 1 for what the user had, less for what lies further back.

    half_life: days after which a purchase weighs half as much as the user's own latest one, so that a long
    absence alone changes nothing; None: all weigh 1. Of several purchases of an item the newest counts.
    Raises LabError where a half-life is asked for and no time is known.
    """
    if half_life is None:
        return history.seen().astype(np.float32)
    age = ages(history)
    newest = np.lexsort((age, history.item, history.user))
    user, item = history.user[newest], history.item[newest]
    first = np.ones(len(newest), dtype=np.bool_)
    first[1:] = (user[1:] != user[:-1]) | (item[1:] != item[:-1])
    weight = decay(age[newest][first], half_life).astype(np.float32)
    shape = (history.user_count, history.item_count)
    return sparse.csr_matrix((weight, (user[first], item[first])), shape=shape)


def ages(history: Interactions) -> Floats:
    """(n,) days from each row to the latest one of its user."""
    time = history.timed()
    latest = np.full(history.user_count, -np.inf)
    np.maximum.at(latest, history.user, time)
    return np.asarray(latest[history.user] - time, dtype=np.float64)


def decay(age: Floats, half_life: float) -> Floats:
    """(n,) 1 now, 1/2 after the half-life.

    >>> decay(np.array([0.0, 30.0, 60.0]), 30).tolist()
    [1.0, 0.5, 0.25]
    """
    return np.asarray(np.exp2(-age / half_life), dtype=np.float64)
