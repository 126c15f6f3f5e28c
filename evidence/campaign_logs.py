"""Are weights, effects per offer and a model right that know a campaign by its log alone?

Fixed before any of these seeds was run: launches of 2,000 customers and three offers under a budget, with
exploration spread evenly and with exploration by Thompson's frequencies; seeds 0 to 999 in each cell, every
cell shown.

One seed: effects that are linear in a feature; a model that knows them with an error, and draws of the
effects about it; an allocation; holdout .1, exploration .15; the draw; skewed contributions that hang on the
feature in a way no model is told. From the log (arms, propensities, contributions, the feature) come: for
each arm the mean inverse-propensity weight of those who drew it, less one; for each offer what it caused
among those who drew it, a head, less the truth; and a linear model of each offer's effect, fitted on doubly
robust scores, less the truth in intercept and slope.

The promise holds where no mean over the launches is further from zero than chance explains: the smallest
p-value is at least .001 over their number.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from evidence.studies import Columns, Numbers
from retention_lab.arrays import Floats
from retention_lab.off_policy import doubly_robust
from retention_lab.targeting.allocate import allocate
from retention_lab.targeting.draw import Draw, draw, scale_exploration
from retention_lab.targeting.incremental import CampaignRows, increment
from retention_lab.targeting.thompson import thompson_frequencies

CUSTOMERS, OFFERS, BUDGET, POSTERIOR_DRAWS = 2_000, 3, 300.0, 20
LEVEL, SLOPE = np.array([0.5, 0.0, 1.0]), np.array([0.5, 1.0, -1.0])
CELLS = {"even": {"thompson": False}, "thompson": {"thompson": True}}
SEEDS = range(1_000)
ABOUT = (
    "retention_lab.off_policy",
    "retention_lab.targeting.allocate",
    "retention_lab.targeting.upgrades",
    "retention_lab.targeting.upgrade_loops",
    "retention_lab.targeting.thompson",
    "retention_lab.targeting.draw",
    "retention_lab.targeting.incremental",
    "retention_lab.targeting.skewed",
    "retention_lab.hashing",
)


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=CUSTOMERS)
    effect = LEVEL + x[:, None] * SLOPE
    cost = np.tile([0.2, 0.4, 0.8], (CUSTOMERS, 1)) * rng.uniform(0.5, 1.5, (CUSTOMERS, 1))
    drawn = _launch(effect - cost, cost, rng, seed, thompson=cell["thompson"])
    base = rng.gamma(0.3, 10.0, CUSTOMERS) * np.where(x > 1, 3.0, 1.0)
    at = np.arange(CUSTOMERS)
    contribution = base + np.where(drawn.arm > 0, effect[at, drawn.arm - 1], 0.0)
    return {
        **_weights(drawn),
        **_per_offer(drawn, contribution, effect, x),
        **_model(drawn, contribution, x),
    }


def summary(columns: Columns) -> dict[str, Any]:
    found = {}
    for name, values in columns.items():
        error = float(values.std(ddof=1) / np.sqrt(len(values)))
        mean = float(values.mean())
        found[name] = {
            "mean": mean,
            "standard_error": error,
            "p_value": float(2 * stats.norm.sf(abs(mean) / error)),
        }
    least = min(each["p_value"] for each in found.values())
    return {
        "launches": len(next(iter(columns.values()))),
        "pass": least >= 0.001 / len(found),
        "smallest_p_value": least,
        "errors": found,
    }


def _launch(net: Floats, cost: Floats, rng: np.random.Generator, seed: int, *, thompson: bool) -> Draw:
    feasible = np.ones(net.shape, dtype=np.bool_)
    value = net + rng.normal(0, 0.7, net.shape)
    favoured = None
    if thompson:
        posterior = (value + rng.normal(0, 0.7, net.shape) for _ in range(POSTERIOR_DRAWS))
        favoured = thompson_frequencies(posterior, cost, BUDGET)
    choice = allocate(value, cost, BUDGET).arm
    scaled = scale_exploration(choice, feasible, cost, (0.1, 0.15), BUDGET * 1.5, favoured)
    return draw([f"{seed}-{i}" for i in range(len(net))], choice, feasible, scaled.roles, f"log/{seed}")


def _weights(drawn: Draw) -> Numbers:
    hit = np.eye(OFFERS + 1)[drawn.arm]
    return {f"weight_{k}": float(np.mean(hit[:, k] / drawn.propensity[:, k]) - 1) for k in range(OFFERS + 1)}


def _per_offer(drawn: Draw, contribution: Floats, effect: Floats, x: Floats) -> Numbers:
    nothing = np.zeros(CUSTOMERS)
    rows = CampaignRows(
        drawn.arm, drawn.intended, drawn.role, drawn.propensity, contribution, nothing, nothing, x[:, None]
    )
    found = {}
    for k in range(1, OFFERS + 1):
        got = drawn.arm == k
        error = increment(rows, contribution, got).value - effect[got, k - 1].sum()
        found[f"effect_{k}"] = float(error / got.sum())
    return found


def _model(drawn: Draw, contribution: Floats, x: Floats) -> Numbers:
    """Two folds: outcomes by a straight line for all arms, which is wrong; scores; a line of each effect."""
    design = np.column_stack([np.ones(CUSTOMERS), x])
    fold = np.arange(CUSTOMERS) % 2
    mean = np.empty((CUSTOMERS, OFFERS + 1))
    for part in (0, 1):
        line = np.linalg.lstsq(design[fold != part], contribution[fold != part], rcond=None)[0]
        mean[fold == part] = (design[fold == part] @ line)[:, None]
    gamma = doubly_robust(contribution, drawn.arm, drawn.propensity, mean)
    fitted = np.linalg.lstsq(design, gamma[:, 1:] - gamma[:, :1], rcond=None)[0]
    return {
        **{f"level_{k + 1}": float(fitted[0, k] - LEVEL[k]) for k in range(OFFERS)},
        **{f"slope_{k + 1}": float(fitted[1, k] - SLOPE[k]) for k in range(OFFERS)},
    }
