"""Arrays as the files of a model: npz, never a pickle."""

import io
from collections.abc import Mapping

import numpy as np


def npz_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Named arrays as one npz file, numbers to the last bit; never an object that would need pickle.

    >>> round(float(npz_arrays(npz_bytes({"a": np.array([0.1])}))["a"][0]), 3)
    0.1
    """
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **{name: np.asarray(value) for name, value in arrays.items()})
    return out.getvalue()


def npz_arrays(data: bytes) -> dict[str, np.ndarray]:
    """The arrays that `npz_bytes` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        return {name: found[name] for name in found.files}
