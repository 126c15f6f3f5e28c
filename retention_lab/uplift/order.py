"""Rows known by what they hold: folds and draws that do not depend on the order in which rows came.

Every row gets a 64-bit key from its features, outcome, arm and chances, every customer one from the rows.
Different ones are equal by a chance of about n² / 2^65.
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.row_content import STEP, bits, mix
from retention_lab.uplift.sample import UpliftSample

_EVEN = 50  # customers a fold below which chance alone would make folds too unequal
_FEW = 10_000  # rows up to which customers are counted
_REPEAT = np.uint64(0x94D049BB133111EB)  # odd, so that its multiples differ


@dataclass(frozen=True, slots=True)
class Keys:
    """row: (n,) uint64, equal where rows are equal; unit: (n,) the same for all rows of a customer, and of
    nobody else; places: (K + 1,) of the arms in an order that does not depend on how offers are numbered."""

    row: np.ndarray
    unit: np.ndarray
    places: Ints

    def ranked(self, rows: Ints) -> Ints:
        """The rows of an index array, by what they hold."""
        return np.asarray(rows[np.lexsort((self.unit[rows], self.row[rows]))])

    def lot(self, seed: int) -> Floats:
        """(n,) each row's number in [0, 1), whatever the other rows are."""
        # not row ^ unit: the two are equal where every row is a customer of its own
        return uniform(_mix(self.row) ^ self.unit, seed, stream=1)


def keys_of(sample: UpliftSample) -> Keys:
    """What tells the rows and the customers of a sample apart."""
    content = _content(sample)
    places = _places(sample, content)
    row = _mix(content ^ _mix(places.astype(np.uint64))[sample.arm])
    if sample.group is None:
        return Keys(row, _told_apart(row), places)
    units, codes = np.unique(sample.group, return_inverse=True)
    if len(units) == len(row):
        return Keys(row, _told_apart(row), places)
    total = np.zeros(len(units), dtype=np.uint64)
    np.add.at(total, codes, row)
    return Keys(row, _told_apart(_mix(total))[codes], places)


def uniform(keys: np.ndarray, seed: int, stream: int = 0) -> Floats:
    """(n,) numbers in [0, 1), independent over seeds and streams, and of where a row stands."""
    salt = np.uint64((seed * 2 + 1) * int(STEP) % 2**64) ^ np.uint64(stream + 1)
    return np.asarray((_mix(_mix(keys ^ salt) + salt) >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


def folds(keys: Keys, count: int, seed: int) -> Ints:
    """(n,) fold 0..count-1 of each row, by its customer's key alone: nobody else can move it.

    Of few customers, equal numbers go to each fold, or one could stay empty.
    """
    lots = uniform(keys.unit, seed)
    units, codes = np.unique(lots, return_inverse=True) if len(lots) < _FEW else (lots, None)
    if codes is not None and len(units) < _EVEN * count:
        return np.asarray(codes % count, dtype=np.int64)
    return np.asarray(lots * count, dtype=np.int64)


def _content(sample: UpliftSample) -> np.ndarray:
    """(n,) of all that a row holds but its arm; chances are summed up, as offers have no order."""
    content = np.zeros(len(sample), dtype=np.uint64)
    weight = [] if sample.weight is None else [sample.weight]
    for column in [*sample.features.values.T, sample.outcome, *weight]:
        content = _mix(content ^ bits(column))
    if sample.propensity is not None:
        chances = [_mix(bits(column)) for column in sample.propensity.T]
        content = _mix(content ^ np.add.reduce(chances, dtype=np.uint64))
    return content


def _places(sample: UpliftSample, content: np.ndarray) -> Ints:
    """By size, then by what an arm's rows hold; control first."""
    count = np.bincount(sample.arm, minlength=sample.arm_count)
    held = [np.add.reduce(content[sample.arm == k], dtype=np.uint64) for k in range(1, sample.arm_count)]
    ranks = np.argsort(np.lexsort((np.array(held, dtype=np.uint64), count[1:])))
    return np.concatenate([[0], ranks + 1]).astype(np.int64)


def _mix(key: np.ndarray) -> np.ndarray:
    """Every bit of the key moves every bit of the answer."""
    return mix(key + STEP)


def _told_apart(keys: np.ndarray) -> np.ndarray:
    """Equal keys made different by a running number: who is equal in all may be taken for each other."""
    order = np.argsort(keys)
    ranked = keys[order]
    repeated = np.flatnonzero(ranked[1:] == ranked[:-1]) + 1
    if len(repeated) == 0:
        return keys
    first = np.arange(len(keys))
    first[repeated] = 0
    position = np.arange(len(keys)) - np.maximum.accumulate(first)
    with np.errstate(over="ignore"):
        ranked = np.where(position > 0, _mix(ranked + position.astype(np.uint64) * _REPEAT), ranked)
    out = np.empty_like(keys)
    out[order] = ranked
    return out
