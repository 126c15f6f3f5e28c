"""How strong an unmeasured cause of who got an offer would have to be to undo a conclusion.

Where nobody drew the arms at random, an average effect stands or falls with the features: a cause that is
not among them, and that moved both the choice and the outcome, makes it wrong. The marginal sensitivity model
asks how wrong: the odds of getting the arm, given the features and that cause, may differ from the odds given
the features alone by a factor of `strength` either way. Within that, the effect lies between two bounds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate
from retention_lab.uplift.nuisances import Nuisances
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.worth import Worth

STRENGTHS = (1.1, 1.25, 1.5, 2.0, 3.0)
LARGEST_STRENGTH = 100.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """low, high: least and largest effect that a cause of this strength allows, each with an interval."""

    strength: float
    low: Estimate
    high: Estimate


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """effect: as it stands if the features hold everything that matters, per head.

    tips_at: the strength at which the bounds reach 0. undecided_at: the one at which 0 lies within the bounds
    or their intervals, so that the sign is no longer shown; 1 where it is not shown without a hidden cause
    either. None: not even at LARGEST_STRENGTH. bounds: at each of STRENGTHS; meaning: all of it in words.
    """

    effect: Estimate
    tips_at: float | None
    undecided_at: float | None
    bounds: tuple[Bounds, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two policies, (n,) arms each, the second to be taken off the first; name: of it, within a sentence."""

    policy: Ints
    other: Ints
    name: str


def average_effect_sensitivity(
    sample: UpliftSample, nuisances: Nuisances, arms: Sequence[str], *, confidence: float = 0.95
) -> dict[str, Sensitivity]:
    """`sensitivity` of each offer's average effect, in the outcome's unit, by the offer's name.

    arms: names, control first. Raises LabError as `sensitivity` does.
    """
    control = np.zeros(len(sample), dtype=np.int64)
    return {
        name: sensitivity(
            sample,
            nuisances,
            Comparison(control + k, control, f"the average effect of {name}"),
            confidence=confidence,
        )
        for k, name in enumerate(arms[1:], start=1)
    }


def sensitivity(
    sample: UpliftSample,
    nuisances: Nuisances,
    comparison: Comparison,
    worth: Worth | None = None,
    *,
    confidence: float = 0.95,
) -> Sensitivity:
    """How far a hidden cause could move what one policy earns over another, per head, net where `worth` says.

    nuisances: cross-fitted, with estimated propensities. The bounds are those of the augmented estimator with
    normalised weights. They hold for every hidden cause of that strength, and are cautious: the weights need
    only average to 1 over all customers, while among customers alike in features they would have to as well,
    which the sharpest bounds use (Dorn and Guo, arXiv:2102.04543). The intervals take the nuisances as given.

    Raises LabError where propensities were logged (then nothing hidden drove the choice), where the policies
    never differ, and where no customer got what a policy would have given.
    Source: Tan (2006), JASA 101(476), doi:10.1198/016214506000000023; Zhao, Small, Bhattacharya (2019),
    Journal of the Royal Statistical Society B 81(4), doi:10.1111/rssb.12327.
    """
    contrast = _contrast(sample, nuisances, comparison, worth or Worth(), confidence)
    effect = contrast.bound(1.0, upwards=False)
    sign = 1.0 if effect.value >= 0 else -1.0

    def nearest(strength: float) -> Estimate:
        return contrast.bound(strength, upwards=sign < 0).scaled(sign)

    tips_at = _where_it_reaches_zero(lambda strength: nearest(strength).value)
    undecided_at = _where_it_reaches_zero(lambda strength: nearest(strength).low)
    bounds = tuple(contrast.bounds(strength) for strength in STRENGTHS)
    return Sensitivity(
        effect, tips_at, undecided_at, bounds, _meaning(comparison.name, tips_at, undecided_at)
    )


def effect_bounds(
    sample: UpliftSample,
    nuisances: Nuisances,
    comparison: Comparison,
    strength: float,
    worth: Worth | None = None,
    *,
    confidence: float = 0.95,
) -> Bounds:
    """The bounds of `sensitivity` at one strength, 1 or above: 1 leaves no room for a hidden cause.

    Raises LabError as `sensitivity` does, and for a strength below 1.
    """
    if not strength >= 1:
        raise LabError(f"The strength is {strength:g}.", "Set it to 1 or above.", key="strength")
    return _contrast(sample, nuisances, comparison, worth or Worth(), confidence).bounds(strength)


@dataclass(frozen=True, slots=True)
class _Side:
    """Those who got what a policy would have given, where the policies differ; by falling residual.

    row: (m,) their rows; residual: (m,) outcome less what was predicted; odds: (m,) odds of not getting that
    arm; differs: (n,) 1 where the policies differ, else 0.
    """

    row: Ints
    residual: Floats
    odds: Floats
    differs: Floats

    def scores(self, strength: float, *, upwards: bool) -> Floats:
        """(n,) scores: their mean is the extreme of the weighted mean residual, times the share of rows that
        differ, and their spread that of its estimate.

        A hidden cause gives a row of propensity p the weight 1 + z (1 - p) / p, z between 1/strength and
        strength; the extreme has the largest weights above some residual, and the smallest below it.
        """
        heavy, light = 1 + strength * self.odds, 1 + self.odds / strength
        if not upwards:
            heavy, light = light, heavy
        totals = [_mixed(heavy * x, light * x) for x in (self.residual, np.ones_like(self.residual))]
        means = totals[0] / totals[1]
        cut = int(np.argmax(means) if upwards else np.argmin(means))
        weight = np.where(np.arange(len(self.row)) < cut, heavy, light)
        share = float(self.differs.mean())
        found = self.differs * means[cut]
        scale = share * len(found) / float(weight.sum())
        # at the extreme, moving the cut changes nothing to first order: the spread is that of fixed weights
        found[self.row] += scale * weight * (self.residual - means[cut])
        return np.asarray(found, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Contrast:
    """predicted: (n,) the difference by the outcome models; sides: of the policy, and of the other."""

    predicted: Floats
    sides: tuple[_Side, _Side]
    group: np.ndarray | None
    confidence: float

    def bounds(self, strength: float) -> Bounds:
        """Least and largest difference that a hidden cause of that strength allows."""
        return Bounds(strength, self.bound(strength, upwards=False), self.bound(strength, upwards=True))

    def bound(self, strength: float, *, upwards: bool) -> Estimate:
        """The largest difference, or the least."""
        mine, theirs = (
            side.scores(strength, upwards=up)
            for side, up in zip(self.sides, (upwards, not upwards), strict=True)
        )
        return mean_estimate(self.predicted + mine - theirs, self.group, confidence=self.confidence)


def _contrast(
    sample: UpliftSample, nuisances: Nuisances, comparison: Comparison, worth: Worth, confidence: float
) -> _Contrast:
    if not nuisances.estimated:
        raise LabError(
            "The probabilities of the arms were logged, so nothing hidden drove who got which.",
            "Ask this of observational data, where propensities are estimated.",
            key="propensity",
        )
    rows, policies = np.arange(len(sample)), (comparison.policy, comparison.other)
    differs = policies[0] != policies[1]
    if not differs.any():
        raise LabError(
            f"The two policies behind {comparison.name} never differ, so nothing hidden can tell them apart.",
            "Compare policies that choose differently for somebody.",
        )
    mean = nuisances.mean * worth.per_unit - worth.costs(sample.arm_count)
    residual = (sample.outcome - nuisances.mean[rows, sample.arm]) * worth.per_unit
    sides = []
    for policy in policies:
        got = np.flatnonzero(differs & (sample.arm == policy))
        if len(got) == 0:
            raise LabError(
                f"No customer got what one of the policies behind {comparison.name} would have given.",
                "Compare policies whose choices are seen in the data.",
            )
        got = got[np.argsort(-residual[got], kind="stable")]
        p = nuisances.propensity[got, sample.arm[got]]
        sides.append(_Side(got, residual[got], (1 - p) / p, differs.astype(np.float64)))
    predicted = np.where(differs, mean[rows, policies[0]] - mean[rows, policies[1]], 0.0)
    return _Contrast(predicted, (sides[0], sides[1]), sample.group, confidence)


def _mixed(first: Floats, rest: Floats) -> Floats:
    """(m + 1,): sum of the first i of `first` and of `rest` from there on, for i = 0..m."""
    before = np.concatenate([[0.0], np.cumsum(first)])
    after = np.concatenate([np.cumsum(rest[::-1])[::-1], [0.0]])
    return np.asarray(before + after, dtype=np.float64)


def _where_it_reaches_zero(distance: Callable[[float], float]) -> float | None:
    """The strength, to a hundredth of a percent, at which a falling distance is no longer above 0."""
    if distance(1.0) <= 0:
        return 1.0
    if distance(LARGEST_STRENGTH) > 0:
        return None
    low, high = 0.0, float(np.log(LARGEST_STRENGTH))
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (middle, high) if distance(float(np.exp(middle))) > 0 else (low, middle)
    return float(np.exp(high))


def _meaning(name: str, tips_at: float | None, undecided_at: float | None) -> str:
    if undecided_at == 1.0:
        return f"Even if the features hold everything that matters, {name} is not told from 0."
    cause = "a cause that the features do not hold"
    if tips_at is None:
        end = f"would not bring {name} to 0."
        return (
            f"Even {cause} and that changed the odds of the choice by a factor of {LARGEST_STRENGTH:g} {end}"
        )
    undecided = (
        "" if undecided_at is None else f" From {undecided_at:.2f} on, its sign is not shown any more."
    )
    return (
        f"If {cause} changed the odds of the choice by a factor of {tips_at:.2f} either way, and went along "
        f"with the outcome as closely as can be, {name} could be 0.{undecided} "
        "Whether there is such a cause, the data cannot say."
    )
