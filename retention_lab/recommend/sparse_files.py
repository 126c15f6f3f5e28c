"""Sparse matrices as npz arrays."""

import numpy as np
from scipy import sparse

from retention_lab.array_files import npz_arrays, npz_bytes


def sparse_bytes(matrix: sparse.csr_matrix) -> bytes:
    """A sparse matrix as one npz file.

    >>> sparse_arrays(sparse_bytes(sparse.csr_matrix([[0.0, 2.0]]))).toarray().tolist()
    [[0.0, 2.0]]
    """
    shape = np.array(matrix.shape)
    return npz_bytes(
        {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": shape}
    )


def sparse_arrays(data: bytes) -> sparse.csr_matrix:
    """The matrix that `sparse_bytes` wrote."""
    found = npz_arrays(data)
    shape = (int(found["shape"][0]), int(found["shape"][1]))
    return sparse.csr_matrix((found["data"], found["indices"], found["indptr"]), shape=shape)
