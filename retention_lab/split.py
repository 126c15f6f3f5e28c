"""Splits that keep the rows of one customer together."""

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError


def held_out(rows: int, share: float, seed: int, group: np.ndarray | None = None) -> Bools:
    """True for the rows of a random `share` of the customers, whom no model is fitted on.

    Raises LabError when either side would be empty.
    """
    codes, units = _codes(rows, group)
    out = np.zeros(units, dtype=np.bool_)
    out[np.random.default_rng(seed).permutation(units)[: round(units * share)]] = True
    _require_both_sides(out, share)
    return np.asarray(out[codes], dtype=np.bool_)


def held_out_latest(time: np.ndarray, share: float) -> Bools:
    """True for the latest `share` of the rows; rows of one instant stay on one side.

    time: (n,) sortable. A customer may then have rows on both sides: who trains drops those rows.
    Raises LabError when a time is missing, or all rows would be on one side.
    """
    missing = np.asarray(time != time)  # NaN and NaT are unequal to themselves
    if missing.any():
        raise LabError(
            f"{int(missing.sum())} rows have no time, row {int(np.argmax(missing)) + 1} first.",
            "Fill the times in, or remove those rows.",
            key="time",
        )
    start = np.sort(time)[len(time) - max(1, round(len(time) * share))] if len(time) else 0
    latest = np.asarray(time >= start, dtype=np.bool_)
    _require_both_sides(latest, share)
    return latest


def stratified_folds(label: Floats, folds: int, seed: int, group: np.ndarray | None = None) -> Ints:
    """(n,) fold of each row, 0..folds-1; positives are spread evenly.

    label: (n,) 0 or 1. group: (n,) customers, whose rows stay together; positive where any row is.
    Raises LabError unless every fold can have rows of both labels.
    """
    codes = np.arange(len(label)) if group is None else np.unique(group, return_inverse=True)[1]
    positive = np.bincount(codes, weights=label) > 0
    rng = np.random.default_rng(seed)
    fold = np.empty(len(positive), dtype=np.int64)
    for side in (True, False):
        members = rng.permutation(np.flatnonzero(positive == side))
        if len(members) < folds:
            raise LabError(
                f"{len(members)} of {len(positive)} {'rows' if group is None else 'customers'} are "
                f"{'positive' if side else 'negative'}, too few for {folds} folds.",
                "Provide more rows, or set fewer folds.",
                key="validation.folds",
            )
        fold[members] = (np.arange(len(members)) + (0 if side else folds // 2)) % folds
    return fold[codes]


def _require_both_sides(out: Bools, share: float) -> None:
    if out.all() or not out.any():
        raise LabError(
            f"Holding out {share:.3g} of {len(out)} rows leaves one side empty.",
            "Provide more rows (or times that differ), or set another share.",
            key="validation.share",
        )


def _codes(rows: int, group: np.ndarray | None) -> tuple[Ints, int]:
    if group is None:
        return np.arange(rows, dtype=np.int64), rows
    values, codes = np.unique(group, return_inverse=True)
    return np.asarray(codes, dtype=np.int64), len(values)
