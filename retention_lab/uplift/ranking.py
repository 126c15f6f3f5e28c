"""How well a score ranks customers by effect: per head, exact under ties, with honest intervals.

Every measure is a mean of effect scores weighted by rank, E[e w(R)], where R is the descending mid-rank of
the score in (0, 1). The ranks come from the same rows, so each row also moves the others' ranks; the standard
errors include that term. Where scores tie, the weight is the average over the ranks that the tie covers.

e: (n,) effect scores (gamma of the offer less gamma of control); score: (n,) any number that ranks customers,
from a model that has not seen these rows; group: (n,) customer of each row, or None.
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate

_WINDOW = 0.05  # half-width, in ranks, over which the effect at a cut is averaged for the standard error


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
    return mean_estimate(qini_terms(e, score), group, confidence=confidence)


def qini_difference(
    e: Floats, score_a: Floats, score_b: Floats, group: np.ndarray | None = None, *, confidence: float = 0.95
) -> Estimate:
    """Qini of a less Qini of b, paired on the same rows; p-value against 0."""
    return mean_estimate(qini_terms(e, score_a) - qini_terms(e, score_b), group, confidence=confidence)


def qini_terms(e: Floats, score: Floats) -> Floats:
    """(n,) terms whose mean is the Qini and whose spread is its uncertainty."""
    blocks = rank_blocks(e, score)
    middle = (blocks.above + blocks.through) / 2
    # d/dR of the weight is −1: a row lowers everybody who ranks below it
    moved = -(blocks.mass_from_below() - blocks.mass / 2)
    return blocks.terms(e, 0.5 - middle, moved)


def autoc(e: Floats, score: Floats, group: np.ndarray | None = None, *, confidence: float = 0.95) -> Estimate:
    """Average, over the share targeted, of the top's effect less the average effect; p-value against 0.

    Weighs the very top more than the Qini does. The weight is −log(R) − 1.
    Source: Yadlowsky, Fleming, Shah, Brunskill, Wager (2025), JASA 120(549),
    doi:10.1080/01621459.2024.2393466.
    """
    blocks = rank_blocks(e, score)
    a, b, width = blocks.above, blocks.through, blocks.through - blocks.above
    log_a = np.log(np.where(a > 0, a, 1.0))
    weight = (a * log_a - b * np.log(b)) / width
    by_above = (log_a + 1 + weight) / width  # derivative of the weight by either end of its ranks
    by_through = -(np.log(b) + 1 + weight) / width
    both = np.where(a > 0, by_above + by_through, 0.0) * blocks.mass
    moved = np.cumsum(both[::-1])[::-1] - both + by_through * blocks.mass
    return mean_estimate(blocks.terms(e, weight, moved), group, confidence=confidence)


def uplift_at(
    e: Floats, score: Floats, share: float, group: np.ndarray | None = None, *, confidence: float = 0.95
) -> Estimate:
    """Mean effect in the best `share` of the customers; a tie at the cut is taken in part; p-value against 0.

    Raises LabError when the share is not above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise LabError(f"A share of {share} of the customers was asked for.", "Give one above 0, at most 1.")
    blocks = rank_blocks(e, score)
    terms = top_terms(e, blocks, share) / share
    return mean_estimate(terms, group, confidence=confidence)


def gain_curve(
    e: Floats, score: Floats, points: int = 20, group: np.ndarray | None = None, *, confidence: float = 0.95
) -> GainCurve:
    """Effect per head of all, by share targeted from the best down, at each of `points` shares."""
    blocks = rank_blocks(e, score)
    shares = tuple((i + 1) / points for i in range(points))
    gain = tuple(mean_estimate(top_terms(e, blocks, share), group, confidence=confidence) for share in shares)
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


@dataclass(frozen=True, slots=True)
class Blocks:
    """Runs of tied scores, best first.

    row: (n,) block of each row; above, through: (b,) share of rows better than the block, and up to its end;
    mass: (b,) sum of the block's e over n.
    """

    row: Ints
    above: Floats
    through: Floats
    mass: Floats

    def mass_from_below(self) -> Floats:
        """(b,) mass of the block and of all that rank below it."""
        return np.asarray(np.cumsum(self.mass[::-1])[::-1], dtype=np.float64)

    def terms(self, e: Floats, weight: Floats, moved: Floats) -> Floats:
        """(n,) e x weight, plus what the row does to the others' ranks, centred so that the mean stays."""
        ranking = moved[self.row]
        return without_rounding(e * weight[self.row] + ranking - ranking.mean(), e)


def rank_blocks(e: Floats, score: Floats) -> Blocks:
    """Runs of tied scores with their mass of e; raises LabError where a score is missing or infinite."""
    if len(e) != len(score) or len(e) == 0:
        raise LabError(
            f"There are {len(e)} effect scores and {len(score)} model scores.",
            "Give one of each per customer.",
        )
    if not (np.isfinite(e).all() and np.isfinite(score).all()):
        raise LabError("A score is missing or infinite, so customers cannot be ranked.", "Correct the model.")
    best_first = np.argsort(-score)
    ranked = score[best_first]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    ends = np.append(starts[1:], len(e))
    row = np.empty(len(e), dtype=np.int64)
    row[best_first] = np.repeat(np.arange(len(starts)), ends - starts)
    mass = np.add.reduceat(e[best_first], starts) / len(e)
    return Blocks(row, starts / len(e), ends / len(e), np.asarray(mass, dtype=np.float64))


def without_rounding(terms: Floats, inputs: Floats) -> Floats:
    """Terms with those at the level of rounding set to 0, so that nothing is ever significant by rounding."""
    size = float(np.max(np.abs(inputs), initial=0.0))
    return np.asarray(np.where(np.abs(terms) < 1e-13 * size, 0.0, terms), dtype=np.float64)


def top_terms(e: Floats, blocks: Blocks, share: float) -> Floats:
    """(n,) terms whose mean is E[e 1(R < share)]: effect per head of all when the best `share` is treated.

    Sampling moves the cut; a row above it pushes others out, who are worth the mean effect near the cut.
    """
    included = included_share(blocks, share)[blocks.row]
    if share >= 1:
        return np.asarray(e, dtype=np.float64)
    at_cut = mean_near_cut(e, blocks, share)
    return np.asarray(included * (e - at_cut) + share * at_cut, dtype=np.float64)


def mean_near_cut(values: Floats, blocks: Blocks, share: float) -> float:
    """Mean of (n,) values over the rows that rank near the best `share`: what one more customer is worth."""
    near = (blocks.through > share - _WINDOW) & (blocks.above < share + _WINDOW)
    return float(np.mean(values[near[blocks.row]]))


def included_share(blocks: Blocks, share: float) -> Floats:
    """(b,) part of each block that lies within the best `share`."""
    inside = np.clip((share - blocks.above) / (blocks.through - blocks.above), 0.0, 1.0)
    return np.asarray(inside, dtype=np.float64)
