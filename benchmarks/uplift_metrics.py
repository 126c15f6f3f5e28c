"""Uplift metrics on a million held-out rows: one thread, user CPU, a bare argsort beside them."""

import resource
import statistics
from collections.abc import Callable

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.calibration import calibration
from retention_lab.uplift.best_arm import best_arm_curve
from retention_lab.uplift.evaluate import difference, evaluate
from retention_lab.uplift.ranking import gain_curve, qini, qini_difference
from retention_lab.uplift.recalibrate import fit_recalibration
from retention_lab.uplift.worth import Worth

TITLE = "Uplift metrics"
NOTE = "One thread, user CPU seconds: medians after one run that is not counted."
ROWS = 1_000_000
ARMS = ("none", "coupon", "points")
_WORTH = Worth(30.0, (0.0, 0.2, 0.5))
_RUNS = 5


def table() -> list[list[str]]:
    """Rows of what, user CPU seconds, runs; the first row is the head."""
    gamma, effect, customer = held_out(ROWS)
    e, score, other = gamma[:, 1] - gamma[:, 0], effect[:, 0], effect[:, 1]
    tied = np.round(score, 2)
    measured: dict[str, Callable[[], object]] = {
        "np.argsort of the score": lambda: np.argsort(score),
        "Qini, interval and test": lambda: qini(e, score),
        "Qini, customers with one or two rows": lambda: qini(e, score, customer),
        "Qini, scores of two decimals": lambda: qini(e, tied),
        "Qini of one model less another's, test": lambda: qini_difference(e, score, other),
        "every metric, three arms": lambda: everything(gamma, effect, None),
        "every metric, customers with one or two rows": lambda: everything(gamma, effect, customer),
    }
    rows = [["1,000,000 rows, one thread", "user CPU s", "runs"]]
    return rows + [[name, f"{_cpu(run):.2f}", str(_RUNS)] for name, run in measured.items()]


def everything(gamma: Floats, effect: Floats, group: np.ndarray | None) -> None:
    """All that is said about a model: metrics, calibration by decile, curves, recalibration, a rival."""
    evaluate(gamma, effect, ARMS, _WORTH, group)
    net, predicted = _WORTH.net_scores(gamma), _WORTH.net_effect(effect)
    for k in range(1, len(ARMS)):
        calibration(net[:, k] - net[:, 0], predicted[:, k - 1], group=group)
        gain_curve(net[:, k] - net[:, 0], predicted[:, k - 1], group=group)
    best_arm_curve(net, predicted, group=group)
    fit_recalibration(gamma, effect, group).apply(effect)
    difference(gamma, effect, effect[:, ::-1], ARMS, _WORTH, group)


def held_out(rows: int) -> tuple[Floats, Floats, np.ndarray]:
    """Scores (rows, 3) of an outcome of 10 %, effects (rows, 2) that know part of it, and customers."""
    rng = np.random.default_rng(1)
    effect = 0.02 * rng.normal(size=(rows, 2)) + 0.01
    mean = np.column_stack([np.full(rows, 0.1), np.clip(0.1 + effect, 0, 1)])
    arm = rng.integers(0, 3, rows)
    event = rng.random(rows) < mean[np.arange(rows), arm]
    gamma = np.full((rows, 3), 0.1)
    gamma[np.arange(rows), arm] += 3 * (event - 0.1)
    return gamma, effect + 0.02 * rng.normal(size=effect.shape), rng.permutation(rows) % (2 * rows // 3)


def _cpu(run: Callable[[], object]) -> float:
    """Median user CPU over the runs, after one that is not counted."""
    found = []
    for _ in range(_RUNS + 1):
        start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        run()
        found.append(resource.getrusage(resource.RUSAGE_SELF).ru_utime - start)
    return statistics.median(found[1:])
