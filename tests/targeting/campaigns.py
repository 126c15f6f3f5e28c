"""A toy campaign whose truth is known: heavy-tailed spend, a small holdout, offers that help a few."""

from dataclasses import dataclass

import numpy as np

from retention_lab.targeting.draw import draw, roles
from retention_lab.targeting.incremental import CampaignRows


@dataclass(frozen=True, slots=True)
class Toy:
    rows: CampaignRows
    true_contribution: float  # over the treated, as drawn, against none
    true_profit: float
    true_policy_vs_random: float  # per head, of the policy's choices before the draw
    expected_profit: np.ndarray  # (n, K + 1)


def toy_campaign(
    seed: int, customers: int = 2_000, *, holdout: float = 0.1, offers: int = 3, buying: float = 0.3
) -> Toy:
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.2, 1 / 1.2, customers) * buying
    level = 12 * np.exp(rng.normal(0, 0.6, customers))
    lift = rng.choice([0.6, 0.0, -0.4], customers, p=[0.25, 0.6, 0.15])
    depth = np.arange(offers + 1) / offers
    times = 1 + lift[:, None] * depth
    keep = 1 - 0.08 * depth
    mean = rate[:, None] * times * level[:, None] * keep * np.exp(0.32)
    contact, redeemed = np.where(depth > 0, 0.1, 0.0), 0.5 * depth
    redeem = 0.5 * (1 - np.exp(-rate[:, None] * times))
    expected = mean - contact - redeemed * redeem
    gain = (expected - expected[:, :1])[:, 1:] + rng.normal(0, 2, (customers, offers))
    choice = np.where(gain.max(axis=1) > 1.5, gain.argmax(axis=1) + 1, 0)
    feasible = np.ones((customers, offers), dtype=bool)
    shares = roles(feasible, holdout, 0.12)
    ids = [f"c{i}" for i in range(customers)]
    drawn = draw(ids, choice, feasible, shares, f"toy-{seed}")
    at = np.arange(customers)
    orders = rng.poisson(rate * times[at, drawn.arm])
    owner = np.repeat(at, orders)
    sizes = np.exp(rng.normal(0, 0.8, len(owner))) * (level * keep[drawn.arm])[owner]
    used = (orders > 0) & (rng.random(customers) < 0.5) & (drawn.arm > 0)
    rows = CampaignRows(
        arm=drawn.arm,
        intended=choice,
        role=drawn.role,
        propensity=drawn.propensity,
        contribution=np.bincount(owner, sizes, customers),
        redemption_cost=redeemed[drawn.arm] * used,
        contact_cost=contact[drawn.arm],
        covariates=np.column_stack([np.log1p(rng.poisson(rate * 6) * level)]),
    )
    return Toy(
        rows,
        float((mean[at, drawn.arm] - mean[:, 0]).sum()),
        float((expected[at, drawn.arm] - expected[:, 0]).sum()),
        float((expected[at, choice] - expected.mean(axis=1)).mean()),
        expected,
    )
