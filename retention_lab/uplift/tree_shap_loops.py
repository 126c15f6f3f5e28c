"""The loops of `tree_shap`, compiled. Loading this takes half a second, which only those pay who explain."""

import numpy as np
from numba import njit

from retention_lab.uplift.trees import LEVELS, NUMBER, NUMBER_MISSING_RIGHT

_MOST_IN_TABLE = 8  # features of a leaf's path: 256 cases; beyond, each row is worked out


@njit(cache=True, nogil=True)
def strike(column, kind, limit, levels, left, without, cases):  # type: ignore[no-untyped-def]  # compiled
    """Keep only the bits in `without` for those of whom a question leads to the other side."""
    everything = ~0
    if kind == NUMBER:
        for row in range(len(column)):
            cases[row] &= without if (column[row] > limit) == left else everything
    elif kind == NUMBER_MISSING_RIGHT:
        for row in range(len(column)):
            cases[row] &= without if (column[row] <= limit) != left else everything
    else:  # missing and negative levels are in no set
        for row in range(len(column)):
            level = int(column[row]) if column[row] >= 0 else -1
            word = level // 32
            inside = level >= 0 and word < len(levels)
            if inside:
                inside = (levels[word] >> np.uint32(level % 32)) & np.uint32(1) == 1
            cases[row] &= without if inside != left else everything


@njit(cache=True, nogil=True)
def weigh(case, zero, value, out):  # type: ignore[no-untyped-def]  # compiled
    """What a leaf adds through each of its m features, for customers whose features in `case` lead there.

    The Shapley value: over all sets of the other features, those in the set count as known (1 where they
    lead to the leaf, else 0), the others by their share.
    """
    m = len(zero)
    sums = np.empty(m)  # of the products over sets of each size
    for i in range(m):
        sums[:] = 0.0
        sums[0] = 1.0
        size = 0
        for j in range(m):
            if j != i:
                one = float((case >> j) & 1)
                size += 1
                for k in range(size, 0, -1):
                    sums[k] = sums[k] * zero[j] + sums[k - 1] * one
                sums[0] *= zero[j]
        total, weight = 0.0, 1.0 / m  # k! (m - 1 - k)! / m!
        for k in range(m):
            total += weight * sums[k]
            weight *= (k + 1) / max(m - 1 - k, 1)
        out[i] = value * (float((case >> i) & 1) - zero[i]) * total


@njit(cache=True, nogil=True)
def spread(cases, zero, value, features, found):  # type: ignore[no-untyped-def]  # compiled
    """Add what one leaf says to (d + 1, n) `found`, by the (n,) cases."""
    m, rows = len(zero), len(cases)
    found[len(found) - 1] += value * np.prod(zero)
    if m <= _MOST_IN_TABLE:
        table = np.empty((m, 1 << m))
        for case in range(1 << m):
            weigh(case, zero, value, table[:, case])
        for s in range(m):
            adds, by_case = found[features[s]], table[s]
            for row in range(rows):
                adds[row] += by_case[cases[row]]
        return
    own = np.empty(m)
    for row in range(rows):
        weigh(cases[row], zero, value, own)
        for s in range(m):
            found[features[s], row] += own[s]


@njit(cache=True, nogil=True)
def add(  # type: ignore[no-untyped-def]  # compiled
    columns, kind, feature, threshold, first_word, words, value, first_slot, slot_feature, slot_zero,
    first_item, item_node, item_left, item_slot, found,
):  # fmt: skip
    """All leaves of all trees; columns: (d, n), found: (d + 1, n)."""
    cases = np.zeros(columns.shape[1], dtype=np.int64)
    for leaf in range(len(value)):
        slots = slice(first_slot[leaf], first_slot[leaf + 1])
        zero = slot_zero[slots]
        everything = (1 << len(zero)) - 1
        cases[:] = everything
        for i in range(first_item[leaf], first_item[leaf + 1]):
            node, without = item_node[i], everything ^ (1 << item_slot[i])
            limit, levels = threshold[node], words[:0]
            if kind[node] == LEVELS:
                levels = words[first_word[int(limit)] : first_word[int(limit) + 1]]
            strike(columns[feature[node]], kind[node], limit, levels, item_left[i] == 1, without, cases)
        spread(cases, zero, value[leaf], slot_feature[slots], found)
