"""Where a monotone function crosses zero, to the last digit and without a derivative."""

from collections.abc import Callable
from math import nextafter


def crossing(falls: Callable[[float], float], low: float, high: float, tolerance: float = 1e-15) -> float:
    """The x in [low, high] at which a falling function passes zero; an end of the interval if it never does.

    tolerance: relative. The function may be infinite, and may jump: the answer is then where it jumps.

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
        if high - low <= tolerance * abs(middle):
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


def last_positive(falls: Callable[[float], float], low: float, high: float, tolerance: float) -> float:
    """An x within `tolerance` below the place where a falling function passes zero, in few evaluations.

    For a function that costs much: straight lines between the ends (Illinois), with every third step a
    halving, so that jumps do no harm. The function is above zero at the answer, or else the answer is `low`.
    Source: Dowell and Jarratt (1971), BIT 11, doi:10.1007/BF01934364.

    >>> round(last_positive(lambda x: 2 - x * x, 0.0, 2.0, 1e-9), 7)
    1.4142136
    """
    at_low, at_high = falls(low), falls(high)
    if at_low <= 0 or at_high > 0:
        return low if at_low <= 0 else high
    steps, side = 0, 0
    while high - low > tolerance:
        steps += 1
        middle = low + (high - low) * (0.5 if steps % 3 == 0 else at_low / (at_low - at_high))
        middle = min(max(middle, low + tolerance / 3), high - tolerance / 3)
        value = falls(middle)
        if value > 0:
            low, at_low, at_high, side = middle, value, at_high / (2 if side > 0 else 1), 1
        else:
            high, at_high, at_low, side = middle, value, at_low / (2 if side < 0 else 1), -1
    return low
