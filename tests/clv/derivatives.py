"""Slopes and curvatures of a likelihood by finite differences."""

from collections.abc import Callable

import numpy as np

from retention_lab.arrays import Floats


def slopes(value_of: Callable[[Floats], float], at: Floats, step: float = 1e-5) -> Floats:
    found = []
    for k in range(len(at)):
        move = np.zeros(len(at))
        move[k] = step * at[k]
        found.append((value_of(at + move) - value_of(at - move)) / (2 * step * at[k]))
    return np.array(found)


def curvatures(slope_of: Callable[[Floats], Floats], at: Floats, step: float = 1e-5) -> Floats:
    found = []
    for k in range(len(at)):
        move = np.zeros(len(at))
        move[k] = step * at[k]
        found.append((slope_of(at + move) - slope_of(at - move)) / (2 * step * at[k]))
    return np.array(found)
