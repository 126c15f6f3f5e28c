"""A/A tests by the ten thousand: one thread, user CPU, a bare matrix product beside them."""

import resource
import statistics
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from retention_lab.abtest.simulate import simulate
from retention_lab.abtest.specification import specification

TITLE = "Simulated A/B tests"
NOTE = """One thread (OMP_NUM_THREADS=1), user CPU seconds: medians after one run that is not counted. Each of
the 10,000 tests assigns the same 10,000 users at random and compares three metrics: a share, spend with a
covariate, spend per order. The bare product draws the assignments and adds up the users' columns, and does
nothing with the sums."""
USERS = TESTS = 10_000
_RUNS = 5
_COLUMNS = 12  # of the three metrics: numbers, their squares and products, and who has them


def table() -> list[list[str]]:
    """Rows of what, user CPU seconds, runs; the first row is the head."""
    users = population(USERS)
    measured: dict[str, Callable[[], object]] = {
        "the bare product": _bare,
        "A/A, at the end": lambda: _simulated(users, looks=1),
        "A/A, 14 looks by three methods": lambda: _simulated(users, looks=14),
        "A/A and a planted effect of 5 %": lambda: _simulated(users, looks=1, effect="5%"),
        "A/A and a planted effect of 5 %, 28 looks": lambda: _simulated(users, looks=28, effect="5%"),
    }
    rows = [[f"{TESTS:,} tests of {USERS:,} users, 3 metrics", "user CPU s", "runs"]]
    return rows + [[name, f"{_cpu(run):.2f}", str(_RUNS)] for name, run in measured.items()]


def population(users: int) -> Mapping[str, Any]:
    """Users of whom a tenth buy, for lognormal amounts."""
    rng = np.random.default_rng(1)
    bought = rng.random(users) < 0.1
    return {
        "user": np.arange(users),
        "bought": bought.astype(np.float64),
        "spend": np.where(bought, rng.lognormal(3.0, 1.0, users), 0.0),
        "before": rng.gamma(2.0, 10.0, users),
        "orders": 1.0 + rng.poisson(2.0, users),
    }


def _simulated(users: Mapping[str, Any], looks: int, effect: str | None = None) -> object:
    spec = specification(
        {
            "unit": "user",
            "arm": "arm",
            "control": "a",
            "planned_shares": {"a": 0.5, "b": 0.5},
            "metrics": [
                {"name": "bought", "type": "proportion", "column": "bought"},
                {"name": "spend", "type": "mean", "column": "spend", "covariates": ["before"]},
                {"name": "basket", "type": "ratio", "numerator": "spend", "denominator": "orders"},
            ],
        }
    )
    return simulate(users, spec, replications=TESTS, looks=looks, effect=effect)


def _bare() -> object:
    rng = np.random.default_rng(1)
    columns, sums = rng.normal(size=(USERS, _COLUMNS)), []
    for _ in range(TESTS // 200):
        bits = np.unpackbits(np.frombuffer(rng.bytes(200 * USERS // 8), dtype=np.uint8))
        sums.append(bits.reshape(200, USERS).astype(np.float64) @ columns)
    return sums


def _cpu(run: Callable[[], object]) -> float:
    """Median user CPU over the runs, after one that is not counted."""
    found = []
    for _ in range(_RUNS + 1):
        start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        run()
        found.append(resource.getrusage(resource.RUSAGE_SELF).ru_utime - start)
    return statistics.median(found[1:])
