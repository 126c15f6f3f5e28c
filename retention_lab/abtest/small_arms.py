"""Whether an arm is too small for a metric as skewed as it is: the check `skewed_small_arm`.

What counts is the skewness of the difference of the arms' means, in its standard errors. Equal arms cancel
it; beside a large arm, a small one keeps nearly all of its own. Of means and shares it is corrected for, see
`skewed.py`, up to 0.4: there, in simulations, tests still reject at most 5.5 % of no effects at 5 %, but
intervals miss on one side more than on the other, and beyond it they rest on a few large units.

For metrics that are adjusted for covariates, for ratios, and where the correction is switched off, intervals
are normal ones. Those reject about 5 % plus a quarter of the squared skewness: 5.3 % at 0.1, 6 % at 0.2,
and, looked at on the way, half as much again. So 0.1 is their threshold; what is taken is the skewness of the
metric's first number, as third moments of adjusted numbers are not kept.

Where arms are transformed or adjusted each on its own (`relative: log` or `delta`, `adjustment: by_arm`),
nothing cancels, and the smaller arm's own skewness counts: at 0.2 tests reject half a point too often, at 0.3
one.
"""

from collections.abc import Callable

import numpy as np

from retention_lab.abtest.arm import ArmValue, Form
from retention_lab.abtest.metrics import Metric
from retention_lab.abtest.skewed import MOST, arm_skewness, difference_skewness
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summary import Part, Summary
from retention_lab.abtest.units import form_of
from retention_lab.arrays import Floats
from retention_lab.checks import Check, check

UNCORRECTED = 0.1  # skewness of the difference, from which normal intervals miss by too much
ALONE = 0.2  # of the smaller arm, where each is transformed or adjusted on its own

Measure = Callable[[Floats], Floats]  # (4, 2) units, variance, third and fourth moment of control and an arm


def skewness_check(summary: Summary, metric: Metric, spec: Specification) -> tuple[Check, str]:
    """Of all arms beside control, the worst: soft, so that results are shown, with the warning. And the
    smaller of the two arms."""
    values = [_value(summary, metric, arm) for arm in range(len(summary.arms))]
    asked = [(arm, *one) for arm in range(1, len(values)) for one in _asked(summary, metric, spec)]
    measured = [(arm, _of(values[0], values[arm], of), limit) for arm, of, limit in asked]
    arm, value, limit = max(measured, key=lambda one: one[1] / one[2])
    passed = value <= limit
    smaller = min((0, arm), key=lambda k: summary.main.units(k))
    detail = "No arm is too small for how skewed it is." if passed else _detail(summary, smaller)
    found = check(f"skewed_small_arm_{metric.name}", "soft", passed, value, limit, detail)
    return found, summary.arms[smaller]


def _asked(summary: Summary, metric: Metric, spec: Specification) -> list[tuple[Measure, float]]:
    """What is measured, and from where on it is too much."""
    analysis = spec.analysis
    plain = form_of(metric) == Form() and summary.clusters is None
    corrected = plain and analysis.skewness == "corrected" and not analysis.pooled
    found: list[tuple[Measure, float]] = [(_of_difference, MOST if corrected else UNCORRECTED)]
    alone = analysis.relative != "fieller"
    if alone or (analysis.adjustment == "by_arm" and form_of(metric).covariates):
        found.append((_of_arm, ALONE))
    return found


def _of_difference(shapes: Floats) -> Floats:
    return difference_skewness(*shapes)


def _of_arm(shapes: Floats) -> Floats:
    return arm_skewness(*shapes[:3])


def _of(control: ArmValue | None, treated: ArmValue | None, measure: Measure) -> float:
    """0 where an arm has too few units to be measured at all: then there is no result to be warned of."""
    if control is None or treated is None:
        return 0.0
    shapes = [(one.n, one.variance, one.third, one.fourth) for one in (control, treated)]
    return abs(float(measure(np.array(shapes, dtype=np.float64).T)))


def _detail(summary: Summary, arm: int) -> str:
    units = summary.main.units(arm)
    return (
        f"{summary.arms[arm]} has too few units, {units:,}, for so skewed a metric, "
        "and intervals miss more often than they say. Winsorise it, or wait for more units."
    )


def _value(summary: Summary, metric: Metric, arm: int) -> ArmValue | None:
    """Moments of the first number of a unit; of whole clusters, of how far their totals are from those of as
    many average units."""
    if summary.clusters is not None:
        return _of_clusters(summary.clusters, metric, arm)
    sums = summary.main.sums(metric.name, arm)
    if sums.count < 2:
        return None
    return ArmValue(float(sums.mean[0]), float(sums.covariance[0, 0]), sums.count, *sums.shape)


def _of_clusters(part: Part, metric: Metric, arm: int) -> ArmValue | None:
    known = part.by_level(metric.name, arm)
    total, count = known.total[:, 0], known.count.astype(np.float64)
    if len(count) < 2 or count.sum() == 0:
        return None
    apart = total - count * total.sum() / count.sum()
    variance, third, fourth = (float(np.mean(apart**k)) for k in (2, 3, 4))
    return ArmValue(0.0, variance, len(count), third, fourth)
