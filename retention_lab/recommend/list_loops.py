"""The loop of `lists`, compiled."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def best(scores, order, had_start, had, allowed, items, values):  # type: ignore[no-untyped-def]  # compiled
    """For each row of (u, m) scores the best of what was not had, written to (u, k) items and values.

    order: (m,) all items; of equal scores the one that stands earlier wins. had: item codes of row i from
    had_start[i] to had_start[i + 1]. allowed: (u or 1, m). What is missing stays -1, its value 0.
    """
    k = items.shape[1]
    barred = np.zeros(scores.shape[1], dtype=np.bool_)
    for row in range(scores.shape[0]):
        for at in range(had_start[row], had_start[row + 1]):
            barred[had[at]] = True
        rule = allowed[row if len(allowed) > 1 else 0]
        count = 0
        for item in order:
            score = scores[row, item]
            if barred[item] or not rule[item] or np.isnan(score) or score == -np.inf:
                continue
            if count == k and score <= values[row, k - 1]:
                continue
            place = min(count, k - 1)
            while place > 0 and values[row, place - 1] < score:
                values[row, place] = values[row, place - 1]
                items[row, place] = items[row, place - 1]
                place -= 1
            values[row, place] = score
            items[row, place] = item
            count = min(count + 1, k)
        for at in range(had_start[row], had_start[row + 1]):
            barred[had[at]] = False
