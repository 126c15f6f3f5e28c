"""What past units say of a metric before a test: its value, its spread, what covariates and clusters do."""

from dataclasses import dataclass
from math import exp, pi, sqrt

import numpy as np
import pyarrow as pa
from scipy.special import ndtri

from retention_lab.abtest.arm import Form
from retention_lab.abtest.centres import capped, caps_of
from retention_lab.abtest.design.outcome import MeanOutcome, Outcome, ProportionOutcome, outcome_of_influence
from retention_lab.abtest.design.precision import (
    Precision,
    clustered_precision,
    explained_share,
    what_covariates_leave,
)
from retention_lab.abtest.metrics import Metric, Proportion, Quantile
from retention_lab.abtest.rows import level_codes, numbers, require_column
from retention_lab.abtest.terms import Demand, demand
from retention_lab.abtest.units import form_of
from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError

_REACH = 1.96 ** (2 / 3)  # of the quantiles that the density is taken from, for intervals of 95 %


@dataclass(frozen=True, slots=True)
class Past:
    """A metric over past units, each with its total over a closed window.

    outcome, precision: what a design needs. units: with a value; missing: without one. cap: the value at
    which the metric was cut, None where it is not.
    """

    outcome: Outcome
    precision: Precision
    units: int
    missing: int
    cap: float | None = None


def past_metric(
    rows: pa.Table, metric: Metric, *, cluster: str | None = None, strata: str | None = None
) -> Past:
    """A metric of one row a unit, cut and adjusted as the analysis will.

    cluster: column of the groups that will be randomised whole; strata: column of the post-stratification,
    which does nothing where there are clusters.
    Raises LabError where a column is missing or holds no numbers, a value is infinite, a share is neither 0
    nor 1, too few units have the metric, or they do not vary.
    """
    require_column(rows, cluster)
    require_column(rows, strata)
    if isinstance(metric, Quantile):
        return _quantile(rows, metric)
    asked = demand(metric)
    values = {name: numbers(rows, name) for name in asked.columns}
    cap = caps_of(values, [metric]).get(metric.name)
    matrix = _matrix(values, capped(asked, cap), metric.name)
    known: Bools = np.all(np.isfinite(matrix[:, : len(asked.outcomes)]), axis=1)
    matrix = matrix[known]
    if len(matrix) < 2:
        raise LabError(
            f"{len(matrix)} of {len(known)} past units have the metric '{metric.name}'.",
            "Use a history in which it was measured.",
            key="metrics",
        )
    found = _linear(_filled(matrix), form_of(metric))
    outcome = _outcome(metric, found)
    groups = None if cluster is None else level_codes(rows, cluster)[1][known]
    stratum = None if strata is None or cluster is not None else level_codes(rows, strata)[1][known]
    precision = _precision(found, groups, stratum)
    return Past(outcome, precision, len(matrix), int((~known).sum()), cap)


def _matrix(values: dict[str, Floats], asked: Demand, name: str) -> Floats:
    if any(np.isinf(one).any() for one in values.values()):
        raise LabError(
            f"The metric '{name}' has an infinite value, with which no mean is finite.",
            "Correct it, or leave it empty: missing values are counted and left out.",
            key="metrics",
        )
    return np.column_stack([term.values(values) for term in asked.terms])


def _filled(matrix: Floats) -> Floats:
    """Missing covariates at their mean, as an arm knows nothing of them."""
    there = np.isfinite(matrix)
    total = np.where(there, matrix, 0.0).sum(axis=0)
    mean = total / np.maximum(there.sum(axis=0), 1)
    return np.where(there, matrix, mean)


@dataclass(frozen=True, slots=True)
class _Linear:
    """A metric's linear part. influence: (n,), of mean 0; covariates: (n, k) influence of each; scale: of the
    numbers that they are made of."""

    value: float
    influence: Floats
    covariates: Floats
    scale: float


def _linear(matrix: Floats, form: Form) -> _Linear:
    """Raises LabError where a ratio has nothing to divide by."""
    mean = matrix.mean(axis=0)
    if form.below is not None and mean[form.below] == 0:
        raise LabError(
            "The denominators of the ratio sum to 0, so it has no value.",
            "Use past units with a denominator above 0, or plan for the mean of the numerator.",
            key="metrics",
        )
    deviations, gradient = matrix - mean, form.gradient(mean)
    covariates = deviations @ form.covariate_gradients(mean).T
    scale = float(np.max(np.abs(matrix[:, 0])) * abs(gradient[0]))
    value = float(mean[0] if form.below is None else mean[0] / mean[form.below])
    return _Linear(value, deviations @ gradient, covariates, scale)


def _outcome(metric: Metric, found: _Linear) -> Outcome:
    if not isinstance(metric, Proportion):
        return outcome_of_influence(found.value, found.influence, found.scale)
    values = found.influence + found.value
    if (np.minimum(np.abs(values), np.abs(values - 1)) > 1e-9).any():
        raise LabError(
            f"'{metric.column}' is a share, but holds values that are neither 0 nor 1.",
            "Make it a `mean`, or correct the column.",
            key="metrics",
        )
    return ProportionOutcome(found.value)


def _precision(found: _Linear, groups: Ints | None, stratum: Ints | None) -> Precision:
    influence, covariates, between = found.influence, found.covariates, 0.0
    if stratum is not None:
        within = _within(influence, stratum)
        between = 1 - float(within @ within) / float(influence @ influence)
        influence = within
        covariates = np.apply_along_axis(_within, 0, covariates, stratum) if covariates.size else covariates
    explained, left = 0.0, influence
    if covariates.shape[1]:
        explained = explained_share(influence, covariates)
        left = what_covariates_leave(influence, covariates)
    explained = between + (1 - between) * explained
    if groups is not None:
        return clustered_precision(left, groups, explained=explained)
    return Precision(explained)


def _within(values: Floats, stratum: Ints) -> Floats:
    """Deviations from the mean of each stratum."""
    sizes = np.bincount(stratum)
    means = np.bincount(stratum, weights=values) / np.maximum(sizes, 1)
    return np.asarray(values - means[stratum], dtype=np.float64)


def _quantile(rows: pa.Table, metric: Quantile) -> Past:
    """A quantile, and the variance of one unit in large samples: q (1 - q) over the squared density there.

    Source: Siddiqui (1960), Journal of Research of the National Bureau of Standards 64B(3), 145-150 (the
    density from two quantiles); Hall and Sheather (1988), JRSS B 50(3), 381-391 (how far apart they lie).
    """
    column = numbers(rows, metric.column)
    there = column[~np.isnan(column)]
    if len(there) < 2:
        raise LabError(
            f"{len(there)} of {len(column)} past units have the metric '{metric.name}'.",
            "Use a history in which it was measured.",
            key="metrics",
        )
    q, deviate = metric.q, float(ndtri(metric.q))
    density = exp(-deviate * deviate / 2) / sqrt(2 * pi)
    reach = len(there) ** -0.2 * _REACH * (1.5 * density**2 / (2 * deviate**2 + 1)) ** (1 / 3)
    reach = min(reach, q / 2, (1 - q) / 2)
    low, value, high = np.quantile(there, [q - reach, q, q + reach])
    slope = float(high - low) / (2 * reach)
    outcome = MeanOutcome(float(value), q * (1 - q) * slope * slope)
    return Past(outcome, Precision(), len(there), len(column) - len(there))
