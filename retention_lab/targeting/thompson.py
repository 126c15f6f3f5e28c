"""Exploration that asks most where the model is unsure which offer is best, with exact chances.

Under each draw of the effects from their posterior another plan is the best. How often an arm is a customer's
choice over the draws is the chance with which Thompson sampling would give it, and as a share of draws that
were made before the launch it is known exactly: it enters the logged propensities as `Roles.favoured`.

Source: Thompson (1933), Biometrika 25(3/4), doi:10.1093/biomet/25.3-4.285; Chapelle and Li (2011), NIPS 24.
"""

from collections.abc import Iterable

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.targeting.allocate import allocate


def thompson_frequencies(
    draws: Iterable[Floats], cost: Floats, budget: float | None, key: Floats | None = None
) -> Floats:
    """(n, K + 1) how often each arm is chosen over the draws, none first; rows sum to one.

    draws: M times the (n, K) values of the offers, each from one draw of all effects together; -inf where an
    offer cannot be made. An (M, n, K) array will do. cost, budget, key: as `allocate` takes them.
    Raises LabError where there is no draw, or as `allocate` does.

    >>> draws = np.array([[[1.0, 2.0]], [[3.0, 2.0]], [[1.0, 4.0]], [[-1.0, -2.0]]])
    >>> thompson_frequencies(draws, np.ones((1, 2)), None)
    array([[0.25, 0.25, 0.5 ]])
    """
    rows, found = np.arange(len(cost)), np.zeros((len(cost), cost.shape[1] + 1))
    count = 0
    for value in draws:
        found[rows, allocate(np.asarray(value, dtype=np.float64), cost, budget, key).arm] += 1
        count += 1
    if not count:
        raise LabError("No draw of the effects is given.", "Draw at least one, better fifty.")
    return np.asarray(found / count, dtype=np.float64)
