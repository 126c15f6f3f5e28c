"""Who can be persuaded by which offer, and whom contact drives away: interactions of visible traits."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.simulate.customers import CHANNELS, REGIONS, People
from retention_lab.simulate.difficulty import Difficulty
from retention_lab.simulate.offers import ARMS

_OPEN_SHARE = 0.30  # of all customers, those at least half open to being contacted
_STEEPNESS = 7.0


@dataclass(frozen=True, slots=True)
class Persuasion:
    """openness: (n, K+1) in 0..1, `none` 0, how much of an offer's pull reaches the customer.

    sleeping_dog: (n,) whether contact drives the customer away; quits: (n,) probability per contact that
    it does.
    """

    openness: Floats
    sleeping_dog: Bools
    quits: Floats


def draw_persuasion(people: People, difficulty: Difficulty, rng: np.random.Generator) -> Persuasion:
    """Score everybody on visible interactions, blur it by what nobody sees, and cut at fixed shares."""
    share, n = difficulty.feature_signal, len(people)
    annoyed = _blurred(_easily_annoyed(people), share, rng)
    open_ = _blurred(_open_to_contact(people), share, rng)
    dog = _top(annoyed, difficulty.sleeping_dogs)
    open_[dog] = open_.min()
    openness = _gate(_STEEPNESS * (open_ - np.quantile(open_, 1 - _OPEN_SHARE)))
    preference = np.zeros((n, len(ARMS)))
    for k, visible in enumerate(_prefers(people), start=1):
        preference[:, k] = 0.12 + 0.88 * _gate(2.2 * _blurred(visible, share, rng))
    preference *= openness[:, None]
    preference[dog] = 0.0
    anger = np.where(dog, 0.45 + 0.3 * rng.random(n), 0.0)
    return Persuasion(preference, dog, 1 - (1 - anger) ** difficulty.effect_size)


def _open_to_contact(people: People) -> Floats:
    """(n,) high where traits come together: young app users of low status, older customers far away."""
    young, older = _young(people), 1 - _young(people)
    plain = 0.15 + 0.85 * (people.tier <= 1)
    return (
        young * _among(people.channel, CHANNELS, ("app", "marketplace")) * plain
        + older * _among(people.channel, CHANNELS, ("store", "referral")) * _remote(people)
        + older * _among(people.channel, CHANNELS, ("marketplace",)) * (people.tier >= 1)
    )


def _easily_annoyed(people: People) -> Floats:
    """(n,) proneness to leave when contacted: older web customers near by, young ones of high status."""
    young, older = _young(people), 1 - _young(people)
    web = _among(people.channel, CHANNELS, ("web",))
    return older * web * (1 - 0.6 * _remote(people)) + young * web * (people.tier >= 1)


def _prefers(people: People) -> list[Floats]:
    """(n,) visible liking for each offer: bargains, status, postage saved, or just being remembered."""
    remote, dear = _remote(people), 1 - people.price_sensitivity
    return [
        people.price_sensitivity + 0.8 * (1 - _young(people)),
        people.price_sensitivity + 0.8 * _young(people),
        dear + 0.9 * (people.tier >= 1),
        remote * (1.4 - 0.4 * people.level),
        dear + 0.8 * (1 - remote) * (people.level >= 1),
    ]


def _blurred(visible: Floats, share: float, rng: np.random.Generator) -> Floats:
    """The visible score, standardised, with as much noise as leaves it `share` of the variance."""
    spread = visible.std()
    standard = (visible - visible.mean()) / (spread if spread > 0 else 1.0)
    return np.asarray(
        np.sqrt(share) * standard + np.sqrt(1 - share) * rng.standard_normal(len(visible)), dtype=np.float64
    )


def _young(people: People) -> Floats:
    return _gate((44 - people.age) / 3)


def _remote(people: People) -> Floats:
    return _among(people.region, REGIONS, ("north", "east", "islands"))


def _among(code: Ints, names: tuple[str, ...], chosen: tuple[str, ...]) -> Floats:
    return np.where(np.isin(code, [names.index(name) for name in chosen]), 1.0, 0.1)


def _top(score: Floats, share: float) -> Bools:
    if share <= 0:
        return np.zeros(len(score), dtype=np.bool_)
    return np.asarray(score > np.quantile(score, 1 - share), dtype=np.bool_)


def _gate(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -50, 50))), dtype=np.float64)
