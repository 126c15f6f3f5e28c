"""The loops of `ease`, compiled."""

from numba import njit

_BLOCK = 64


@njit(cache=True, nogil=True)
def count_pairs(indptr, indices, total):  # type: ignore[no-untyped-def]  # compiled
    """Add to the lower half of (m, m) `total` in how many rows two columns stand together.

    indices: ascending within a row.
    """
    for row in range(len(indptr) - 1):
        for a in range(indptr[row], indptr[row + 1]):
            i = indices[a]
            for b in range(indptr[row], a + 1):
                total[i, indices[b]] += 1


@njit(cache=True, nogil=True)
def mirror(square):  # type: ignore[no-untyped-def]  # compiled
    """Copy the lower half of a square matrix to its upper half, block by block, which the cache likes."""
    n = len(square)
    for i0 in range(0, n, _BLOCK):
        for j0 in range(0, i0 + 1, _BLOCK):
            for i in range(i0, min(i0 + _BLOCK, n)):
                for j in range(j0, min(j0 + _BLOCK, i)):
                    square[j, i] = square[i, j]
