"""The loops of `neighbours`, compiled."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def nearest(indptr, indices, data, t_indptr, t_indices, t_data, norms, shrink, keep):  # type: ignore[no-untyped-def]  # compiled
    """For each row of a sparse matrix, the `keep` rows most like it: c_ij / (|i| |j| + shrink).

    indptr, indices, data: the matrix by rows; t_…: the same by columns. norms: (rows,) |i|, all 0 where the
    product alone is meant, with shrink 1.
    -> (rows, keep) positions, -1 where fewer share anything; (rows, keep) likeness. Ties: the lower first.
    """
    n = len(indptr) - 1
    found = np.full((n, keep), -1, dtype=np.int32)
    value = np.zeros((n, keep), dtype=np.float32)
    shared = np.zeros(n)
    touched = np.empty(n, dtype=np.int32)
    for i in range(n):
        count = 0
        for at in range(indptr[i], indptr[i + 1]):
            column, weight = indices[at], data[at]
            for t in range(t_indptr[column], t_indptr[column + 1]):
                j = t_indices[t]
                if shared[j] == 0.0:
                    touched[count] = j
                    count += 1
                shared[j] += weight * t_data[t]
        some = np.sort(touched[:count])
        likeness = np.empty(count)
        for at in range(count):
            j = some[at]
            likeness[at] = shared[j] / (norms[i] * norms[j] + shrink) if j != i else -np.inf
            shared[j] = 0.0
        order = np.argsort(-likeness, kind="mergesort")
        for rank in range(min(keep, count)):
            if likeness[order[rank]] > 0.0:
                found[i, rank] = some[order[rank]]
                value[i, rank] = likeness[order[rank]]
    return found, value
