"""Whether an arm is too small for a metric as skewed as it is: the check `skewed_small_arm`.

What counts is the skewness of the difference of the arms' means, in its standard errors. Equal arms cancel
it; beside a large arm, a small one keeps nearly all of its own. Of means and shares it is corrected for, see
`skewed.py`, up to 0.4: there, in simulations, tests still reject at most 5.5 % of no effects at 5 %, but
intervals miss on one side more than on the other, and beyond it they rest on a few large units.

For metrics that are adjusted for covariates, for ratios, and where the correction is switched off, intervals
are normal ones. Those reject about 5 % plus a quarter of the squared skewness: 5.3 % at 0.1, 6 % at 0.2,
and, looked at on the way, half as much again. So 0.1 is their threshold; what is taken is the skewness of the
metric's first number, as third moments of adjusted numbers are not kept.
"""

import numpy as np

from retention_lab.abtest.arm import ArmValue, Form
from retention_lab.abtest.metrics import Metric
from retention_lab.abtest.skewed import MOST, skewness_of
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summary import Part, Summary
from retention_lab.abtest.units import form_of
from retention_lab.checks import Check, check

UNCORRECTED = 0.1  # skewness of the difference, from which normal intervals miss by too much


def skewness_check(summary: Summary, metric: Metric, spec: Specification) -> Check:
    """Of all arms beside control, the worst. Soft: results are shown, with the warning."""
    corrected = spec.analysis.skewness == "corrected" and not spec.analysis.pooled
    plain = form_of(metric) == Form() and summary.clusters is None
    threshold = MOST if corrected and plain else UNCORRECTED
    values = [_value(summary, metric, arm) for arm in range(len(summary.arms))]
    found = [0.0 if one is None else abs(one) for one in (_skewness(values[0], one) for one in values[1:])]
    worst = max(found)
    passed = worst <= threshold
    detail = "No arm is too small for how skewed it is." if passed else _detail(summary, found)
    return check(f"skewed_small_arm_{metric.name}", "soft", passed, worst, threshold, detail)


def _detail(summary: Summary, found: list[float]) -> str:
    arm = 1 + int(np.argmax(found))
    smaller = min((0, arm), key=lambda k: summary.main.units(k))
    return (
        f"{summary.arms[smaller]} has too few units, {summary.main.units(smaller):,}, for so skewed a metric, "
        "and intervals miss more often than they say. Winsorise it, or wait for more units."
    )


def _skewness(control: ArmValue | None, treated: ArmValue | None) -> float | None:
    return None if control is None or treated is None else skewness_of(control, treated)


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
