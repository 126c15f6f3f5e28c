"""What a campaign caused in groups that were known before its draw: intended offers, segments, deciles.

Within such a group the draw was as random as in the whole, so each is measured like a campaign of its own.
Groups by what was drawn, sent or redeemed are none of these.
"""

from collections.abc import Sequence

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.ranks import ranking
from retention_lab.targeting.incremental import CampaignRows, GroupResult, check_rows, fact, increment


def by_group(
    rows: CampaignRows, group: Ints, names: Sequence[str], *, confidence: float = 0.95
) -> tuple[GroupResult, ...]:
    """Increment, cost and profit of each group as drawn, against none for all of it; in the order of `names`.

    group: (n,) 0..G-1, known before the draw; rows of no group have -1. The groups' totals add up to the
    campaign's but for what each group's own comparison and adjustment change.
    Each interval is for one group looked at alone: of twenty groups one misses.
    Raises LabError where a group has no name, or a row cannot have been logged.
    """
    if group.shape != rows.arm.shape or (len(group) and not -1 <= group.min() <= group.max() < len(names)):
        raise LabError(
            f"Some of the {len(group)} rows are in a group beyond the {len(names)} that have names.",
            "Give every row the position of its group, -1 for none.",
        )
    check_rows(rows)
    return tuple(_result(rows.part(group == g), name, confidence) for g, name in enumerate(names))


def by_intended_offer(
    rows: CampaignRows, offers: Sequence[str], *, confidence: float = 0.95
) -> tuple[GroupResult, ...]:
    """What the policy did for the customers it meant each offer for, whatever they then drew.

    offers: (K,) names. Customers meant for none are the first group, `none`: what they drew, they explored.
    """
    return by_group(rows, rows.intended, ["none", *offers], confidence=confidence)


def by_decile(
    rows: CampaignRows, score: Floats, groups: int = 10, *, confidence: float = 0.95
) -> tuple[GroupResult, ...]:
    """By the score that the plan gave each customer, highest first: `1` is the top tenth.

    score: (n,), known before the draw. Customers of equal score are in one group, so that groups may differ
    in size, and fewer than `groups` may be left. Where the score orders well, profits a head fall from the
    first group to the last.
    Raises LabError where a score is missing.
    """
    order = ranking(score)
    place = np.empty(len(score), dtype=np.int64)
    slices = order.groups(groups)[::-1]
    for number, each in enumerate(slices):
        place[order.row[each]] = number
    return by_group(rows, place, [str(g + 1) for g in range(len(slices))], confidence=confidence)


def _result(rows: CampaignRows, name: str, confidence: float) -> GroupResult:
    spent, treated = fact(float(rows.cost.sum())), rows.arm > 0
    contribution: Estimate | None = None
    profit: Estimate | None = None
    reason = None
    try:
        contribution = increment(rows, rows.contribution, treated, confidence=confidence)
        profit = increment(rows, rows.contribution, treated, cost=rows.cost, confidence=confidence)
    except LabError as error:
        reason = error.found
    return GroupResult(name, len(rows.arm), contribution, spent, profit, reason)
