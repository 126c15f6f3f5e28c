"""The loops of `rounding`, compiled: half a second to load, once a few to compile. Only who stratifies pays.

The cells that are not whole yet form a graph of strata and arms. Along a cycle of it, amounts can be moved
up and down in turn without changing any sum, as far as some cell becomes whole; the direction is drawn so
that no expectation changes. Each stratum is added to the few that are still open, and cycles are moved until
there are none: then fewer strata are open than there are arms. A last, made-up stratum makes the arms' sums
whole.
"""

import numpy as np
from numba import njit

_STEP = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@njit(cache=True, nogil=True)
def settle(part, one, key):  # type: ignore[no-untyped-def]  # compiled
    """In place: (s, K + 1) fractions, in units of 1 / one, become 0 or `one`; rows sum to whole numbers."""
    rows, arms = part.shape
    cells, live = np.zeros((arms + 1, arms), dtype=np.int64), np.zeros((arms + 1, arms), dtype=np.bool_)
    owner, walk = np.zeros(arms + 1, dtype=np.int64), np.zeros((2, 2 * arms + 4), dtype=np.int64)
    draws = np.zeros(1, dtype=np.uint64)
    draws[0] = key
    count = 0
    for row in range(rows + 1):
        for arm in range(arms):
            if row < rows:
                cells[count, arm] = part[row, arm]
            else:
                total = 0
                for i in range(count):
                    total += cells[i, arm]
                cells[count, arm] = -total % one
        owner[count] = row
        count += 1
        while prune(cells, count, one, live):
            move_a_cycle(cells, live, one, draws, walk)
        count = close(cells, owner, count, one, part)


@njit(cache=True, nogil=True)
def close(cells, owner, count, one, part):  # type: ignore[no-untyped-def]  # compiled
    """Write out the strata whose cells are all whole; how many stay open, now the first ones."""
    kept = 0
    for i in range(count):
        whole = True
        for arm in range(cells.shape[1]):
            whole = whole and cells[i, arm] % one == 0
        for arm in range(cells.shape[1]):
            if not whole:
                cells[kept, arm] = cells[i, arm]
            elif owner[i] < len(part):
                part[owner[i], arm] = cells[i, arm]
        if not whole:
            owner[kept] = owner[i]
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def prune(cells, count, one, live):  # type: ignore[no-untyped-def]  # compiled
    """In place: the cells that are open and not alone in their row or arm; whether there are any.

    Cells that are alone lie on no cycle. They are taken away until all others have company both ways: a walk
    that never turns back must then meet itself.
    """
    rows, arms = cells.shape
    left = 0
    for i in range(rows):
        for arm in range(arms):
            live[i, arm] = i < count and cells[i, arm] % one != 0
            left += live[i, arm]
    again = True
    while again:
        again = False
        for i in range(rows):
            for arm in range(arms):
                if live[i, arm] and (next_arm(live, i, arm) < 0 or next_row(live, i, arm) < 0):
                    live[i, arm] = False
                    left -= 1
                    again = True
    return left > 0


@njit(cache=True, nogil=True)
def move_a_cycle(cells, live, one, draws, walk):  # type: ignore[no-untyped-def]  # compiled
    """Move amounts along one cycle of open cells, up and down in turn, until one of them is whole."""
    first, last = find_cycle(live, walk)
    up, down = one, one  # how far the first cell, and every second after it, can be raised and lowered
    for place in range(first, last):
        value = cells[walk[0, place], walk[1, place]]
        if (place - first) % 2 == 1:
            value = one - value
        up, down = min(up, one - value), min(down, value)
    move = up if draw(draws) * float(up + down) < float(down) else -down
    for place in range(first, last):
        cells[walk[0, place], walk[1, place]] += move
        move = -move


@njit(cache=True, nogil=True)
def find_cycle(live, walk):  # type: ignore[no-untyped-def]  # compiled
    """Walk along rows and arms in turn; the first place of the walk's cycle, and the one after its last."""
    rows, arms = live.shape
    row_seen, arm_seen = np.full(rows, -1), np.full(arms, -1)  # the place at which the walk leaves each
    row, arm, place = 0, -1, 0
    while next_arm(live, row, -1) < 0:
        row += 1
    while True:
        row_seen[row] = place
        arm = next_arm(live, row, arm)
        walk[0, place], walk[1, place] = row, arm
        place += 1
        if arm_seen[arm] >= 0:
            return arm_seen[arm], place
        arm_seen[arm] = place
        row = next_row(live, row, arm)
        walk[0, place], walk[1, place] = row, arm
        place += 1
        if row_seen[row] >= 0:
            return row_seen[row], place


@njit(cache=True, nogil=True)
def next_arm(live, row, arm):  # type: ignore[no-untyped-def]  # compiled
    """Another arm with a cell in this row, or -1."""
    for other in range(live.shape[1]):
        if live[row, other] and other != arm:
            return other
    return -1


@njit(cache=True, nogil=True)
def next_row(live, row, arm):  # type: ignore[no-untyped-def]  # compiled
    """Another row with a cell in this arm, or -1."""
    for other in range(live.shape[0]):
        if live[other, arm] and other != row:
            return other
    return -1


@njit(cache=True, nogil=True)
def draw(draws):  # type: ignore[no-untyped-def]  # compiled
    """The next number in [0, 1) of SplitMix64: Steele, Lea, Flood (2014), doi:10.1145/2660193.2660195."""
    draws[0] += _STEP
    bits = draws[0]
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    bits ^= bits >> np.uint64(31)
    return float(bits >> np.uint64(11)) * 2.0**-53
