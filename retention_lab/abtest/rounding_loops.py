"""The loops of `rounding`, compiled. Loading this takes half a second: only who stratifies pays it.

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
    open_cells, owner, count = (
        np.zeros((arms + 1, arms), dtype=np.int64),
        np.empty(arms + 1, dtype=np.int64),
        0,
    )
    draws = np.zeros(1, dtype=np.uint64)
    draws[0] = key
    for row in range(rows + 1):
        if row < rows:
            open_cells[count] = part[row]
        else:
            for arm in range(arms):
                open_cells[count, arm] = -open_cells[:count, arm].sum() % one
        owner[count] = row
        count += 1
        while move_a_cycle(open_cells[:count], one, draws):
            pass
        kept = 0
        for i in range(count):
            if np.any(open_cells[i] % one != 0):
                open_cells[kept], owner[kept] = open_cells[i], owner[i]
                kept += 1
            elif owner[i] < rows:
                part[owner[i]] = open_cells[i]
        count = kept


@njit(cache=True, nogil=True)
def move_a_cycle(cells, one, draws):  # type: ignore[no-untyped-def]  # compiled
    """Move amounts along one cycle of cells that are not whole; False where there is none."""
    row_at, arm_at, first, last = find_cycle(cells, one)
    if first == last:
        return False
    up, down = one, one  # how far the first cell, and every second after it, can be raised and lowered
    for i in range(first, last):
        value = cells[row_at[i], arm_at[i]]
        above, below = (one - value, value) if (i - first) % 2 == 0 else (value, one - value)
        up, down = min(up, above), min(down, below)
    move = up if draw(draws) * float(up + down) < float(down) else -down
    for i in range(first, last):
        cells[row_at[i], arm_at[i]] += move if (i - first) % 2 == 0 else -move
    return True


@njit(cache=True, nogil=True)
def find_cycle(cells, one):  # type: ignore[no-untyped-def]  # compiled
    """Cells (row, arm) of a cycle, from place `first` to before `last` of the walk; rows and arms in turn.

    Rows and arms with one open cell lie on no cycle and are taken away until all others have two: a walk that
    never turns back must then meet itself.
    """
    rows, arms = cells.shape
    live = cells % one != 0
    row_at, arm_at = np.empty(2 * rows + 2, dtype=np.int64), np.empty(2 * rows + 2, dtype=np.int64)
    start = prune(live)
    if start < 0:
        return row_at, arm_at, 0, 0
    row_seen, arm_seen = np.full(rows, -1), np.full(arms, -1)
    row, arm, place = start, -1, 0
    while True:
        row_seen[row] = place  # the place at which the walk leaves the row
        arm = other(live[row], arm)
        row_at[place], arm_at[place] = row, arm
        place += 1
        if arm_seen[arm] >= 0:
            return row_at, arm_at, arm_seen[arm], place
        arm_seen[arm] = place
        row = other(live[:, arm], row)
        row_at[place], arm_at[place] = row, arm
        place += 1
        if row_seen[row] >= 0:
            return row_at, arm_at, row_seen[row], place


@njit(cache=True, nogil=True)
def prune(live):  # type: ignore[no-untyped-def]  # compiled
    """In place: take away cells that are alone in their row or arm; a row that is left, or -1."""
    rows, arms = live.shape
    again = True
    while again:
        again = False
        for row in range(rows):
            if np.count_nonzero(live[row]) == 1:
                live[row, :] = False
                again = True
        for arm in range(arms):
            if np.count_nonzero(live[:, arm]) == 1:
                live[:, arm] = False
                again = True
    for row in range(rows):
        if live[row].any():
            return row
    return -1


@njit(cache=True, nogil=True)
def other(line, place):  # type: ignore[no-untyped-def]  # compiled
    """The first true place but this one."""
    for i in range(len(line)):
        if line[i] and i != place:
            return i
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
