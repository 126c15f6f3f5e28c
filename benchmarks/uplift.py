"""Uplift learners beside causalml, scikit-uplift and UTBoost, on populations whose effects are known.

    make EXTRAS=dev,bench install; python -m benchmarks uplift

One process, one thread (OMP_NUM_THREADS=1), user CPU seconds. Every learner sees the same rows.
"""

import contextlib
import io
import logging
import os
import statistics
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.uplift_data import POPULATIONS, Population
from benchmarks.uplift_peers import peers
from retention_lab.arrays import Floats
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.selection import Candidates

TITLE = "Uplift learners"
NOTE = """Populations of `benchmarks/uplift_data.py`, whose effects are known; 200,000 fresh customers judge.
Qini / oracle: of the ranking by the learner over that of the ranking by the true effect. Error / sd: root
mean squared error of the effect over the spread of the true one. Bias / se: signed error of the average
effect, averaged over seeds, in standard errors of that average. Means over seeds; seconds are median CPU, one
process, one thread. A learner without seconds was fitted within the training that is timed as a whole."""
BESIDE = ("causalml", "scikit-uplift", "utboost")
SEEDS = {"b": range(10), "a": range(10), "c": range(5), "d": range(5), "e": range(5), "f": range(5)}
TEST_ROWS = 200_000
SLOW = {"b"}  # populations on which only the peers that matter most see more than three seeds
OFTEN = ("causalml X", "causalml R", "UTBoost")
FIVE = ("s", "t", "x", "r", "dr")
OURS = (*FIVE, "ridge_r", "boosted_r", "scaled_r", "stack")
TOGETHER = "stack, s, t, x, r, dr in one training"
HEAD = ["population", "learner", "Qini / oracle", "error / sd", "bias / se", "fit s", "predict s", "seeds"]


@dataclass(frozen=True, slots=True)
class Found:
    """Of one learner on one seed, averaged over offers.

    Qini over the oracle's; error over the effect's spread; signed error of the average effect over its own
    standard error; CPU seconds of fitting and of predicting 200,000 rows, NaN where not measured alone.
    """

    qini: float
    error: float
    bias: float
    fit: float
    predict: float


def table(populations: Sequence[str] = tuple(SEEDS)) -> list[list[str]]:
    """One row per population and learner: means over seeds, medians of seconds."""
    rows = [HEAD]
    for name in populations:
        seeds = SEEDS[name]
        found: dict[str, list[Found]] = {}
        for seed in seeds:
            often = OFTEN if name in SLOW and seed >= 3 else None
            for learner, one in _seed(POPULATIONS[name], seed, often).items():
                found.setdefault(learner, []).append(one)
            print(name, seed, file=sys.stderr, flush=True)
        rows += [_row(name, learner, seen) for learner, seen in found.items()]
    return rows


def _seed(
    draw: Callable[..., Population], seed: int, only: tuple[str, ...] | None = None
) -> dict[str, Found]:
    train, test = draw(seed=seed), draw(TEST_ROWS, seed=seed + 10_000)
    found = _ours(train, test)
    for name, fit in peers(train).items():
        if only is not None and name not in only:
            continue
        with _silence():
            start = _cpu()
            predict = fit(train)
            middle = _cpu()
            effect = predict(test.features)
            end = _cpu()
        found[name] = _found(train, test, effect, middle - start, end - middle)
    return found


def _ours(train: Population, test: Population) -> dict[str, Found]:
    """The stack is timed in a training of its own; the five with it in another."""
    stack, alone = _trained(train, ("stack",))
    everything, together = _trained(train, ("stack", *FIVE))
    found = {}
    for name in OURS:
        model = (stack if name == "stack" else everything).fit(name).model
        start = _cpu()
        effect = model.effect(test.features)
        seconds = _cpu() - start
        found[name] = _found(train, test, effect, alone if name == "stack" else float("nan"), seconds)
    found[TOGETHER] = Found(*[float("nan")] * 3, together, float("nan"))
    return found


def _trained(train: Population, names: tuple[str, ...]) -> tuple[Candidates, float]:
    start = _cpu()
    propensity = train.propensity if train.logged else None
    candidates = Candidates(prepare(UpliftSample(train.features, train.arm, train.outcome, propensity)))
    for name in names:
        candidates.fit(name)
    return candidates, _cpu() - start


def _found(train: Population, test: Population, effect: Floats, fit: float, predict: float) -> Found:
    parts = []
    for k in range(effect.shape[1]):
        truth, guess = test.effect[:, k], effect[:, k]
        outcomes = [train.outcome[train.arm == arm] for arm in (0, k + 1)]
        se = float(np.sqrt(sum(y.var() / len(y) for y in outcomes)))
        error = float(np.sqrt(np.mean((guess - truth) ** 2)) / truth.std())
        parts.append((_qini(truth, guess) / _qini(truth, truth), error, (guess.mean() - truth.mean()) / se))
    return Found(*np.mean(parts, axis=0).tolist(), fit, predict)


def _qini(truth: Floats, score: Floats) -> float:
    """By true effects: no noise of outcomes enters."""
    weight = 0.5 - (np.arange(len(truth)) + 0.5) / len(truth)
    return float(np.mean(truth[np.argsort(-score, kind="stable")] * weight))


def _row(population: str, learner: str, seen: list[Found]) -> list[str]:
    def written(values: list[float], digits: int) -> str:
        return "" if np.isnan(values).any() else f"{statistics.fmean(values):.{digits}f}"

    # of the mean over seeds, in its own standard errors
    bias = statistics.fmean(one.bias for one in seen) * len(seen) ** 0.5
    seconds = [statistics.median(getattr(one, part) for one in seen) for part in ("fit", "predict")]
    return [
        population,
        learner,
        written([one.qini for one in seen], 3),
        written([one.error for one in seen], 3),
        "" if np.isnan(bias) else f"{bias:+.1f}",
        *("" if np.isnan(value) else f"{value:.1f}" for value in seconds),
        str(len(seen)),
    ]


def _cpu() -> float:
    return os.times().user


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    logging.disable(logging.INFO)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
