"""Rows known by what they hold: folds and draws that do not depend on the order in which rows came.

Every row gets a 64-bit key from its features, outcome and arm. Rows that are equal to the last bit are
numbered, so that they can be told apart; which of them gets which number makes no difference.
"""

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.uplift.sample import UpliftSample

_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: its multiples spread evenly
_ONE, _TWO = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def row_keys(sample: UpliftSample) -> np.ndarray:
    """(n,) uint64 keys, equal for nobody but by a chance of about n² / 2^65.

    Neither the order of the rows nor the numbers of the offers matter.
    """
    key = _content_keys(sample)
    return _numbered(_mix(key ^ _arm_keys(sample, key)[sample.arm]))


def arm_ranks(sample: UpliftSample) -> Ints:
    """(K + 1,) places of the arms in an order that does not depend on how the offers are numbered."""
    ranks = np.argsort(np.argsort(_arm_keys(sample, _content_keys(sample))[1:]))
    return np.concatenate([[0], ranks + 1]).astype(np.int64)


def unit_keys(keys: np.ndarray, group: np.ndarray | None) -> np.ndarray:
    """(n,) uint64: one key for all rows of a customer, from those rows; the rows' own where no group is."""
    if group is None:
        return keys
    codes = np.unique(group, return_inverse=True)[1]
    total = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.uint64)
    np.add.at(total, codes, keys)
    return _mix(total)[codes]


def uniform(keys: np.ndarray, seed: int, stream: int = 0) -> Floats:
    """(n,) numbers in [0, 1), independent over seeds and streams: a customer's lot, wherever the row stands."""
    salt = np.uint64((seed * 2 + 1) * 0x9E3779B97F4A7C15 % 2**64) ^ np.uint64(stream + 1)
    return np.asarray((_mix(_mix(keys ^ salt) + salt) >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


def folds(keys: np.ndarray, count: int, seed: int) -> Ints:
    """(n,) fold 0..count-1 of each row, by its key alone: another row cannot move it."""
    return np.asarray(uniform(keys, seed) * count, dtype=np.int64)


def _content_keys(sample: UpliftSample) -> np.ndarray:
    key = np.zeros(len(sample), dtype=np.uint64)
    for column in [*sample.features.values.T, sample.outcome]:
        key = _mix(key ^ _bits(column))
    return key


def _arm_keys(sample: UpliftSample, key: np.ndarray) -> np.ndarray:
    """(K + 1,) uint64: an arm known by the rows that were in it, whatever its number; control is 0."""
    found = np.zeros(sample.arm_count, dtype=np.uint64)
    for k in range(1, sample.arm_count):
        found[k] = _mix(np.add.reduce(key[sample.arm == k], dtype=np.uint64)[None])[0]
    return found


def _bits(column: Floats) -> np.ndarray:
    values = np.where(np.isnan(column), np.nan, column + 0.0)  # one NaN for all, and no minus zero
    return np.asarray(values, dtype=np.float64).view(np.uint64)


def _mix(key: np.ndarray) -> np.ndarray:
    """Every bit of the key moves every bit of the answer.

    Source: Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA,
    doi:10.1145/2660193.2660195.
    """
    with np.errstate(over="ignore"):
        key = key + _ODD
        key = (key ^ (key >> np.uint64(30))) * _ONE
        key = (key ^ (key >> np.uint64(27))) * _TWO
    return np.asarray(key ^ (key >> np.uint64(31)))


def _numbered(keys: np.ndarray) -> np.ndarray:
    """Equal keys told apart by a running number."""
    order = np.argsort(keys)
    ranked = keys[order]
    repeated = np.flatnonzero(ranked[1:] == ranked[:-1]) + 1
    if len(repeated) == 0:
        return keys
    first = np.arange(len(keys))
    first[repeated] = 0
    position = np.arange(len(keys)) - np.maximum.accumulate(first)
    with np.errstate(over="ignore"):
        ranked = np.where(position > 0, _mix(ranked + position.astype(np.uint64) * _TWO), ranked)
    out = np.empty_like(keys)
    out[order] = ranked
    return out
