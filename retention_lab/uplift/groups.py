"""Average effects of groups of customers, from the lowest predicted effect to the highest (GATES)."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate, several_units
from retention_lab.uplift.ranking import Ranked, mean_near_cut, ranked


@dataclass(frozen=True, slots=True)
class EffectGroup:
    """predicted: mean score; effect: observed, with its own interval, p-value against 0; low, high: the band
    that holds for all groups at once; rows: how many."""

    predicted: float
    effect: Estimate
    low: float
    high: float
    rows: int


@dataclass(frozen=True, slots=True)
class GroupEffects:
    """groups: lowest predicted effect first; each: confidence of each group's own band, so that all hold.

    top_less_bottom: effect of the last group less that of the first, p-value against 0 (two-sided);
    p_greater: one-sided, of "the top is not above the bottom".
    """

    groups: tuple[EffectGroup, ...]
    each: float
    top_less_bottom: Estimate
    p_greater: float


def group_effects(
    e: Floats,
    score: Floats,
    groups: int = 5,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> GroupEffects:
    """Effect of each group, cut by mid-rank of the (n,) predicted effects so that ties keep together.

    e: (n,) effect scores; group: (n,) customer of each row, or None. The truth of a group is the mean effect
    of the population's customers in the same ranks. The bands hold together with `confidence`: they rest on
    the largest of independent |t|, which is exact where no customer has rows in two groups, and by Šidák's
    inequality enough whatever the correlation. With fewer than about a hundred buyers in the smaller arm of a
    group, heavily skewed spend makes them too short.

    Raises LabError when ties leave fewer than two groups with a spread.
    Source: Chernozhukov, Demirer, Duflo, Fernández-Val (2018), arXiv:1712.04802 (group average effects);
    Šidák (1967), JASA 62(318), doi:10.1080/01621459.1967.10482935.
    """
    return group_effects_of(ranked(e, score, group), groups, confidence=confidence)


def group_effects_of(rows: Ranked, groups: int = 5, *, confidence: float = 0.95) -> GroupEffects:
    """`group_effects` of rows that are ranked."""
    cuts = [
        places
        for places in rows.ranking.groups(groups)
        if several_units(places.stop - places.start, None if rows.group is None else rows.group[places])
    ]
    if len(cuts) < 2:
        raise LabError(
            f"The predicted effects of {len(rows.e)} rows tie so much that they make {len(cuts)} groups.",
            "Compare averages instead: a constant prediction tells no customers apart.",
        )
    terms = [_terms(rows, places) for places in cuts]
    each = confidence ** (1 / len(cuts))
    found = tuple(
        _group(rows, places, mine, confidence, each) for places, mine in zip(cuts, terms, strict=True)
    )
    difference = mean_estimate(terms[-1] - terms[0], rows.group, confidence=confidence)
    return GroupEffects(found, each, difference, _one_sided(difference))


def _group(rows: Ranked, places: slice, terms: Floats, confidence: float, each: float) -> EffectGroup:
    effect = mean_estimate(terms, rows.group, confidence=confidence)
    band = mean_estimate(terms, rows.group, confidence=each)
    predicted, size = float(np.mean(rows.score[places])), places.stop - places.start
    return EffectGroup(predicted, effect, band.low, band.high, size)


def _terms(rows: Ranked, places: slice) -> Floats:
    """(n,) terms whose mean is the group's mean effect, and whose spread is its uncertainty.

    Both cuts move with the sample: rows that come in are worth the mean effect near the cut, not the group's.
    """
    n = len(rows.e)
    share = (places.stop - places.start) / n
    inside = rows.e[places]
    mean = float(np.mean(inside))
    terms = np.full(n, mean)
    terms[places] += (inside - mean) / share
    for cut, sign in ((places.stop, 1.0), (places.start, -1.0)):
        if 0 < cut < n and _moves(rows, cut):
            above = cut / n
            step = sign * (mean - mean_near_cut(rows.e, rows.ranking, above)) / share
            terms -= step * above
            terms[:cut] += step
    return terms


def _moves(rows: Ranked, cut: int) -> bool:
    """Whether sampling moves a cut. Next to a tie wider than the cut's own standard error, it does not."""
    order, n = rows.ranking, len(rows.e)
    last = int(np.searchsorted(order.start, cut)) - 1  # the run that ends at the cut
    width = max(order.end[i] - order.start[i] for i in (last, last + 1)) / n
    return bool(width <= sqrt(cut / n * (1 - cut / n) / n))


def _one_sided(difference: Estimate) -> float:
    two_sided = 1.0 if difference.p_value is None else difference.p_value
    return two_sided / 2 if difference.value > 0 else 1 - two_sided / 2
