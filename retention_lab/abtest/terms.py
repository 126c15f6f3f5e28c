"""What a metric asks of a unit's row: numbers made of its columns, and which of them must be there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retention_lab.abtest.metrics import Mean, Metric, ProfitMetric, Proportion, Ratio
from retention_lab.arrays import Floats


@dataclass(frozen=True, slots=True)
class Term:
    """One number of a unit: a sum of columns, each times its weight, cut at `cap` where there is one.

    winsorise: quantile of the values that becomes the cap at the first analysis.
    """

    columns: tuple[str, ...]
    weights: tuple[float, ...] = (1.0,)
    cap: float | None = None
    winsorise: float | None = None

    @property
    def name(self) -> str:
        """What the number is called in stored statistics, its cap left out."""
        parts = zip(self.columns, self.weights, strict=True)
        return "".join(f"{'+' if w > 0 else '-'}{c}" for c, w in parts).removeprefix("+")

    def values(self, rows: Mapping[str, Floats]) -> Floats:
        """(n,) the number of each row, NaN where a column is missing."""
        found = sum(w * rows[c] for c, w in zip(self.columns, self.weights, strict=True))
        if self.cap is not None:  # which must not hide infinity
            found = np.where(found == np.inf, np.inf, np.minimum(found, self.cap))
        return np.asarray(found, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Demand:
    """What one metric asks for.

    outcomes: a unit without one of them leaves the metric. covariates: known before assignment; a missing one
    is set to the centre, a number that does not depend on the arm, so that the unit stays.
    """

    outcomes: tuple[Term, ...]
    covariates: tuple[Term, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """Outcomes first, then covariates."""
        return self.outcomes + self.covariates

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, each once."""
        return tuple(dict.fromkeys(c for term in self.terms for c in term.columns))

    def capped_at(self, cap: float) -> "Demand":
        """The same with the outcome cut at a value."""
        return replace(self, outcomes=(replace(self.outcomes[0], cap=cap),))


def demand(metric: Metric) -> Demand:
    """What a metric that rests on means asks for; quantiles ask for histograms instead."""
    covariates = tuple(Term((name,)) for name in getattr(metric, "covariates", ()))
    if isinstance(metric, Ratio):
        before = () if metric.before is None else (metric.before.numerator, metric.before.denominator)
        outcomes = tuple(Term((name,)) for name in metric.columns)
        return Demand(outcomes, (*covariates, *(Term((name,)) for name in before)))
    if isinstance(metric, ProfitMetric):
        weights = (1.0, *(-1.0 for _ in metric.columns[1:]))
        return Demand((Term(metric.columns, weights),), covariates)
    if isinstance(metric, Mean):
        return Demand((Term(metric.columns, cap=metric.cap, winsorise=metric.winsorise),), covariates)
    if isinstance(metric, Proportion):
        return Demand((Term(metric.columns),), covariates)
    raise TypeError(f"{type(metric).__name__} does not rest on means")


def columns_of(demands: Sequence[Demand]) -> tuple[str, ...]:
    """Every column that several metrics read, each once."""
    return tuple(dict.fromkeys(c for one in demands for c in one.columns))
