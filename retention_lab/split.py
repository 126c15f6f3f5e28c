"""Splits that keep the rows of one customer together."""

import numpy as np

from retention_lab.arrays import Bools, Ints
from retention_lab.errors import LabError


def folds(rows: int, count: int, seed: int, group: np.ndarray | None = None) -> Ints:
    """Fold number 0..count-1 of each row, in equal shares of the groups.

    group: (rows,) customer of each row; None: every row is a customer of its own.
    Raises LabError when there are fewer groups than folds.
    """
    codes, units = _codes(rows, group)
    if units < count:
        raise LabError(
            f"{units} customers cannot be split into {count} folds.", "Provide more rows, or set fewer folds."
        )
    fold_of_unit = np.random.default_rng(seed).permutation(units) % count
    return np.asarray(fold_of_unit[codes], dtype=np.int64)


def held_out(rows: int, share: float, seed: int, group: np.ndarray | None = None) -> Bools:
    """True for the rows of a random `share` of the customers, whom no model is fitted on."""
    codes, units = _codes(rows, group)
    out = np.zeros(units, dtype=np.bool_)
    out[np.random.default_rng(seed).permutation(units)[: round(units * share)]] = True
    return np.asarray(out[codes], dtype=np.bool_)


def held_out_latest(time: np.ndarray, share: float) -> Bools:
    """True for the latest `share` of the rows; rows of one instant stay on one side.

    time: (n,) sortable. A customer may then have rows on both sides: who trains drops those rows.
    """
    start = np.sort(time)[max(0, len(time) - max(1, round(len(time) * share)))]
    return np.asarray(time >= start, dtype=np.bool_)


def _codes(rows: int, group: np.ndarray | None) -> tuple[Ints, int]:
    if group is None:
        return np.arange(rows, dtype=np.int64), rows
    values, codes = np.unique(group, return_inverse=True)
    return np.asarray(codes, dtype=np.int64), len(values)
