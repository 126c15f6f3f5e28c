"""How well a score ranks customers by effect: per head, exact under ties, with honest intervals.

Every measure is a mean of effect scores weighted by rank, E[e w(R)], where R is the descending mid-rank of
the score in (0, 1). The ranks come from the same rows, so each row also moves the others' ranks; the standard
errors include that term. Where scores tie, the weight is the average over the ranks that the tie covers.

e: (n,) effect scores (gamma of the offer less gamma of control); score: (n,) any number that ranks customers,
from a model that has not seen these rows; group: (n,) customer of each row, or None. Each measure has a form
that takes rows ranked before, so that several of them sort once.
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate
from retention_lab.ranks import Ranking, ranking

_WINDOW = 0.05  # half-width, in ranks, over which the effect at a cut is averaged for the standard error


@dataclass(frozen=True, slots=True)
class Ranked:
    """(n,) effect scores, scores and customers, best score first, and the runs in which scores tie."""

    ranking: Ranking
    e: Floats
    score: Floats
    group: np.ndarray | None

    def by_row(self, terms: Floats) -> Floats:
        """(n,) terms in the order of the rows as they came."""
        return self.ranking.by_row(terms)


def ranked(e: Floats, score: Floats, group: np.ndarray | None = None) -> Ranked:
    """Sort rows by score, best first.

    Raises LabError where lengths differ, there are no rows, or a number is missing or infinite.
    """
    if len(e) != len(score) or len(e) == 0:
        raise LabError(
            f"There are {len(e)} effect scores and {len(score)} model scores.",
            "Give one of each per customer.",
        )
    if not np.isfinite(e).all():
        raise LabError("An effect score is missing or infinite.", "Correct or remove those rows.")
    order = ranking(score)
    return Ranked(order, e[order.row], score[order.row], None if group is None else group[order.row])


@dataclass(frozen=True, slots=True)
class GainCurve:
    """gain[i]: effect per head of all customers if the best shares[i] of them get the offer."""

    shares: tuple[float, ...]
    gain: tuple[Estimate, ...]


def qini(e: Floats, score: Floats, group: np.ndarray | None = None, *, confidence: float = 0.95) -> Estimate:
    """Area between the gain curve and the line of random targeting, in outcome per head; p-value against 0.

    The mean over units of e x (1/2 − R). Never divided by the average effect.
    Source: Radcliffe (2007), Direct Marketing Analytics Journal 1; variance as for rank statistics in
    Yadlowsky, Fleming, Shah, Brunskill, Wager (2025), JASA 120(549), doi:10.1080/01621459.2024.2393466.

    >>> round(qini(np.array([3.0, 1.0, 2.0, 0.0]), np.array([9.0, 2.0, 5.0, 1.0])).value, 6)
    0.3125
    """
    return qini_of(ranked(e, score, group), confidence=confidence)


def qini_of(rows: Ranked, *, confidence: float = 0.95) -> Estimate:
    """`qini` of rows that are ranked."""
    return mean_estimate(_qini_by_place(rows), rows.group, confidence=confidence)


def qini_difference(
    e: Floats, score_a: Floats, score_b: Floats, group: np.ndarray | None = None, *, confidence: float = 0.95
) -> Estimate:
    """Qini of a less Qini of b, paired on the same rows; p-value against 0."""
    terms = without_rounding(qini_terms(e, score_a) - qini_terms(e, score_b), e)
    return mean_estimate(terms, group, confidence=confidence)


def qini_terms(e: Floats, score: Floats) -> Floats:
    """(n,) terms whose mean is the Qini and whose spread is its uncertainty."""
    rows = ranked(e, score)
    return rows.by_row(_qini_by_place(rows))


def autoc(e: Floats, score: Floats, group: np.ndarray | None = None, *, confidence: float = 0.95) -> Estimate:
    """Average, over the share targeted, of the top's effect less the average effect; p-value against 0.

    Weighs the very top more than the Qini does. The weight is −log(R) − 1.
    Source: Yadlowsky, Fleming, Shah, Brunskill, Wager (2025), JASA 120(549),
    doi:10.1080/01621459.2024.2393466.
    """
    return autoc_of(ranked(e, score, group), confidence=confidence)


def autoc_of(rows: Ranked, *, confidence: float = 0.95) -> Estimate:
    """`autoc` of rows that are ranked."""
    a, b = rows.ranking.above, rows.ranking.through
    width = b - a
    log_b = np.log(b)
    log_a = np.concatenate([[0.0], log_b[:-1]])  # a run begins where the one before it ends
    weight = (a * log_a - b * log_b) / width
    by_through = -(log_b + 1 + weight) / width  # derivatives of the weight by either end of its ranks
    mass = rows.ranking.sums(rows.e) / len(rows.e)
    both = ((log_a + 1 + weight) / width + by_through) * mass
    both[0] = 0.0  # nothing ranks above the first run
    moved = np.cumsum(both[::-1])[::-1] - both + by_through * mass
    return mean_estimate(_terms(rows, weight, moved), rows.group, confidence=confidence)


def uplift_at(
    e: Floats, score: Floats, share: float, group: np.ndarray | None = None, *, confidence: float = 0.95
) -> Estimate:
    """Mean effect in the best `share` of the customers; a tie at the cut is taken in part; p-value against 0.

    Raises LabError when the share is not above 0 and at most 1.
    """
    return uplift_at_of(ranked(e, score, group), share, confidence=confidence)


def uplift_at_of(rows: Ranked, share: float, *, confidence: float = 0.95) -> Estimate:
    """`uplift_at` of rows that are ranked."""
    if not 0 < share <= 1:
        raise LabError(f"A share of {share} of the customers was asked for.", "Give one above 0, at most 1.")
    return mean_estimate(_top_terms(rows, share) / share, rows.group, confidence=confidence)


def gain_curve(
    e: Floats, score: Floats, points: int = 20, group: np.ndarray | None = None, *, confidence: float = 0.95
) -> GainCurve:
    """Effect per head of all, by share targeted from the best down, at each of `points` shares.

    In money where e is net value (`Worth.net_scores`); times the number of customers, it is the total.
    """
    return gain_curve_of(ranked(e, score, group), points, confidence=confidence)


def gain_curve_of(rows: Ranked, points: int = 20, *, confidence: float = 0.95) -> GainCurve:
    """`gain_curve` of rows that are ranked."""
    shares = tuple((i + 1) / points for i in range(points))
    gain = tuple(mean_estimate(_top_terms(rows, s), rows.group, confidence=confidence) for s in shares)
    return GainCurve(shares, gain)


def radcliffe_qini(outcome: Floats, arm: Ints, score: Floats) -> float:
    """The raw-count Qini of older tools, for readers who come from them: two arms, no interval.

    Area between Y_t − Y_c N_t / N_c (0 while N_c is 0) and its chord, over the share of customers targeted
    from the best score down, per treated head, so that the curve ends at the difference of the arms' means.
    Tied scores are one step.

    Raises LabError unless the arms are 0 and 1 and both have rows.
    Source: Radcliffe (2007), Direct Marketing Analytics Journal 1.
    """
    if set(np.unique(arm).tolist()) != {0, 1}:
        raise LabError(
            "The raw-count Qini compares one offer with control: arms 0 and 1.", "Keep those two arms' rows."
        )
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    treated = arm[order] == 1
    n_t, n_c = np.cumsum(treated)[ends], np.cumsum(~treated)[ends]
    y_t = np.cumsum(np.where(treated, outcome[order], 0.0))[ends]
    y_c = np.cumsum(np.where(treated, 0.0, outcome[order]))[ends]
    curve = np.where(n_c > 0, y_t - y_c * n_t / np.maximum(n_c, 1), 0.0) / n_t[-1]
    share = np.concatenate([[0.0], (ends + 1) / len(score)])
    return float(np.trapezoid(np.concatenate([[0.0], curve]), share) - curve[-1] / 2)


def included_share(order: Ranking, share: float) -> Floats:
    """(n,) by place: 1 within the best `share`, 0 after it, a part in the run that ties at the cut."""
    inside = np.zeros(len(order))
    if share <= 0:
        return inside
    cut = order.run_at(share)
    start, end = int(order.start[cut]), int(order.end[cut])
    inside[:start] = 1.0
    inside[start:end] = min(1.0, (share - order.above[cut]) / (order.through[cut] - order.above[cut]))
    return inside


def mean_near_cut(values: Floats, order: Ranking, share: float) -> float:
    """Mean of (n,) values by place near the best `share`: what one more customer is worth."""
    return float(np.mean(values[order.near(share, _WINDOW)]))


def without_rounding(terms: Floats, inputs: Floats) -> Floats:
    """Terms with those at the level of rounding set to 0, so that nothing is ever significant by rounding."""
    size = max(float(np.max(inputs, initial=0.0)), -float(np.min(inputs, initial=0.0)))
    return np.asarray(np.where(np.abs(terms) < 1e-13 * size, 0.0, terms), dtype=np.float64)


def _qini_by_place(rows: Ranked) -> Floats:
    order = rows.ranking
    mass = order.sums(rows.e) / len(rows.e)
    from_below = np.cumsum(mass[::-1])[::-1]
    # d/dR of the weight is −1: a row lowers everybody who ranks below it
    return _terms(rows, 0.5 - (order.above + order.through) / 2, mass / 2 - from_below)


def _terms(rows: Ranked, weight: Floats, moved: Floats) -> Floats:
    """(n,) e x weight, plus what the row does to the others' ranks, centred so that the mean stays.

    weight, moved: (b,) by run.
    """
    ranks = rows.ranking.spread(moved)
    terms = rows.e * rows.ranking.spread(weight)
    terms += ranks - ranks.mean()
    return without_rounding(terms, rows.e)


def _top_terms(rows: Ranked, share: float) -> Floats:
    """(n,) terms whose mean is E[e 1(R < share)]: effect per head of all when the best `share` is treated.

    Sampling moves the cut; a row above it pushes others out, who are worth the mean effect near the cut.
    """
    if share >= 1:
        return rows.e
    at_cut = mean_near_cut(rows.e, rows.ranking, share)
    return np.asarray(included_share(rows.ranking, share) * (rows.e - at_cut) + share * at_cut)
