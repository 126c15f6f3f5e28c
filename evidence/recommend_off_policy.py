"""Do the 95 % intervals of what other recommendations would have earned hold the truth?

Fixed before any of these seeds was run: a shop of 600 kinds of customers and 12 items; two ways in which the
log was made (every item as likely; or the better liked the likelier, down to 1 in 40), two outcomes (a
click, 4 to 40 % of the time; money, which most spend none of, with lognormal amounts), two policies (the
first choice of a scorer that is often wrong; one of its first three at random), 10,000 rows for clicks and
20,000 for money: eight cells, seeds 0 to 999 in each, every cell shown. Sizes were chosen on seeds from
100,000 on.

One seed: rows drawn from the kinds of customers, what was shown to each and what came of it, and the
interval of each estimator: weighted, self-normalised, and doubly robust with predictions that are wrong on
purpose (half of the truth, and noise that knows nothing of it). The truth is the mean over the kinds of
customers.

A cell passes where each of the three coverages lies within 3.3 binomial standard errors of .95 (from .927 to
.973), in 1,000 seeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from evidence.studies import Columns, Numbers, coverage
from retention_lab.arrays import Floats, Ints
from retention_lab.recommend.policy_value import ShownLog, list_value

KINDS, ITEMS = 600, 12
ROWS = {"click": 10_000, "money": 20_000}
CELLS = {
    f"{logging}-{outcome}-{policy}": {"logging": logging, "outcome": outcome, "policy": policy}
    for logging in ("uniform", "leaning")
    for outcome in ("click", "money")
    for policy in ("first", "three")
}
SEEDS = range(1_000)
ABOUT = (
    "retention_lab.estimate",
    "retention_lab.skewness",
    "retention_lab.off_policy",
    "retention_lab.recommend.policy_value",
)
_ESTIMATORS = ("weighted", "self_normalised", "doubly_robust")
_SPENDS, _LOG_MEAN, _LOG_SD = 0.5, 3.0, 0.8  # of those who click, how many spend, and how much


@dataclass(frozen=True, slots=True)
class Shop:
    """click: (kinds, items) probability; likely: (kinds, items) of the leaning log; lists: (kinds, 3)."""

    click: Floats
    likely: Floats
    lists: Ints
    predicted: Floats


@lru_cache
def shop() -> Shop:
    rng = np.random.default_rng(2026)
    taste = rng.normal(0, 1, (KINDS, 3)) @ rng.normal(0, 0.5, (3, ITEMS)) + rng.normal(0, 0.4, ITEMS)
    click = 0.04 + 0.36 / (1 + np.exp(-(taste - 1)))
    lean = np.exp(taste + rng.normal(0, 1, taste.shape))
    likely = 0.3 / ITEMS + 0.7 * lean / lean.sum(axis=1, keepdims=True)
    lists = np.argsort(-(taste + rng.normal(0, 1.5, taste.shape)), axis=1)[:, :3]
    return Shop(click, likely, lists, 0.5 * click + 0.1 * rng.random(taste.shape))


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    found, rng = shop(), np.random.default_rng([seed, *(ord(letter) for letter in str(cell))])
    rows = ROWS[cell["outcome"]]
    kind = rng.integers(0, KINDS, rows)
    chances = found.likely if cell["logging"] == "leaning" else np.full((KINDS, ITEMS), 1 / ITEMS)
    shown = (chances[kind].cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1).clip(max=ITEMS - 1)
    outcome = (rng.random(rows) < found.click[kind, shown]).astype(float)
    unit = 1.0
    if cell["outcome"] == "money":
        outcome *= (rng.random(rows) < _SPENDS) * rng.lognormal(_LOG_MEAN, _LOG_SD, rows)
        unit = _SPENDS * float(np.exp(_LOG_MEAN + _LOG_SD**2 / 2))
    lists = found.lists[:, : 1 if cell["policy"] == "first" else 3]
    truth = unit * float(np.take_along_axis(found.click, lists, axis=1).mean())
    # every row is a customer of its own, of a kind; lists and predictions are the kind's
    log = ShownLog(np.arange(rows), shown, chances[kind, shown], outcome)
    value = list_value(log, lists[kind], lambda user, item: unit * found.predicted[kind[user], item])
    numbers = {"effective_rows": value.effective_rows}
    for name in _ESTIMATORS:
        estimate = getattr(value, name)
        numbers |= {f"{name}_low": estimate.low, f"{name}_high": estimate.high, f"{name}_truth": truth}
    return numbers


def summary(columns: Columns) -> dict[str, Any]:
    each = {name: coverage(columns, name) for name in _ESTIMATORS}
    rows = float(columns["effective_rows"].mean())
    return {**each, "effective_rows": rows, "pass": all(one["pass"] for one in each.values())}
