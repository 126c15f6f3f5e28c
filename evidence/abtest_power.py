"""Does a planned A/B test find the effect it was planned for as often as the plan says?

Fixed before any of these seeds was run: seeds 0 to 199 in each of twelve cells, every cell shown. Each
plans the units for a power of .8 and plays the experiment with them: drawing units, or sums of
units where those have a known distribution, and testing as the analysis does, with variances estimated from
the experiment. `mean`: normal, 64 units an arm, so that Student's tail matters; `skewed-mean` and
`skewed-holdout`: three quarters zeros, the rest lognormal with a log-spread of .7, one unit in five treated,
or one in five kept as control; `proportion`: each arm with its own variance; `rare-holdout`: one in fifty, a
tenth of the units kept as control; `ratio`: orders over sessions, units of very different activity;
`covariate`: a quantity from before that explains half; `clusters`: 41 clusters an arm of very unequal sizes;
`two-arms`: one control, two arms, Bonferroni; `group-sequential`: five looks, O'Brien and Fleming's
boundaries; `always-valid`: fourteen looks at a normal mixture's boundaries; `non-inferiority`: no effect, and
a margin.

A seed is 200 experiments. A cell passes where the share that found the effect is within one point of the
plan: in 40,000 experiments five binomial standard errors. Sizes were chosen on seeds from 10,000 on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import ceil, exp
from typing import Any

import numpy as np
from scipy.special import ndtri, stdtrit

from evidence.studies import Columns, Numbers
from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.hypothesis import Hypothesis, alpha_of_each, non_inferiority
from retention_lab.abtest.design.looks import Looks, even_looks, planned_looks
from retention_lab.abtest.design.outcome import MeanOutcome, ProportionOutcome, outcome_of_ratio
from retention_lab.abtest.design.power import power_of, required_units
from retention_lab.abtest.design.precision import Precision
from retention_lab.arrays import Bools, Floats

EXPERIMENTS = 200
CELLS: dict[str, dict[str, Any]] = {
    name: {"plan": name}
    for name in (
        "mean",
        "skewed-mean",
        "skewed-holdout",
        "proportion",
        "rare-holdout",
        "ratio",
        "covariate",
        "clusters",
        "two-arms",
        "group-sequential",
        "always-valid",
        "non-inferiority",
    )
}
SEEDS = range(200)
ABOUT = ("retention_lab.abtest.design",)
WITHIN = 0.01
ZERO_SHARE, LOG_SPREAD = 0.75, 0.7

Rng = np.random.Generator
# (arm's units, experiments) -> which experiments rejected; arms are control and the compared one
Play = Callable[[Rng, int, int], Bools]


@dataclass(frozen=True)
class Planned:
    """effect: true one, in the metric's unit; play: draws experiments and tests them."""

    comparison: Comparison
    effect: float
    play: Play

    @property
    def arms(self) -> tuple[int, int]:
        """Units of control and of the compared arm, in whole clusters."""
        units = required_units(self.comparison, self.effect, 0.8)
        size = self.comparison.precision.cluster_size
        control, treated = (
            round(size * ceil(share * units / size)) for share in self.comparison.compared_shares
        )
        return control, treated


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    planned, control, treated, power = _planned(cell["plan"])
    rejected = planned.play(np.random.default_rng(seed), control, treated)
    return {"rejected": float(np.mean(rejected)), "planned": power}


def summary(columns: Columns) -> dict[str, Any]:
    found, planned = float(columns["rejected"].mean()), float(columns["planned"].mean())
    return {
        "experiments": EXPERIMENTS * len(columns["rejected"]),
        "found": found,
        "planned": planned,
        "pass": abs(found - planned) <= WITHIN,
    }


@cache
def _planned(name: str) -> tuple[Planned, int, int, float]:
    planned = PLANS[name]()
    control, treated = planned.arms
    units = control / planned.comparison.compared_shares[0]
    return planned, control, treated, power_of(planned.comparison, planned.effect, units)


def _mean() -> Planned:
    effect = 2.5

    def play(rng: Rng, control: int, treated: int) -> Bools:
        a = rng.normal(10, 5, (EXPERIMENTS, control))
        b = rng.normal(10 + effect, 5, (EXPERIMENTS, treated))
        return _welch(a, b)

    return Planned(Comparison("mean", MeanOutcome(10.0, 25.0)), effect, play)


def _skewed_mean(control_share: float, effect_of_mean: float) -> Planned:
    mean, square, cube = ((1 - ZERO_SHARE) * exp((k * LOG_SPREAD) ** 2 / 2) for k in (1, 2, 3))
    variance = square - mean**2
    skewness = (cube - 3 * mean * square + 2 * mean**3) / variance**1.5
    effect = effect_of_mean * mean

    def draw(rng: Rng, units: int) -> Floats:
        buys = rng.random((EXPERIMENTS, units)) > ZERO_SHARE
        return np.asarray(np.where(buys, rng.lognormal(0.0, LOG_SPREAD, buys.shape), 0.0))

    def play(rng: Rng, control: int, treated: int) -> Bools:
        return _welch(draw(rng, control), draw(rng, treated) + effect)

    outcome = MeanOutcome(mean, variance, skewness=skewness)
    shares = (control_share, 1 - control_share)
    return Planned(Comparison("spend", outcome, shares=shares), effect, play)


def _proportion(rates: tuple[float, float], shares: tuple[float, float]) -> Planned:
    comparison = Comparison("conversion", ProportionOutcome(rates[0]), shares=shares)

    def play(rng: Rng, control: int, treated: int) -> Bools:
        # Welch's freedom is above 1,000 here: normal quantiles will do.
        return np.abs(_wald(rng, (control, treated), rates, 0.0)) > _two_sided(None)

    return Planned(comparison, rates[1] - rates[0], play)


def _ratio() -> Planned:
    def draw(rng: Rng, shape: tuple[int, ...], lift: float) -> tuple[Floats, Floats]:
        sessions = 1.0 + rng.poisson(rng.gamma(1.0, 3.0, shape))
        appeal = rng.beta(2.0, 8.0, shape)
        return np.asarray(
            rng.binomial(sessions.astype(np.int64), np.minimum(appeal * lift, 1.0)), dtype=np.float64
        ), sessions

    outcome = outcome_of_ratio(*draw(np.random.default_rng(0), (1_000_000,), 1.0))
    effect, lifted = 0.04, 1.2  # a fifth of a ratio of 0.2
    raised = outcome_of_ratio(*draw(np.random.default_rng(1), (1_000_000,), lifted))
    comparison = Comparison(
        "orders a session", MeanOutcome(outcome.baseline, outcome.variance, raised.variance)
    )

    def play(rng: Rng, control: int, treated: int) -> Bools:
        arms = [draw(rng, (EXPERIMENTS, units), lift) for units, lift in ((control, 1.0), (treated, lifted))]
        return _ratio_test(arms)

    return Planned(comparison, effect, play)


def _covariate() -> Planned:
    effect = 0.4
    comparison = Comparison("adjusted", MeanOutcome(0.0, 2.0), precision=Precision(explained=0.5))

    def play(rng: Rng, control: int, treated: int) -> Bools:
        x = rng.normal(size=(EXPERIMENTS, control + treated))
        y = x + rng.normal(size=x.shape)
        y[:, control:] += effect
        slope = _within_slope(x, y, control)
        adjusted = y - slope[:, None] * x
        return _welch(adjusted[:, :control], adjusted[:, control:])

    return Planned(comparison, effect, play)


def _clusters() -> Planned:
    between, mean_size, extra = 0.1, 20.0, 19.0
    # Sizes are 1 + a negative binomial of mean 19 and variance 19 + 19^2 / 4.
    cv = (extra + extra**2 / 4) ** 0.5 / mean_size
    effect = 0.26
    precision = Precision(cluster_size=mean_size, cluster_size_cv=cv, intraclass_correlation=between)
    comparison = Comparison("by store", MeanOutcome(0.0, 1.0), precision=precision)

    def draw(rng: Rng, clusters: int, lift: float) -> tuple[Floats, Floats]:
        sizes = 1.0 + rng.negative_binomial(4, 4 / (4 + extra), (EXPERIMENTS, clusters))
        store = rng.normal(0.0, between**0.5, sizes.shape)
        own = rng.normal(0.0, (1 - between) ** 0.5, sizes.shape) * np.sqrt(sizes)  # sum of so many units'
        return np.asarray(sizes * (store + lift) + own), sizes

    def play(rng: Rng, control: int, treated: int) -> Bools:
        counts = (round(control / mean_size), round(treated / mean_size))
        return _ratio_test([draw(rng, n, lift) for n, lift in zip(counts, (0.0, effect), strict=True)])

    return Planned(comparison, effect, play)


def _two_arms() -> Planned:
    alpha = alpha_of_each(0.05, 2, "bonferroni")
    effect = 1.0

    def play(rng: Rng, control: int, treated: int) -> Bools:
        a = rng.normal(0, 4, (EXPERIMENTS, control))
        b = rng.normal(effect, 4, (EXPERIMENTS, treated))
        return _welch(a, b, alpha)

    comparison = Comparison("mean", MeanOutcome(0.0, 16.0), Hypothesis(alpha), (0.5, 0.3, 0.2))
    return Planned(comparison, effect, play)


def _group_sequential() -> Planned:
    fractions = even_looks(5)
    critical = 2.040 / np.sqrt(fractions)
    return _sequential("group sequential", planned_looks(fractions, critical))


def _always_valid() -> Planned:
    def mixture(units: Floats) -> Floats:
        """Robbins' normal mixture, with the variance of effects that suits the planned end."""
        ratio = 10.0 * units / units[-1]
        return np.asarray(np.sqrt((1 + 1 / ratio) * np.log((1 + ratio) / 0.05**2)))

    return _sequential("always valid", Looks(even_looks(14), mixture))


def _sequential(metric: str, looks: Looks) -> Planned:
    effect = 0.1

    def play(rng: Rng, control: int, treated: int) -> Bools:
        critical = looks.critical(control + treated)
        count = len(looks.fractions)
        total = [np.zeros(EXPERIMENTS) for _ in range(2)]
        square = [np.zeros(EXPERIMENTS) for _ in range(2)]
        stopped = np.zeros(EXPERIMENTS, dtype=np.bool_)
        for k in range(count):
            now = []
            for arm, (units, mean) in enumerate(((control, 0.0), (treated, effect))):
                until = round(units * looks.fractions[k])
                new = until - (round(units * looks.fractions[k - 1]) if k else 0)
                fresh = rng.normal(mean, 1.0, (EXPERIMENTS, new))
                total[arm] += fresh.sum(axis=1)
                square[arm] += (fresh**2).sum(axis=1)
                average = total[arm] / until
                now.append((average, (square[arm] / until - average**2) / (until - 1)))
            z = (now[1][0] - now[0][0]) / np.sqrt(now[0][1] + now[1][1])
            stopped |= np.abs(z) > critical[k]
        return stopped

    return Planned(Comparison(metric, MeanOutcome(0.0, 1.0), looks=looks), effect, play)


def _non_inferiority() -> Planned:
    hypothesis = non_inferiority(0.02, distribution="normal")
    comparison = Comparison("retained", ProportionOutcome(0.3), hypothesis)

    def play(rng: Rng, control: int, treated: int) -> Bools:
        return _wald(rng, (control, treated), (0.3, 0.3), hypothesis.null) > -ndtri(0.05)

    return Planned(comparison, 0.0, play)


def _two_sided(freedom: Floats | None, alpha: float = 0.05) -> Any:
    return -(ndtri(alpha / 2) if freedom is None else stdtrit(freedom, alpha / 2))


def _welch(a: Floats, b: Floats, alpha: float = 0.05) -> Bools:
    """Two-sided, of (experiments, units) an arm."""
    means, variances = zip(
        *((arm.mean(axis=1), arm.var(axis=1, ddof=1) / arm.shape[1]) for arm in (a, b)), strict=True
    )
    return _t_test(means[1] - means[0], variances, (a.shape[1], b.shape[1]), alpha)


def _ratio_test(arms: list[tuple[Floats, Floats]]) -> Bools:
    """Two-sided, of ratios of sums by the delta method; a row's units are independent."""
    ratios, variances = [], []
    for above, below in arms:
        mean = below.mean(axis=1, keepdims=True)
        ratio = above.mean(axis=1, keepdims=True) / mean
        influence = (above - ratio * below) / mean
        ratios.append(ratio[:, 0])
        variances.append(influence.var(axis=1, ddof=1) / above.shape[1])
    counts = (arms[0][0].shape[1], arms[1][0].shape[1])
    return _t_test(ratios[1] - ratios[0], variances, counts, 0.05)


def _t_test(difference: Floats, variances: Any, units: tuple[int, int], alpha: float) -> Bools:
    a, b = variances
    freedom = (a + b) ** 2 / (a**2 / (units[0] - 1) + b**2 / (units[1] - 1))
    return np.asarray(np.abs(difference) / np.sqrt(a + b) > _two_sided(freedom, alpha), dtype=np.bool_)


def _wald(rng: Rng, units: tuple[int, int], rates: tuple[float, float], null: float) -> Any:
    """Upper z statistics, with each arm's own variance."""
    p = [rng.binomial(n, rate, EXPERIMENTS) / n for n, rate in zip(units, rates, strict=True)]
    variance = sum(one * (1 - one) / n for one, n in zip(p, units, strict=True))
    return (p[1] - p[0] - null) / np.sqrt(variance)


def _within_slope(x: Floats, y: Floats, control: int) -> Floats:
    """Of y on x, each arm about its own means."""
    above, below = np.zeros(len(x)), np.zeros(len(x))
    for arm in (slice(None, control), slice(control, None)):
        centred = x[:, arm] - x[:, arm].mean(axis=1, keepdims=True)
        above += np.sum(centred * y[:, arm], axis=1)
        below += np.sum(centred**2, axis=1)
    return above / below


PLANS: dict[str, Callable[[], Planned]] = {
    "mean": _mean,
    "skewed-mean": lambda: _skewed_mean(0.8, 0.3),
    "skewed-holdout": lambda: _skewed_mean(0.2, 0.3),
    "proportion": lambda: _proportion((0.10, 0.13), (0.7, 0.3)),
    "rare-holdout": lambda: _proportion((0.02, 0.015), (0.1, 0.9)),
    "ratio": _ratio,
    "covariate": _covariate,
    "clusters": _clusters,
    "two-arms": _two_arms,
    "group-sequential": _group_sequential,
    "always-valid": _always_valid,
    "non-inferiority": _non_inferiority,
}
