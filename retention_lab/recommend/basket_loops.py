"""The loops over baskets, compiled: sets of baskets are bits, and what two sets share is one AND.

Frequent sets are a tree: the children of a node are the items, later in the order, that are frequent beside
what leads to it. They are numbered in one go, so that they lie side by side and a set is found by bisection.
"""

import numpy as np
from numba import njit

_START = 1024  # rows that a result has room for at first; it doubles


@njit(cache=True, nogil=True)
def bits_of(basket, item, items, baskets):  # type: ignore[no-untyped-def]  # compiled
    """(items, words) the baskets that hold each item, one bit each."""
    bits = np.zeros((items, (baskets + 63) // 64), dtype=np.uint64)
    for i in range(len(basket)):
        bits[item[i], basket[i] >> 6] |= np.uint64(1) << np.uint64(basket[i] & 63)
    return bits


@njit(cache=True, nogil=True)
def _ones(word):  # type: ignore[no-untyped-def]  # compiled
    """How many bits are set; compilers know this form, and make it one instruction."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@njit(cache=True, nogil=True)
def count_bits(bits):  # type: ignore[no-untyped-def]  # compiled
    """(rows,) how many bits are set in each row."""
    out = np.zeros(len(bits), dtype=np.int64)
    for row in range(len(bits)):
        total = np.uint64(0)
        for word in bits[row]:
            total += _ones(word)
        out[row] = total
    return out


@njit(cache=True, nogil=True)
def _count_both(one, other):  # type: ignore[no-untyped-def]  # compiled
    total = np.uint64(0)
    for w in range(len(one)):
        total += _ones(one[w] & other[w])
    return np.int64(total)


@njit(cache=True, nogil=True)
def _keep_both(one, other, out):  # type: ignore[no-untyped-def]  # compiled
    total = np.uint64(0)
    for w in range(len(one)):
        both = one[w] & other[w]
        out[w] = both
        total += _ones(both)
    return np.int64(total)


@njit(cache=True, nogil=True)
def _longer(array):  # type: ignore[no-untyped-def]  # compiled
    out = np.empty((2 * len(array), array.shape[1]), dtype=np.int64)
    for i in range(len(array)):
        for j in range(array.shape[1]):
            out[i, j] = array[i, j]
    return out


@njit(cache=True, nogil=True)
def frequent_sets(bits, counts, least, max_length):  # type: ignore[no-untyped-def]  # compiled
    """The tree of sets that `least` baskets hold: (sets, 5) parent, item, count, first child, past the last.

    bits: (f, words) of frequent items, counts: theirs. The first f nodes are the items themselves, of parent
    -1. Depth first, so that only the sets of baskets on the way down are kept.
    """
    items, words = bits.shape
    tree = np.empty((max(_START, items), 5), dtype=np.int64)
    for i in range(items):
        tree[i, 0], tree[i, 1], tree[i, 2], tree[i, 3], tree[i, 4] = -1, i, counts[i], 0, 0
    total = items
    levels = max(max_length - 1, 1)
    held = np.empty((max(levels - 1, 1), items, words), dtype=np.uint64)  # unused rows cost no memory
    node = np.empty((levels, items), dtype=np.int64)
    size, place = np.zeros(levels, dtype=np.int64), np.zeros(levels, dtype=np.int64)
    for i in range(items):
        node[0, i] = i
    size[0], level = items, 0
    while level >= 0 and max_length > 1:
        i = place[level]
        if i >= size[level] - 1:  # the last has nothing after it
            level -= 1
            continue
        place[level] += 1
        own = bits[i] if level == 0 else held[level - 1, i]
        first, deeper = total, level + 1 < levels
        found = 0
        for j in range(i + 1, size[level]):
            other = bits[j] if level == 0 else held[level - 1, j]
            both = _keep_both(own, other, held[level, found]) if deeper else _count_both(own, other)
            if both < least:
                continue
            if total == len(tree):
                tree = _longer(tree)
            tree[total, 0], tree[total, 1], tree[total, 2] = node[level, i], tree[node[level, j], 1], both
            tree[total, 3], tree[total, 4] = 0, 0
            if deeper:
                node[level + 1, found] = total
            found += 1
            total += 1
        tree[node[level, i], 3], tree[node[level, i], 4] = first, total
        if deeper and found > 1:
            level += 1
            size[level], place[level] = found, 0
    return tree[:total]


@njit(cache=True, nogil=True)
def items_of(tree, max_length):  # type: ignore[no-untyped-def]  # compiled
    """(sets, max_length) items of each set in the tree's order, -1 after the last; (sets,) how many."""
    out = np.full((len(tree), max_length), -1, dtype=np.int64)
    length = np.empty(len(tree), dtype=np.int64)
    for i in range(len(tree)):
        parent = tree[i, 0]
        length[i] = 1 if parent < 0 else length[parent] + 1
        for place in range(length[i] - 1):
            out[i, place] = out[parent, place]
        out[i, length[i] - 1] = tree[i, 1]
    return out, length


@njit(cache=True, nogil=True)
def _find(tree, items, mask, wanted):  # type: ignore[no-untyped-def]  # compiled
    """The node of those of the items whose bit in `mask` is `wanted`."""
    node = -1
    for place in range(len(items)):
        if (mask >> place) & 1 != wanted:
            continue
        if node < 0:
            node = items[place]  # the first nodes are the items
            continue
        low, high = tree[node, 3], tree[node, 4]
        while low < high:
            middle = (low + high) >> 1
            if tree[middle, 1] < items[place]:
                low = middle + 1
            else:
                high = middle
        node = low
    return node


@njit(cache=True, nogil=True)
def split_sets(tree, items, length, baskets, least):  # type: ignore[no-untyped-def]  # compiled
    """(rules, 3) nodes of the whole set, its left and its right side, where P(right | left) >= least.

    Shares of baskets are divided, as other tools do: a rule that lies exactly at the bound falls as theirs.
    """
    rules = np.empty((_START, 3), dtype=np.int64)
    total = 0
    for one in range(len(tree)):
        whole = tree[one, 2] / baskets
        own = items[one, : length[one]]
        for mask in range(1, (1 << length[one]) - 1):
            left = _find(tree, own, mask, 1)
            if whole / (tree[left, 2] / baskets) < least:
                continue
            if total == len(rules):
                rules = _longer(rules)
            rules[total, 0], rules[total, 1], rules[total, 2] = one, left, _find(tree, own, mask, 0)
            total += 1
    return rules[:total]


@njit(cache=True, nogil=True)
def count_sets(bits, sets):  # type: ignore[no-untyped-def]  # compiled
    """(m,) baskets that hold all items of each of the (m, length) sets, -1 where a set is shorter."""
    out = np.zeros(len(sets), dtype=np.int64)
    for i in range(len(sets)):
        total = np.uint64(0)
        for w in range(bits.shape[1]):
            word = bits[sets[i, 0], w]
            for item in sets[i, 1:]:
                if item < 0:
                    break
                word &= bits[item, w]
            total += _ones(word)
        out[i] = total
    return out
