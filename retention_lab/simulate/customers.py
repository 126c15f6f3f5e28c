"""Who the customers are: segments, attributes that the tables show, and latents that only the truth knows."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.simulate.calendar import DAY

SEGMENTS = ("bargain_hunters", "loyal_regulars", "gift_givers", "young_explorers", "quality_seekers")
REASONS = ("product", "service", "price", "competition")
REGIONS = ("north", "south", "east", "west", "metro", "islands")
CHANNELS = ("web", "app", "store", "referral", "marketplace")
TIERS = ("bronze", "silver", "gold")

_SHARE = np.array([0.25, 0.20, 0.20, 0.20, 0.15])
_LOG_RATE = np.array([-0.05, 0.35, -0.45, 0.0, -0.15])
_PRICE_SENSITIVITY = np.array([1.1, -0.5, 0.0, 0.4, -1.2])
_LEVEL = np.array([[0.6, 0.3, 0.1], [0.25, 0.5, 0.25], [0.3, 0.4, 0.3], [0.45, 0.4, 0.15], [0.05, 0.35, 0.6]])
_AGE = np.array([44.0, 52.0, 47.0, 29.0, 50.0])
_CHANNEL = np.array(
    [
        [0.35, 0.20, 0.05, 0.10, 0.30],
        [0.30, 0.10, 0.35, 0.15, 0.10],
        [0.40, 0.10, 0.20, 0.15, 0.15],
        [0.15, 0.55, 0.05, 0.15, 0.10],
        [0.35, 0.15, 0.30, 0.15, 0.05],
    ]
)
_TASTE = np.array(
    [
        [1.2, 0.7, 0.9, 0.9, 0.6, 0.5, 0.4, 0.6],
        [0.9, 1.0, 0.8, 0.8, 0.4, 0.5, 0.9, 0.4],
        [0.5, 0.4, 0.5, 0.8, 1.6, 0.3, 1.3, 0.4],
        [0.3, 0.2, 1.2, 0.8, 0.3, 1.2, 0.3, 1.2],
        [1.0, 0.9, 0.7, 0.6, 0.3, 0.6, 0.8, 0.9],
    ]
)
_HAZARD = np.array([0.025, 0.013, 0.020, 0.028, 0.017])  # of starting to fade, per 30 days
_ACQUISITION_COST = np.array([9.0, 14.0, 4.0, 6.0, 18.0])


@dataclass(frozen=True, slots=True)
class People:
    """Customers, (n,) each; nothing here changes over time.

    signup: microseconds. age: years in 2026. region, channel, tier, segment, reason: codes of the names
    above.
    rate: orders per 30 days in an average month while active. level: shelf, 0..2. extra_pieces: mean
    pieces of a line beyond the first. price_sensitivity, satisfaction: 0..1. taste: (n, C), sums to 1.
    hazard: probability per 30 days of starting to fade. sale_share: share of orders placed in a public
    sale. return_share: of lines.
    """

    signup: Ints
    age: Floats
    region: Ints
    channel: Ints
    tier: Ints
    segment: Ints
    reason: Ints
    rate: Floats
    level: Ints
    extra_pieces: Floats
    price_sensitivity: Floats
    satisfaction: Floats
    taste: Floats
    hazard: Floats
    sale_share: Floats
    return_share: Floats
    chinese: Bools
    consent_email: Bools
    acquisition_cost: Floats

    def __len__(self) -> int:
        return len(self.signup)


def draw_people(count: int, start: int, end: int, rng: np.random.Generator) -> People:
    """Draw customers who signed up in the two years before `start` (half of them) or in [start, end)."""
    segment = _choose(np.tile(_SHARE, (count, 1)), rng)
    channel = _choose(_CHANNEL[segment], rng)
    rate = 0.42 * np.exp(_LOG_RATE[segment] + 0.55 * rng.standard_normal(count) - 0.55**2 / 2)
    price_sensitivity = _sigmoid(_PRICE_SENSITIVITY[segment] + 1.2 * rng.standard_normal(count))
    level = _choose(_LEVEL[segment], rng)
    satisfaction = _sigmoid(1.1 + 1.1 * rng.standard_normal(count))
    taste = rng.gamma(_TASTE[segment], 1.0) + 1e-3
    tier_score = 0.8 * np.log(rate / 0.42) + 0.35 * (level - 1) + 0.6 * rng.standard_normal(count)
    return People(
        signup=_signups(count, start, end, rng),
        age=np.clip(_AGE[segment] + 11 * rng.standard_normal(count), 18, 88).round(),
        region=rng.choice(len(REGIONS), count, p=[0.16, 0.19, 0.15, 0.18, 0.25, 0.07]),
        channel=channel,
        tier=np.searchsorted([0.25, 0.95], tier_score),
        segment=segment,
        reason=_reasons(price_sensitivity, satisfaction, channel, rng),
        rate=rate,
        level=level,
        extra_pieces=0.25 * np.exp(0.4 * rng.standard_normal(count)) * (0.6 + 0.4 * level),
        price_sensitivity=price_sensitivity,
        satisfaction=satisfaction,
        taste=taste / taste.sum(1, keepdims=True),
        hazard=np.clip(
            _HAZARD[segment] * np.exp(0.9 * (0.72 - satisfaction) + 0.4 * rng.standard_normal(count)), 0, 0.5
        ),
        sale_share=0.03 + 0.72 * price_sensitivity**1.5,
        return_share=np.clip(0.02 + 0.12 * (1 - satisfaction), 0, 0.3),
        chinese=rng.random(count) < 0.3,
        consent_email=rng.random(count) < 0.86,
        acquisition_cost=np.round(_ACQUISITION_COST[channel] * np.exp(0.5 * rng.standard_normal(count)), 2),
    )


def _signups(count: int, start: int, end: int, rng: np.random.Generator) -> Ints:
    before = rng.random(count) < 0.5
    days = np.where(before, -730 * rng.random(count) ** 1.2, (end - start) / DAY * rng.random(count))
    seconds = (days * 86_400).astype(np.int64)
    return np.asarray(np.clip(start + seconds * 1_000_000, None, end - 1_000_000), dtype=np.int64)


def _reasons(price: Floats, satisfaction: Floats, channel: Ints, rng: np.random.Generator) -> Ints:
    likely = np.stack(
        [
            0.8 * (1.3 - satisfaction),
            0.9 * (1.2 - satisfaction) * np.where(channel == 2, 1.6, 1.0),
            0.2 + 1.2 * price,
            0.35 + 0.3 * (channel == 4),
        ],
        axis=1,
    )
    return _choose(likely / likely.sum(1, keepdims=True), rng)


def _choose(probabilities: Floats, rng: np.random.Generator) -> Ints:
    """(n, m) rows that sum to 1 -> (n,) codes."""
    ladder = probabilities.cumsum(1)
    return np.asarray((rng.random(len(ladder))[:, None] >= ladder[:, :-1]).sum(1), dtype=np.int64)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)), dtype=np.float64)
