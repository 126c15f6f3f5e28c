"""The loop of `als`, compiled."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def solve(left, right):  # type: ignore[no-untyped-def]  # compiled
    """Solve left x = right in their places, by Cholesky; of the symmetric (f, f) left the lower half is read.

    Our own loop, since the compiler takes half a minute over LAPACK's.
    """
    f = len(right)
    for a in range(f):
        for b in range(a + 1):
            total = left[a, b]
            for c in range(b):
                total -= left[a, c] * left[b, c]
            left[a, b] = np.sqrt(total) if a == b else total / left[b, b]
        for b in range(a):
            right[a] -= left[a, b] * right[b]
        right[a] /= left[a, a]
    for a in range(f - 1, -1, -1):
        right[a] /= left[a, a]
        for b in range(a):
            right[b] -= left[a, b] * right[a]


@njit(cache=True, nogil=True)
def solve_rows(indptr, indices, data, other, gram, l2, out):  # type: ignore[no-untyped-def]  # compiled
    """For each row of a sparse matrix, the factors that explain it best while those of the columns stand.

    other: (columns, f) factors. gram: other' other. Solves (gram + sum c y y' + l2 n I) x = sum (1 + c) y
    over the row's n columns y with confidence 1 + c, c in data. Rows without an entry get 0. out: (rows, f).
    """
    f = other.shape[1]
    for row in range(len(indptr) - 1):
        count = indptr[row + 1] - indptr[row]
        if count == 0:
            out[row, :] = 0.0
            continue
        left = gram.copy()
        right = np.zeros(f)
        for at in range(indptr[row], indptr[row + 1]):
            y = other[indices[at]]
            c = data[at]
            for a in range(f):
                right[a] += (1.0 + c) * y[a]
                for b in range(a + 1):
                    left[a, b] += c * y[a] * y[b]
        for a in range(f):
            left[a, a] += l2 * count
        solve(left, right)
        out[row] = right
