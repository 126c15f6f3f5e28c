"""Who can be persuaded by which offer, and whom contact drives away: interactions of several visible traits."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.simulate.customers import CHANNELS, REGIONS, People
from retention_lab.simulate.difficulty import Difficulty
from retention_lab.simulate.offers import ARMS

_OPEN_SHARE = np.array([0.20, 0.14, 0.18, 0.18, 0.18])  # of all customers, about half open or more, by offer
_STEEPNESS = 4.0


@dataclass(frozen=True, slots=True)
class Persuasion:
    """openness: (n, K+1) in 0..1, `none` 0, how much of an offer's pull reaches the customer.

    sleeping_dog: (n,) whether contact drives the customer away; quits: (n,) probability per contact that it does.
    """

    openness: Floats
    sleeping_dog: Bools
    quits: Floats


def draw_persuasion(people: People, difficulty: Difficulty, rng: np.random.Generator) -> Persuasion:
    """Score everybody on visible interactions, blur the score by what nobody sees, and cut at fixed shares."""
    visible = np.stack([*_open_to(people), _easily_annoyed(people)], axis=1)
    spread = visible.std(0)
    visible = (visible - visible.mean(0)) / np.where(spread > 0, spread, 1.0)
    share = difficulty.feature_signal
    score = np.sqrt(share) * visible + np.sqrt(1 - share) * rng.standard_normal(visible.shape)
    dog = _top(score[:, -1], difficulty.sleeping_dogs)
    openness = np.zeros((len(people), len(ARMS)))
    for k, open_share in enumerate(_OPEN_SHARE):
        threshold = np.quantile(score[:, k], 1 - open_share)
        openness[:, k + 1] = _gate(_STEEPNESS * (score[:, k] - threshold))
    openness[dog] = 0.0
    anger = np.where(dog, 0.3 + 0.25 * rng.random(len(people)), 0.0)
    return Persuasion(openness, dog, 1 - (1 - anger) ** difficulty.effect_size)


def _open_to(people: People) -> list[Floats]:
    """(n,) visible openness to each offer; each is high only where several traits come together."""
    young, older = _gate((45 - people.age) / 4), _gate((people.age - 42) / 4)
    dear, cheap = _gate(9 * (0.52 - people.price_sensitivity)), _gate(9 * (people.price_sensitivity - 0.52))
    digital = _among(people.channel, CHANNELS, ("web", "app", "marketplace"))
    known = _among(people.channel, CHANNELS, ("web", "store", "referral"))
    remote = _among(people.region, REGIONS, ("north", "east", "islands"))
    status = 0.1 + 0.9 * (people.tier >= 1)
    return [
        cheap * older * digital,
        cheap * young * digital,
        status * young * (0.4 + 0.6 * dear),
        remote * known * (0.25 + 0.75 * (people.level <= 1)),
        _gate(14 * (people.taste[:, 2] + people.taste[:, 5] + people.taste[:, 7] - 0.45))
        * (1.1 - remote)
        * dear,
    ]


def _easily_annoyed(people: People) -> Floats:
    """(n,) visible proneness to leave when contacted: older, not after bargains, in touch by other ways."""
    older = _gate((people.age - 46) / 4)
    dear = _gate(9 * (0.45 - people.price_sensitivity))
    return older * dear * _among(people.channel, CHANNELS, ("web", "store", "referral"))


def _among(code: Ints, names: tuple[str, ...], chosen: tuple[str, ...]) -> Floats:
    return np.where(np.isin(code, [names.index(name) for name in chosen]), 1.0, 0.1)


def _top(score: Floats, share: float) -> Bools:
    if share <= 0:
        return np.zeros(len(score), dtype=np.bool_)
    return np.asarray(score > np.quantile(score, 1 - share), dtype=np.bool_)


def _gate(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -50, 50))), dtype=np.float64)
