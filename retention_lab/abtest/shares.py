"""Planned shares of the arms, checked once for every way of assigning."""

import math
from collections.abc import Sequence

from retention_lab.errors import LabError

_SLACK = 1e-9  # sums of decimals such as 0.1 + 0.2 + 0.7


def require_shares(shares: Sequence[float]) -> tuple[float, ...]:
    """(K + 1,) shares of the arms, control first, as they are.

    Raises LabError where there are fewer than two, one is not above 0, or they do not sum to 1.
    """
    found = tuple(float(share) for share in shares)
    if len(found) < 2:
        raise LabError(
            f"There are planned shares for {len(found)} arms.",
            "Plan at least two: a control and one offer.",
            key="planned_shares",
        )
    for k, share in enumerate(found):
        if not 0 < share < 1:
            raise LabError(
                f"The planned share of arm {k} is {share}.",
                "Give each arm a share above 0 and below 1, or leave the arm out.",
                key="planned_shares",
            )
    total = math.fsum(found)
    if abs(total - 1) > _SLACK:
        raise LabError(
            f"The planned shares sum to {total:.10g}.",
            "Make them sum to 1; units that are to stay outside belong to the coverage.",
            key="planned_shares",
        )
    return found


def require_part(part: float, what: str, key: str) -> float:
    """A part of all units, above 0 and at most 1; raises LabError where it is not one."""
    if not 0 < part <= 1:
        raise LabError(f"{what} is {part}.", "Give a part above 0 and at most 1.", key=key)
    return float(part)
