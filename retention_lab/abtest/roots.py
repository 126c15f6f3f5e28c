"""Where a monotone function crosses zero, to the last digit and without a derivative."""

from collections.abc import Callable
from math import nextafter


def crossing(falls: Callable[[float], float], low: float, high: float) -> float:
    """The x in [low, high] at which a falling function passes zero; an end of the interval if it never does.

    The function may be infinite, and may jump: then the answer is where it jumps past zero.

    >>> round(crossing(lambda x: 2 - x * x, 0.0, 2.0), 12)
    1.414213562373
    """
    if falls(low) <= 0:
        return low
    if falls(high) >= 0:
        return high
    while nextafter(low, high) < high:
        middle = low + (high - low) / 2
        if falls(middle) > 0:
            low = middle
        else:
            high = middle
        if high - low <= 1e-15 * abs(middle):
            break
    return low + (high - low) / 2


def last_true(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Largest number in [low, high] at which a condition holds; it holds at `low` and, once false, stays so.

    >>> last_true(lambda k: k * k <= 50, 0, 100)
    7
    """
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low
