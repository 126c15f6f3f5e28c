"""Many customers a block at a time: what is worked out on the way then stays in fast memory."""

from collections.abc import Callable

import numpy as np

from retention_lab.arrays import Floats

_ROWS = 16_384


def in_blocks(predict: Callable[[Floats], Floats], values: Floats) -> Floats:
    """What `predict` says of (n, d) values, in their order; it takes (m, d) and gives (m, …), row by row.

    >>> in_blocks(lambda rows: 2 * rows, np.array([[1.0], [3.0]])).tolist()
    [[2.0], [6.0]]
    """
    if len(values) <= _ROWS:
        return predict(values)
    first = predict(values[:_ROWS])
    found = np.empty((len(values), *first.shape[1:]))
    found[:_ROWS] = first
    for start in range(_ROWS, len(values), _ROWS):
        found[start : start + _ROWS] = predict(values[start : start + _ROWS])
    return found
