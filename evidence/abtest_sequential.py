"""May A/B tests be looked at as often as one likes, and is a broken split found, without false alarms?

Fixed before any of these seeds was run: seeds 0 to 99 in each cell, every cell shown; a seed is 100 tests.
Methods were chosen on seeds from 100,000 on.

`looks-…`: tests in the product's default analysis, planned to end with 20,000 units in two equal arms (or
10,000, a tenth of them treated), looked at 28 or 100 times at equal distances, from 100 units an arm on, and
stopped at the first rejection at 5 %. Outcomes are normal, convert in a tenth, or are spend of which a tenth
buys for lognormal amounts of a log-spread of 1. Each test is played without an effect and with one that a
single look at the end would find in 80 %. Recorded are the always-valid test (its mixture tuned to the plan),
group-sequential boundaries (O'Brien and Fleming's spending), GrowthBook's confidence sequence with its tuning
of 5,000 units, and a fixed test at every look. The always-valid and the group-sequential test reject at most
5 % of no effects, and the always-valid one finds more effects than GrowthBook's does.

`split-…`: 100,000 units come in over 28 or 100 looks, in the planned shares (two halves; .8, .1, .1), or 49
to 51 in place of halves. The evidence against the split crosses its threshold in at most .1 % of good splits,
and by the end in at least 99 % of the bad ones.

`checks-…`: all hard checks of a clean test with 14 days, of 20,000 units. Together they fail in at most 1 %.

Every limit is widened by 3.3 binomial standard errors of 10,000 tests.
"""

from collections.abc import Mapping
from functools import cache
from math import exp, sqrt
from typing import Any

import numpy as np

from evidence.studies import Columns, Numbers
from retention_lab.abtest.arm import Form
from retention_lab.abtest.lift import Rule
from retention_lab.abtest.moments import Moments
from retention_lab.abtest.running_sample_ratio import alternatives, log_evidence
from retention_lab.abtest.sequential.confidence_sequence import half_width, optimal_rho
from retention_lab.abtest.sequential.looks import FEWEST_UNITS
from retention_lab.abtest.simulation.lifts import many_lifts
from retention_lab.abtest.simulation.sums import Layout, ManySums
from retention_lab.abtest.simulation.verdicts import METHODS, Judge, group_critical_values
from retention_lab.abtest.specification import Specification, specification
from retention_lab.abtest.summary import ALL, Cells, Part, Summary
from retention_lab.abtest.trust import trust
from retention_lab.arrays import Bools, Floats, Ints

TESTS = 100
EQUAL, HOLDOUT = (10_000, 10_000), (9_000, 1_000)
CELLS: dict[str, dict[str, Any]] = {
    **{
        f"looks-{outcome}-{looks}": {"outcome": outcome, "looks": looks, "arms": list(EQUAL)}
        for outcome in ("normal", "conversion", "spend")
        for looks in (28, 100)
    },
    "looks-spend-28-unequal": {"outcome": "spend", "looks": 28, "arms": list(HOLDOUT)},
    "split-halves-28": {"planned": [0.5, 0.5], "drawn": [0.5, 0.5], "looks": 28},
    "split-halves-100": {"planned": [0.5, 0.5], "drawn": [0.5, 0.5], "looks": 100},
    "split-three-28": {"planned": [0.8, 0.1, 0.1], "drawn": [0.8, 0.1, 0.1], "looks": 28},
    "split-49-51-28": {"planned": [0.5, 0.5], "drawn": [0.49, 0.51], "looks": 28},
    "checks-halves": {"shares": [0.5, 0.5]},
    "checks-three": {"shares": [0.8, 0.1, 0.1]},
}
SEEDS = range(100)
ABOUT = (
    "retention_lab.abtest.sequential",
    "retention_lab.abtest.running_sample_ratio",
    "retention_lab.abtest.sample_ratio",
    "retention_lab.abtest.simulation.sums",
    "retention_lab.abtest.simulation.values",
    "retention_lab.abtest.simulation.lifts",
    "retention_lab.abtest.simulation.verdicts",
    "retention_lab.abtest.skewed",
)
LEVEL, SPLIT_LEVEL, SPLIT_POWER, CHECKS = 0.05, 0.001, 0.99, 0.01
BAND, DETECTABLE = 3.3, 2.802  # standard errors that a single look at the end finds in 80 %
SPLIT_UNITS, DAYS, CHECKED_UNITS = 100_000, 14, 20_000
BUYER, BUYER_SQUARE = exp(0.5), exp(2.0)
SPREADS = {"normal": 1.0, "conversion": 0.3, "spend": sqrt(0.1 * BUYER_SQUARE - (0.1 * BUYER) ** 2)}
LAYOUTS = {
    "normal": Layout(1, 1, powers=False),
    "conversion": Layout(1, 1, powers=True, share=True),
    "spend": Layout(1, 1, powers=True),
}


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    rng = np.random.default_rng(seed)
    if "outcome" in cell:
        return _looks(rng, cell["outcome"], cell["looks"], tuple(cell["arms"]))
    if "planned" in cell:
        return _split(rng, cell)
    return _checks(rng, np.array(cell["shares"]))


def summary(columns: Columns) -> dict[str, Any]:
    tests = TESTS * len(next(iter(columns.values())))
    rates = {name: float(values.sum()) / tests for name, values in columns.items()}
    if "always_valid" in rates:
        most = _widened(LEVEL, tests)
        levels = rates["always_valid"] <= most and rates["group_sequential"] <= most
        good = levels and rates["always_valid_power"] > rates["growthbook_power"]
    elif "crossed" in rates:
        good = rates["crossed"] <= _widened(SPLIT_LEVEL, tests)
    elif "found" in rates:
        good = rates["found"] >= 2 * SPLIT_POWER - _widened(SPLIT_POWER, tests)
    else:
        good = rates["failed"] <= _widened(CHECKS, tests)
    return {"tests": tests, "pass": bool(good), **rates}


def _widened(share: float, tests: int) -> float:
    return share + BAND * sqrt(share * (1 - share) / tests)


def _looks(rng: np.random.Generator, outcome: str, looks: int, arms: tuple[int, int]) -> Numbers:
    judge = _judge(outcome, looks, arms)
    effect = DETECTABLE * SPREADS[outcome] * sqrt(1 / arms[0] + 1 / arms[1])
    control, same = (_sums(rng, outcome, looks, n, 0.0) for n in arms)
    better = _sums(rng, outcome, looks, arms[1], effect)
    found: Numbers = {}
    for suffix, treated in (("", same), ("_power", better)):
        verdicts = judge.verdicts([control], [treated], 0.0)
        named = {method: verdicts.by_looks[method] for method in METHODS}
        named |= {"one_look": verdicts.rejected, "growthbook": _growthbook(judge, control, treated)}
        found |= {f"{name}{suffix}": float(happened.sum()) for name, happened in named.items()}
    return found


@cache
def _judge(outcome: str, looks: int, arms: tuple[int, int]) -> Judge:
    spec = _specification(arms)
    return Judge(spec, Form(), outcome == "conversion", "b", group_critical_values(spec, looks))


def _specification(arms: tuple[int, int]) -> Specification:
    shares = {"a": arms[0] / sum(arms), "b": arms[1] / sum(arms)}
    metric = {"name": "outcome", "type": "mean", "column": "outcome"}
    plan = {"n_per_arm": min(arms)}
    return specification(
        {"arm": "arm", "control": "a", "planned_shares": shares, "metrics": [metric], "plan": plan}
    )


def _sums(rng: np.random.Generator, outcome: str, looks: int, n: int, effect: float) -> ManySums:
    """(looks, tests) sums up to each look, of n units in the end."""
    new = np.diff(n * np.arange(looks + 1) // looks)
    size = np.broadcast_to(new[:, None], (looks, TESTS))
    layout = LAYOUTS[outcome]
    if outcome == "normal":
        mean = effect + rng.normal(size=size.shape) / np.sqrt(size)
        columns = [size, size * mean, rng.chisquare(size - 1) + size * mean**2]
    elif outcome == "conversion":
        columns = [size, rng.binomial(size, 0.1 + effect)]
    else:
        buyers = rng.binomial(size, 0.1)
        place = np.repeat(np.arange(size.size), buyers.ravel())
        amount = rng.lognormal(size=len(place)) * (1 + effect / (0.1 * BUYER))
        powers = [np.bincount(place, amount**k, size.size).reshape(size.shape) for k in range(1, 5)]
        columns = [size, *powers]
    added = np.cumsum(np.stack(columns, axis=-1).astype(np.float64), axis=0)
    return layout.sums(added, np.zeros(1))


def _growthbook(judge: Judge, control: ManySums, treated: ManySums) -> Bools:
    """Its sequential test as it comes: a normal mixture, tuned to 5,000 units whatever is planned."""
    found = judge.compared([control], [treated])
    lifts = many_lifts(found, Rule(), corrected=False)
    units = found.control.n + found.treated.n
    begun = np.minimum(found.control.n, found.treated.n) >= FEWEST_UNITS
    reach = half_width(np.ones_like(units), units, optimal_rho(5_000))
    return np.any((np.abs(lifts.value / lifts.se) > reach) & begun, axis=0)


def _split(rng: np.random.Generator, cell: Mapping[str, Any]) -> Numbers:
    planned, drawn, looks = np.array(cell["planned"]), np.array(cell["drawn"]), cell["looks"]
    new = np.diff(SPLIT_UNITS * np.arange(looks + 1) // looks)
    counts = np.cumsum(rng.multinomial(new[:, None], drawn, (looks, TESTS)), axis=0)
    evidence = log_evidence(counts, planned, alternatives(planned))
    crossed = float(np.any(evidence > np.log(1 / SPLIT_LEVEL), axis=0).sum())
    return {"crossed" if np.array_equal(planned, drawn) else "found": crossed}


def _checks(rng: np.random.Generator, shares: Floats) -> Numbers:
    names = tuple("abc"[: len(shares)])
    metric = {"name": "outcome", "type": "mean", "column": "outcome", "role": "primary"}
    planned = dict(zip(names, shares.tolist(), strict=True))
    spec = specification({"arm": "arm", "control": "a", "planned_shares": planned, "metrics": [metric]})
    failed = sum(not trust(_summary(rng, names, shares), spec).trustworthy for _ in range(TESTS))
    return {"failed": float(failed)}


def _summary(rng: np.random.Generator, names: tuple[str, ...], shares: Floats) -> Summary:
    """A clean test, day by day; outcomes are normal, and hard checks do not read them."""
    units: Ints = rng.multinomial(rng.multinomial(CHECKED_UNITS, [1 / DAYS] * DAYS), shares).T.ravel()
    day, arm = np.tile(np.arange(DAYS), len(names)), np.repeat(np.arange(len(names)), DAYS)
    total = np.sqrt(units) * rng.normal(size=len(units))
    square, nothing = units.astype(np.float64), np.zeros(len(units))
    moments = Moments(
        np.zeros(1), units, total[:, None], square[:, None, None], nothing, 3 * square, 0 * units
    )
    cells = Cells(arm, day, np.zeros(len(units), dtype=np.int64), units)
    days = tuple(f"2026-03-{k + 1:02d}" for k in range(DAYS))
    return Summary(names, Part(days, ALL, cells, {"outcome": moments}))
