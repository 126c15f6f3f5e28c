"""Whether a test's numbers may be believed at all, asked before any result.

Hard checks, of which all together fail in at most 1 % of clean tests: how many units each arm has. Soft ones
are shown with every result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
from scipy.special import chdtrc

from retention_lab.abtest.metrics import Metric, Quantile
from retention_lab.abtest.running_sample_ratio import running_sample_ratio
from retention_lab.abtest.sample_ratio import SampleRatio, sample_ratio
from retention_lab.abtest.small_arms import skewness_check
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summary import Summary
from retention_lab.abtest.tails import normal_test
from retention_lab.abtest.terms import demand
from retention_lab.checks import Check, check

WARNED = 0.01  # of the sample ratio: below it and above the hard threshold, it is said
SUSPECT = 0.01  # of soft tests, corrected for how many are asked
LOPSIDED = 0.5  # share of a metric's scatter that one unit makes, from which it is said
_TREND_DAYS = 5  # days from which a trend of the effect can be seen

Facts = Mapping[str, str | float | Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Finding:
    """A check, and what its sentence speaks of, for those who say it in another language.

    kind: what was asked, whatever it was asked of. facts: names, numbers, and numbers by arm.
    """

    check: Check
    kind: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trust:
    """sample_ratio: None where no shares were planned; findings: those about the arms' sizes first."""

    sample_ratio: SampleRatio | None
    findings: tuple[Finding, ...]

    @property
    def checks(self) -> tuple[Check, ...]:
        """As every command shows them."""
        return tuple(one.check for one in self.findings)

    @property
    def trustworthy(self) -> bool:
        """Whether no hard check failed."""
        return all(one["passed"] is not False for one in self.checks if one["severity"] == "hard")


def trust(summary: Summary, spec: Specification) -> Trust:
    """All checks of a test's units."""
    ratio, found = _sizes(summary, spec)
    of_means = [m for m in spec.metrics if not isinstance(m, Quantile)]
    found += _missing_checks(summary, of_means)
    found += _earlier_checks(summary, of_means)
    found += [_outlier_check(summary, metric) for metric in of_means if metric.type != "proportion"]
    found += [_skewness_check(summary, metric, spec) for metric in of_means]
    found += [
        one for metric in of_means if metric.role == "primary" for one in _trend_checks(summary, metric)
    ]
    found += _cluster_checks(summary)
    found += _unit_checks(spec)
    return Trust(ratio, tuple(found))


def _sizes(summary: Summary, spec: Specification) -> tuple[SampleRatio | None, list[Finding]]:
    shares = spec.planned_shares
    if shares is None:
        detail = "No shares were planned, so nobody can say whether units are lost: set `planned_shares`."
        unasked = check("sample_ratio", "hard", None, None, spec.analysis.sample_ratio_alpha, detail)
        return None, [Finding(unasked, "sample_ratio")]
    counts = {arm: int(n) for arm, n in zip(summary.arms, summary.assigned, strict=True)}
    ratio = sample_ratio(counts, {arm: shares[arm] for arm in summary.arms})
    total = sum(ratio.observed.values())
    planned = {arm: share * total for arm, share in ratio.planned.items()}
    facts: Facts = {"observed": ratio.observed, "planned": planned}
    found = Finding(_ratio_check(ratio, spec), "sample_ratio", facts)
    return ratio, [found, *_running_check(summary, shares, spec)]


def _ratio_check(ratio: SampleRatio, spec: Specification) -> Check:
    alpha = spec.analysis.sample_ratio_alpha
    seen = ", ".join(f"{arm} {n:,}" for arm, n in ratio.observed.items())
    total = sum(ratio.observed.values())
    planned = ", ".join(f"{arm} {share * total:,.0f}" for arm, share in ratio.planned.items())
    if ratio.p_value < alpha:
        detail = (
            f"{seen} were counted where {planned} were planned: units are lost, added or assigned wrongly, "
            "and the arms cannot be compared."
        )
        return check("sample_ratio", "hard", False, ratio.p_value, alpha, detail)
    if ratio.p_value < WARNED:
        detail = f"{seen} were counted where {planned} were planned: unlikely, look for lost units."
        return check("sample_ratio", "soft", False, ratio.p_value, WARNED, detail)
    return check("sample_ratio", "hard", True, ratio.p_value, alpha, f"{seen}, as planned.")


def _running_check(summary: Summary, shares: dict[str, float], spec: Specification) -> list[Finding]:
    """Asked of tests with days alone: the split day by day, with evidence that holds at every look."""
    if len(summary.days) < 2:
        return []
    cells = summary.main.cells
    daily = np.zeros((len(summary.days), len(summary.arms)), dtype=np.int64)
    np.add.at(daily, (cells.day, cells.arm), cells.units)
    alpha = spec.analysis.sample_ratio_alpha
    found = running_sample_ratio(
        np.cumsum(daily, axis=0), np.array([shares[arm] for arm in summary.arms]), alpha=alpha
    )
    lowest = float(found.log10_p[-1])
    passed = bool(lowest >= np.log10(alpha))
    first = "" if passed else summary.days[int(np.argmax(found.log10_p < np.log10(alpha)))]
    detail = "No day shows it." if passed else f"Since {first} the arms do not fill up as planned."
    one = check("sample_ratio_by_day", "hard", passed, float(10.0**lowest), alpha, detail)
    return [Finding(one, "sample_ratio_by_day", {"since": first})]


def _missing_checks(summary: Summary, metrics: Sequence[Metric]) -> list[Finding]:
    """Metrics that some units lack: whether the arms lack them alike."""
    lacking = [m for m in metrics if summary.main.moments[m.name].missing.sum() > 0]
    found = []
    for metric in lacking:
        arms = [summary.main.sums(metric.name, arm) for arm in range(len(summary.arms))]
        table = np.array([[one.missing, one.count] for one in arms], dtype=np.float64)
        p_value = _independence(table)
        threshold = SUSPECT / len(lacking)
        shares = {arm: float(m / max(m + n, 1)) for arm, (m, n) in zip(summary.arms, table, strict=True)}
        passed = p_value >= threshold
        detail = "Missing: " + ", ".join(f"{arm} {share:.2%}" for arm, share in shares.items())
        detail += "." if passed else "; arms that lose other units cannot be compared."
        one = check(f"missing_{metric.name}", "soft", passed, p_value, threshold, detail)
        found.append(Finding(one, "missing", {"metric": metric.name, "shares": shares}))
    return found


def _independence(table: np.ndarray) -> float:
    """p-value of Pearson's test that rows have equal shares; 1 where a column is empty."""
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    statistic = float(np.sum((table - expected) ** 2 / expected))
    return float(chdtrc(len(table) - 1, statistic))


def _earlier_checks(summary: Summary, metrics: Sequence[Metric]) -> list[Finding]:
    """Covariates are older than the test: arms that differ in them were not drawn at random."""
    asked = [
        (metric, place, term.name)
        for metric in metrics
        for place, term in enumerate(demand(metric).terms)
        if place >= len(demand(metric).outcomes)
    ]
    seen: dict[str, tuple[Metric, int]] = {}
    for metric, place, name in asked:
        seen.setdefault(name, (metric, place))
    found = []
    for name, (metric, place) in seen.items():
        lowest = 1.0
        control = summary.main.sums(metric.name, 0)
        for arm in range(1, len(summary.arms)):
            treated = summary.main.sums(metric.name, arm)
            if min(control.count, treated.count) < 2:
                continue
            errors = [one.covariance[place, place] / one.count for one in (control, treated)]
            if sum(errors) > 0:
                z = float(treated.shift[place] - control.shift[place]) / sqrt(sum(errors))
                lowest = min(lowest, normal_test(z).p_value)
        threshold = SUSPECT / (len(seen) * (len(summary.arms) - 1))
        passed = lowest >= threshold
        detail = "Alike before the test." if passed else "The arms differed before the test began."
        one = check(f"before_{name}", "soft", passed, lowest, threshold, detail)
        found.append(Finding(one, "before", {"covariate": name}))
    return found


def _outlier_check(summary: Summary, metric: Metric) -> Finding:
    """How much of the scatter the largest unit makes, at most: (sum of fourth powers)^½ over sum of
    squares."""
    shares = []
    for arm in range(len(summary.arms)):
        sums = summary.main.sums(metric.name, arm)
        _, fourth = sums.shape if sums.count else (0.0, 0.0)
        scatter = float(sums.scatter[0, 0]) if sums.count else 0.0
        shares.append(sqrt(fourth * sums.count) / scatter if scatter > 0 else 0.0)
    most = max(shares)
    passed = most < LOPSIDED
    arm_name = summary.arms[int(np.argmax(shares))]
    detail = (
        "No unit decides the result."
        if passed
        else f"One unit of {arm_name} makes about {most:.0%} of the spread: look at it, or winsorise."
    )
    found = check(f"outliers_{metric.name}", "soft", passed, most, LOPSIDED, detail)
    return Finding(found, "outliers", {"metric": metric.name, "arm": arm_name, "share": most})


def _skewness_check(summary: Summary, metric: Metric, spec: Specification) -> Finding:
    """Whether the arms are large enough for how few units make most of the metric."""
    found, arm = skewness_check(summary, metric, spec)
    units = summary.main.units(summary.arms.index(arm))
    return Finding(found, "skewed_small_arm", {"metric": metric.name, "arm": arm, "units": float(units)})


def _trend_checks(summary: Summary, metric: Metric) -> list[Finding]:
    """Whether the effect of units that came in later is another: novelty, decay, or something that
    changed."""
    if len(summary.days) < _TREND_DAYS:
        return []
    found = []
    for arm in range(1, len(summary.arms)):
        days, effects, errors = [], [], []
        for day in range(len(summary.days)):
            pair = [_of_day(summary, metric.name, k, day) for k in (0, arm)]
            if any(one is None for one in pair):
                continue
            (mean_control, error_control), (mean_arm, error_arm) = (one for one in pair if one is not None)
            if error_control + error_arm > 0:
                days.append(float(day))
                effects.append(mean_arm - mean_control)
                errors.append(error_control + error_arm)
        if len(days) < _TREND_DAYS:
            continue
        weight = 1 / np.array(errors)
        centred = np.array(days) - np.average(days, weights=weight)
        slope = float(np.sum(weight * centred * np.array(effects)) / np.sum(weight * centred**2))
        p_value = normal_test(slope * sqrt(float(np.sum(weight * centred**2)))).p_value
        threshold = SUSPECT / (len(summary.arms) - 1)
        passed = p_value >= threshold
        word = "grows" if slope > 0 else "falls"
        detail = (
            "The effect is steady." if passed else f"The effect {word} from day to day ({slope:+.3g} a day)."
        )
        name = f"trend_{metric.name}" + (f".{summary.arms[arm]}" if len(summary.arms) > 2 else "")
        one = check(name, "soft", passed, p_value, threshold, detail)
        found.append(Finding(one, "trend", {"metric": metric.name, "arm": summary.arms[arm], "slope": slope}))
    return found


def _of_day(summary: Summary, metric: str, arm: int, day: int) -> tuple[float, float] | None:
    """Mean of the first number and its error, of one day's units; None for fewer than two."""
    cells = summary.main.cells
    sums = summary.main.moments[metric].sums_over((cells.arm == arm) & (cells.day == day))
    if sums.count < 2:
        return None
    return float(sums.mean[0]), float(sums.covariance[0, 0]) / sums.count


def _cluster_checks(summary: Summary) -> list[Finding]:
    """Where whole clusters were randomised, each of them has one arm."""
    if summary.clusters is None:
        return []
    cells = summary.clusters.cells
    pairs = np.unique(np.column_stack([cells.level, cells.arm]), axis=0)
    mixed = int(np.sum(np.bincount(pairs[:, 0]) > 1))
    detail = (
        "Every cluster has one arm."
        if mixed == 0
        else f"{mixed} clusters have units of several arms: they were not randomised whole."
    )
    return [Finding(check("whole_clusters", "hard", mixed == 0, mixed, 0, detail), "whole_clusters")]


def _unit_checks(spec: Specification) -> list[Finding]:
    """Units that stand in two rows are refused before; without ids nobody can see them."""
    if spec.unit is not None:
        return []
    detail = "No column names the units, so nobody can say whether one stands in two rows."
    return [Finding(check("unique_units", "hard", None, detail=detail), "unique_units")]
