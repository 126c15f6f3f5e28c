"""Do rules hold in baskets that they were not mined from?

The strongest of many rules are strong partly by luck: in other baskets their lift falls. How far it falls is
the measure of how much of what was mined is there to be used.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.recommend.association import Association, false_discovery_rate
from retention_lab.recommend.baskets import Baskets
from retention_lab.recommend.mine_rules import MinedRules

DISCOVERY = 0.05  # the false discovery rate at which a rule counts as confirmed
_BLOCKS = 20


@dataclass(frozen=True, slots=True)
class RuleEvidence:
    """mined, other: the rules where they were found, and in baskets that they were not found in.

    confirmed: (r,) whether the two sides come together in the others more often than by chance, at a false
    discovery rate of .05 over these rules. mean_lift: over the rules, in the other baskets; mean_mined_lift:
    where they were found; lift_kept: the one as a share of the other.
    """

    mined: Association
    other: Association
    confirmed: Bools
    mean_mined_lift: float
    mean_lift: Estimate
    lift_kept: Estimate


def rule_evidence(rules: MinedRules, other: Baskets) -> RuleEvidence:
    """How the rules do in other baskets.

    Intervals are of the other baskets: a jackknife over 20 random blocks of them. A rule one of whose sides
    no other basket holds has no lift there, and is left out of the means.
    Raises LabError where there is no rule, fewer than 20 baskets, or no rule has a lift.
    Source of the jackknife: Efron and Stein (1981), Annals of Statistics 9(3), doi:10.1214/aos/1176345462.
    """
    if not len(rules.whole):
        raise LabError(
            "There is no rule to look up in other baskets.", "Lower the support or the confidence."
        )
    if len(other) < _BLOCKS:
        raise LabError(
            f"{len(other)} other baskets are too few to look rules up in.", f"Provide at least {_BLOCKS}."
        )
    block = np.random.default_rng(0).permutation(len(other)) % _BLOCKS
    parts = [rules.on(other.take(np.asarray(block == one))) for one in range(_BLOCKS)]
    total = _added(parts)
    mined = rules.association
    known = ~np.isnan(total.lift)
    if not known.any():
        raise LabError("No rule's items are in the other baskets.", "Provide baskets of the same shop.")
    without = [_less(total, part) for part in parts]
    expected = float(np.mean(mined.lift[known]))
    means = np.array([np.nanmean(one.lift[known]) for one in without])
    value = float(np.mean(total.lift[known]))
    rate = false_discovery_rate(total.p_value(), len(total.both))
    mean = _jackknife(value, means)
    return RuleEvidence(
        mined, total, np.asarray(rate <= DISCOVERY), expected, mean, mean.scaled(1 / expected)
    )


def _added(parts: list[Association]) -> Association:
    both, left, right = (
        np.sum([getattr(one, side) for one in parts], axis=0) for side in ("both", "left", "right")
    )
    return Association(both, left, right, sum(one.baskets for one in parts))


def _less(total: Association, part: Association) -> Association:
    return Association(
        total.both - part.both,
        total.left - part.left,
        total.right - part.right,
        total.baskets - part.baskets,
    )


def _jackknife(value: float, without: Floats) -> Estimate:
    blocks = len(without)
    se = float(np.sqrt((blocks - 1) / blocks * np.sum((without - without.mean()) ** 2)))
    half = float(student.ppf(0.975, blocks - 1)) * se
    return Estimate(value, se, value - half, value + half)
