"""A population whose ranking, groups and policy are known exactly: two uniform features, one offer.

Feature a is what the model's score sees; b moves the outcome, and on observational rows also the choice of
arm. The mean effect is a straight line in a, so every truth is an integral over a.
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.off_policy import doubly_robust

LEVELS = np.array([0.05, 0.2, 0.45, 0.6, 0.85])  # where a score with ties steps up
_GRID = (np.arange(200_000) + 0.5) / 200_000
_AMOUNT = 40.0  # mean amount of a purchase; lognormal with sigma 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """P(event): base + slope x b without the offer, plus lift x (a − start) + tilt x (b − .5) with it.

    rows: of one sample; money: whether an event is a purchase of a lognormal amount; wrong: what the outcome
    models predict where b is 0, falling to 0 where it is 1, blind to the offer.
    """

    rows: int
    base: float
    slope: float
    lift: float
    start: float
    tilt: float
    wrong: float
    money: bool = False

    @property
    def unit(self) -> float:
        """Outcome per event, on average."""
        return _AMOUNT if self.money else 1.0


OUTCOMES = {
    "binary": Outcome(4_000, 0.15, 0.10, 0.16, 0.2, 0.05, 0.3),
    "rare": Outcome(20_000, 0.01, 0.01, 0.02, 0.25, 0.004, 0.03),
    "money": Outcome(40_000, 0.08, 0.04, 0.08, 0.2, 0.02, 8.0, money=True),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """One sample: features (n, 2); arm, outcome, propensity: (n,), (n,), (n, 2); mean: (n, 2) what outcome
    models that are wrong say; effect: (n,) predicted; random: a score that knows nothing; pair: two scores
    that know equally much."""

    features: Floats
    arm: Ints
    outcome: Floats
    propensity: Floats
    mean: Floats
    effect: Floats
    random: Floats
    pair: tuple[Floats, Floats]

    @property
    def gamma(self) -> Floats:
        """(n, 2) doubly robust scores by the propensities that drew the arms, and by the wrong models."""
        return doubly_robust(self.outcome, self.arm, self.propensity, self.mean)


@dataclass(frozen=True, slots=True)
class Truth:
    """What the estimates of a population are of. tops: by share; groups: lowest first."""

    policy_value: float
    qini: float
    autoc: float
    tops: dict[float, float]
    groups: Floats


def draw(outcome: Outcome, design: str, ties: bool, seed: int) -> Rows:
    """A sample, its propensities known row by row, with outcome models that are wrong."""
    rng = np.random.default_rng(seed)
    n = outcome.rows
    a, b = rng.random(n), rng.random(n)
    p = treated_share(design, b)
    arm = (rng.random(n) < p).astype(np.int64)
    event = rng.random(n) < _chance(outcome, a, b, arm)
    amount = rng.lognormal(np.log(_AMOUNT) - 0.5, 1.0, n) if outcome.money else 1.0
    mean = np.repeat((outcome.wrong * (1 - b))[:, None], 2, axis=1)
    noise = rng.normal(size=(3, n))
    random, first, second = noise[0], a + 0.3 * noise[1], a + 0.3 * noise[2]
    if ties:
        random, first, second = (np.round(3 * score) for score in (random, first, second))
    features, chances = np.column_stack([a, b]), np.column_stack([1 - p, p])
    return Rows(features, arm, event * amount, chances, mean, predicted(a, ties), random, (first, second))


def treated_share(design: str, b: Floats) -> Floats:
    """(n,) probability of the offer: the same for all in an experiment, more where b is high otherwise."""
    if design == "observational":
        return 0.2 + 0.6 * b
    return np.full(len(b), {"half": 0.5, "unequal": 0.85}[design])


def predicted(a: Floats, ties: bool) -> Floats:
    """(n,) the model's effect: its order and sign matter here, not its scale."""
    seen = np.searchsorted(LEVELS, a, side="right") / len(LEVELS) if ties else a
    return np.asarray(seen - 0.35, dtype=np.float64)


def truth(outcome: Outcome, ties: bool) -> Truth:
    """Integrals over the population, by the midpoint rule."""
    a = _GRID
    effect = outcome.unit * outcome.lift * (a - outcome.start)
    control = outcome.unit * (outcome.base + outcome.slope / 2)
    if ties:  # rows that tie share their ranks, and thereby their mean effect
        level = np.searchsorted(LEVELS, a, side="right")
        effect = (np.bincount(level, weights=effect) / np.bincount(level))[level]
    rank = 1 - a
    number = np.minimum(5 * a, 4).astype(np.int64)
    if ties:
        edges = np.concatenate([[0.0], LEVELS, [1.0]])
        number = (5 * (edges[1:] + edges[:-1]) / 2).astype(np.int64)[level]
    return Truth(
        float(control + np.mean(effect * (predicted(a, ties) > 0))),
        float(np.mean(effect * (0.5 - rank))),
        float(np.mean(effect * (-np.log(rank) - 1))),
        {share: float(np.mean(effect[rank < share])) for share in (0.1, 0.2, 0.3)},
        np.bincount(number, weights=effect) / np.bincount(number),
    )


def _chance(outcome: Outcome, a: Floats, b: Floats, arm: Ints) -> Floats:
    control = outcome.base + outcome.slope * b
    return control + arm * (outcome.lift * (a - outcome.start) + outcome.tilt * (b - 0.5))
