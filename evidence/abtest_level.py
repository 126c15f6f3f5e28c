"""Do the tests and intervals of A/B tests hold 5 % and 95 %, whatever the outcome, the arms and the method?

Fixed before any of these seeds was run: outcomes that are normal, that convert in a tenth, and spend of which
a tenth buys, for lognormal amounts of a log-spread of 1; arms of 1,000 and 1,000 units, 50,000 and 50,000,
45,000 and 5,000 treated, 9,000 and 1,000 treated; twelve cells, seeds 0 to 99 in each, every cell shown. A
seed is 100 tests, each once without an effect and once with one, in the product's default analysis: Welch's
intervals, corrected for skewness where it is known and matters. Methods were chosen on seeds from 100,000 on.

Of every test: the mean, its relative effect by Fieller and by logarithms, the mean adjusted for its value
before the test with one coefficient and with one of each arm, a ratio, the ratio adjusted for itself before
the test, the mean within three strata, the mean where whole clusters of 20 units on average were randomised;
of conversions also Newcombe's interval and the score test, of spend the mean cut at the quantile .999.

A method passes in a cell where false alarms and misses, of 10,000 tests each, lie within 3.3 binomial
standard errors of .05 (.0428 to .0572); of spend, from .03 on: an arm with few large orders lengthens its own
error, and t tests are conservative there. It passes, too, where the product says of at least 95 % of the
tests that an arm is too small for so skewed a metric (`skewed_small_arm`), and no more than 12 % are
rejected. A cell passes where every method does.
"""

from collections.abc import Callable, Mapping
from math import exp, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtr

from evidence.abtest_units import (
    MORE_CONVERT,
    MORE_SPEND,
    NORMAL_SHIFT,
    TESTS,
    Arm,
    Rng,
    capped_sums,
    caps,
    cluster_sums,
    converting_arm,
    normal_arm,
    spending_arm,
)
from evidence.studies import Columns, Numbers
from retention_lab.abtest.arm import Form
from retention_lab.abtest.lift import Rule
from retention_lab.abtest.simulation.lifts import (
    as_shares,
    many_lifts,
    newcombe_ends,
    score_rejected,
    skewness_of_many,
)
from retention_lab.abtest.simulation.relatives import many_relatives
from retention_lab.abtest.simulation.values import ManyCompared, compare_many, compare_strata
from retention_lab.abtest.skewed import MOST, arm_skewness, difference_skewness
from retention_lab.abtest.small_arms import ALONE, UNCORRECTED
from retention_lab.arrays import Bools, Floats

ARMS = {
    "1,000:1,000": (1_000, 1_000),
    "50,000:50,000": (50_000, 50_000),
    "45,000:5,000": (45_000, 5_000),
    "9,000:1,000": (9_000, 1_000),
}
DRAW: dict[str, Callable[[Rng, int, bool], Arm]] = {
    "normal": normal_arm,
    "conversion": converting_arm,
    "spend": spending_arm,
}
CELLS: dict[str, dict[str, Any]] = {
    f"{outcome}-{name}": {"outcome": outcome, "arms": list(arms)}
    for outcome in DRAW
    for name, arms in ARMS.items()
}
SEEDS = range(100)
ABOUT = (
    "evidence.abtest_units",
    "retention_lab.abtest.simulation.sums",
    "retention_lab.abtest.simulation.values",
    "retention_lab.abtest.simulation.lifts",
    "retention_lab.abtest.simulation.relatives",
    "retention_lab.abtest.skewed",
    "retention_lab.abtest.score",
)
ALPHA, BAND, WORST, WARNED = 0.05, 3.3, 0.12, 0.95
LEAST_OF_SPEND = 0.03
CAP = 0.999
BUYER = exp(0.5)  # mean amount
# mean, and ratio, with an effect less without one
TRUTH = {
    "normal": (NORMAL_SHIFT, NORMAL_SHIFT / 5),
    "conversion": (0.1 * (MORE_CONVERT - 1), 0.1 * (MORE_CONVERT - 1) / 1.32),
    "spend": (0.1 * BUYER * (MORE_SPEND - 1), 0.1 * BUYER * (MORE_SPEND - 1) / 0.14),
}
RELATIVE = {"normal": NORMAL_SHIFT / 10, "conversion": MORE_CONVERT - 1, "spend": MORE_SPEND - 1}
RULE = Rule()
FORMS = {
    "adjusted": (Form(covariates=((2, None),)), "pooled"),
    "adjusted_by_arm": (Form(covariates=((2, None),)), "by_arm"),
    "ratio": (Form(below=1), "pooled"),
    "ratio_adjusted": (Form(below=1, covariates=((2, 3),)), "pooled"),
}


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    rng = np.random.default_rng(seed)
    outcome, (control, treated) = cell["outcome"], cell["arms"]
    draw = DRAW[outcome]
    arms = draw(rng, control, False), draw(rng, treated, False), draw(rng, treated, True)
    found: Numbers = {}
    for name, rejected in _methods(outcome, arms, (control, treated)).items():
        false_alarm, missed, warned = rejected
        found[f"{name}_rejected"] = float(false_alarm.sum())
        found[f"{name}_missed"] = float(missed.sum())
        found[f"{name}_warned"] = float(warned.sum())
    return found


def summary(columns: Columns) -> dict[str, Any]:
    names = [name.removesuffix("_rejected") for name in columns if name.endswith("_rejected")]
    methods = {name: _judged(columns, name) for name in names}
    return {
        "tests": TESTS * len(columns[f"{names[0]}_rejected"]),
        "pass": all(one["pass"] for one in methods.values()),
        **methods,
    }


def _judged(columns: Columns, name: str) -> dict[str, Any]:
    tests = TESTS * len(columns[f"{name}_rejected"])
    alarms, missed, warned = (
        float(columns[f"{name}_{what}"].sum()) / tests for what in ("rejected", "missed", "warned")
    )
    band = BAND * sqrt(ALPHA * (1 - ALPHA) / tests)
    least = LEAST_OF_SPEND if "cut_rejected" in columns else ALPHA - band
    holds = all(least <= share <= ALPHA + band for share in (alarms, missed))
    told = warned >= WARNED and max(alarms, missed) <= WORST
    return {
        "false_alarms": alarms,
        "coverage": 1 - missed,
        "warned": warned,
        "holds": holds,
        "pass": bool(holds or told),
    }


Found = tuple[Bools, Bools, Bools]  # of each test: a false alarm, a truth that was missed, a warning


def _methods(outcome: str, arms: tuple[Arm, Arm, Arm], n: tuple[int, int]) -> dict[str, Found]:
    """By method: of no effect and of one; control, treated without an effect and with one."""
    mean, ratio = TRUTH[outcome]
    control, *treated = (one.units for one in arms)
    plain = [_shares(outcome, compare_many(control, one, Form())) for one in treated]
    skewed = _skewness(plain[0])
    found = {"mean": _of_lifts(plain, mean, _beyond(skewed, MOST))}
    alone = _beyond(_arm_skewness(plain[0]), ALONE)
    found["fieller"] = _of_relatives(plain, outcome, "fieller", _beyond(skewed, MOST))
    found["log"] = _of_relatives(plain, outcome, "log", _beyond(skewed, MOST) | alone)
    for name, (form, adjustment) in FORMS.items():
        compared = [compare_many(control, one, form, adjustment) for one in treated]  # type: ignore[arg-type]
        warned = _beyond(skewed, UNCORRECTED) | (alone & (adjustment == "by_arm"))
        found[name] = _of_lifts(compared, mean if form.below is None else ratio, warned)
    strata = [compare_strata(arms[0].strata, one.strata, Form()) for one in arms[1:]]
    found["strata"] = _of_lifts(strata, mean, _beyond(skewed, MOST))
    whole = [cluster_sums(one.clusters) for one in arms]
    clusters = [compare_many(whole[0], one, Form(below=1)) for one in whole[1:]]
    found["clusters"] = _of_lifts(clusters, mean, _beyond(_cluster_skewness(arms), UNCORRECTED))
    if outcome == "conversion":
        found |= _of_shares(plain, mean)
    if outcome == "spend":
        found["cut"] = _of_cut(arms, n)
    return found


def _shares(outcome: str, found: ManyCompared) -> ManyCompared:
    return as_shares(found) if outcome == "conversion" else found


def _of_lifts(compared: list[ManyCompared], truth: float | Floats, warned: Bools) -> Found:
    nothing, effect = (many_lifts(one, RULE) for one in compared)
    return nothing.rejected(RULE), effect.rejected(RULE, truth) | ~effect.known, warned


def _of_relatives(compared: list[ManyCompared], outcome: str, how: Any, warned: Bools) -> Found:
    outside = []
    for one, truth in zip(compared, (0.0, RELATIVE[outcome]), strict=True):
        ends = many_relatives(one, RULE, how, many_lifts(one, RULE).skew)
        outside.append(ends.known & ((truth < ends.low) | (ends.high < truth)))
    return outside[0], outside[1], warned


def _of_shares(compared: list[ManyCompared], truth: float) -> dict[str, Found]:
    nothing, effect = compared
    silent = np.zeros(TESTS, dtype=np.bool_)
    outside = []
    for one, null in ((nothing, 0.0), (effect, truth)):
        low, high = newcombe_ends(one, RULE)
        outside.append((null < low) | (high < null))
    return {
        "newcombe": (outside[0], outside[1], silent),
        "score": (score_rejected(nothing, RULE), score_rejected(effect, RULE, truth), silent),
    }


def _of_cut(arms: tuple[Arm, Arm, Arm], n: tuple[int, int]) -> Found:
    compared, truth = [], 0.0 * np.zeros(TESTS)
    for treated in arms[1:]:
        cap = caps((arms[0], treated), sum(n), CAP)
        sums = capped_sums(arms[0], n[0], cap), capped_sums(treated, n[1], cap)
        compared.append(compare_many(*sums, Form()))
        truth = 0.1 * (MORE_SPEND * _mean_below(cap / MORE_SPEND) - _mean_below(cap))
    return _of_lifts(compared, truth, _beyond(_skewness(compared[0]), MOST))


def _mean_below(cap: Floats) -> Floats:
    """Mean amount of a buyer, cut at a cap."""
    return np.asarray(BUYER * ndtr(np.log(cap) - 1) + cap * ndtr(-np.log(cap)))


def _skewness(found: ManyCompared) -> Floats:
    return skewness_of_many(found.control, found.treated)


def _arm_skewness(found: ManyCompared) -> Floats:
    arms = found.control, found.treated
    if any(one.third is None for one in arms):
        return np.zeros(TESTS)
    return arm_skewness(
        *(np.stack([getattr(one, name) for one in arms]) for name in ("n", "variance", "third"))
    )


def _cluster_skewness(arms: tuple[Arm, Arm, Arm]) -> Floats:
    """As the product's check has it: of totals, less those of as many average units."""
    shapes = []
    for total, size in (np.moveaxis(one.clusters, -1, 0) for one in arms[:2]):
        apart = total - size * (total.sum(axis=1) / size.sum(axis=1))[:, None]
        count = np.full(TESTS, float(total.shape[1]))
        shapes.append([count, *(np.mean(apart**k, axis=1) for k in (2, 3, 4))])
    return difference_skewness(*np.array(shapes).transpose(1, 0, 2))


def _beyond(skewness: Floats, threshold: float) -> Bools:
    return np.abs(skewness) > threshold
