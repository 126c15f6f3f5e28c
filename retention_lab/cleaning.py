"""Gaps and outliers of features, by a rule that the user names; fitted once, applied to new customers too."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema

Missing = Literal["drop", "mean", "median", "mode", "model"]


@dataclass(frozen=True, slots=True)
class CleaningRule:
    """What is done about gaps and outliers.

    missing: drop leaves customers with a gap out; mean, median and mode fill in one value per column;
    model predicts the gap from the customer's other features by ridge regression. Categories with a gap
    take their commonest level, unless dropped. cap: numbers beyond the (1 - cap) and cap quantiles are
    brought back to them (0.99, say); None caps nothing. required: features without which a customer has no
    place among the others, whatever `missing` says (days since the last order of somebody who never ordered).
    """

    missing: Missing = "median"
    cap: float | None = None
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleaning:
    """A fitted rule. fill, low, high: (d,) the value for a gap, and the bounds of each column (codes for
    categories). slopes: (d, D) and intercepts: (d,) of the model for gaps, None unless asked for; D columns
    as in `indicators`.
    """

    rule: CleaningRule
    schema: FeatureSchema
    fill: Floats
    low: Floats
    high: Floats
    slopes: Floats | None = None
    intercepts: Floats | None = None

    def apply(self, features: Features) -> tuple[Features, Bools]:
        """The rows that stay, without gaps, and (n,) which of the rows they are.

        Raises LabError where no row stays.
        """
        gaps = np.isnan(features.values)
        kept = np.asarray(~gaps[:, self._needed].any(axis=1), dtype=bool)
        if not kept.any():
            raise LabError(
                f"All {len(kept)} customers have a gap in a feature that they need, so all are left out.",
                "Name fewer features, or fill gaps: missing: median.",
                key="missing",
            )
        return self.fill_gaps(features.rows(kept)), kept

    def fill_gaps(self, features: Features) -> Features:
        """All rows, without gaps: where the rule leaves customers out, gaps take the typical value here."""
        values = np.clip(features.values, self.low, self.high)
        gaps = ~np.isfinite(values)
        filled = np.where(gaps, self.fill, values)
        if self.slopes is not None and self.intercepts is not None and gaps.any():
            predicted = indicators(filled, self.schema) @ self.slopes.T + self.intercepts
            guessed = np.clip(predicted, self.low, self.high)
            numbers = np.array([levels is None for levels in self.schema.levels])
            filled = np.where(gaps & numbers, guessed, filled)
        return Features(filled, features.schema)

    @property
    def _needed(self) -> Bools:
        """(d,) in which columns a gap leaves the customer out."""
        every = self.rule.missing == "drop"
        return np.array([every or name in self.rule.required for name in self.schema.names], dtype=bool)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a model's files."""
        return {
            "missing": self.rule.missing,
            "cap": self.rule.cap,
            "required": list(self.rule.required),
            "fill": self.fill.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "slopes": None if self.slopes is None else self.slopes.tolist(),
            "intercepts": None if self.intercepts is None else self.intercepts.tolist(),
        }

    @staticmethod
    def from_json(value: dict[str, Any], schema: FeatureSchema) -> "Cleaning":
        """The cleaning that `as_json` wrote."""
        arrays: dict[str, Any] = {
            name: None if value[name] is None else np.array(value[name], dtype=np.float64)
            for name in ("fill", "low", "high", "slopes", "intercepts")
        }
        rule = CleaningRule(value["missing"], value["cap"], tuple(value["required"]))
        return Cleaning(rule, schema, **arrays)


def fit_cleaning(features: Features, rule: CleaningRule) -> Cleaning:
    """Learn the values and bounds of a rule.

    Without a cap the bounds are the smallest and largest value seen, so that a new customer far outside is
    treated as the most extreme known one.
    Raises LabError for a column that has no value at all.
    """
    values, schema = features.values, features.schema
    infinite = np.asarray(np.isinf(values).any(axis=0))
    empty = np.asarray(~np.isfinite(values).any(axis=0))
    if (infinite | empty).any():
        worst = int(np.argmax(infinite | empty))
        what = "infinite values" if infinite[worst] else "no value for any customer"
        raise LabError(
            f"The feature {schema.names[worst]!r} has {what}.",
            "Leave it out of `features`, or correct the column.",
            key=schema.names[worst],
        )
    low, high = _bounds(values, schema, rule.cap)
    capped = np.clip(values, low, high)
    fill = np.array([_typical(capped[:, i], levels, rule) for i, levels in enumerate(schema.levels)])
    if rule.missing != "model":
        return Cleaning(rule, schema, fill, low, high)
    slopes, intercepts = _gap_models(capped, fill, schema)
    return Cleaning(rule, schema, fill, low, high, slopes, intercepts)


def indicators(values: Floats, schema: FeatureSchema) -> Floats:
    """(n, D): numbers as they are, and a 0/1 column for every level of every category, in the order given."""
    parts = []
    for i, levels in enumerate(schema.levels):
        column = values[:, i : i + 1]
        parts.append(
            column if levels is None else np.asarray(column == np.arange(len(levels)), dtype=np.float64)
        )
    return np.concatenate(parts, axis=1) if parts else np.empty((len(values), 0))


def indicator_owner(schema: FeatureSchema) -> np.ndarray:
    """(D,) the position of the feature that each column of `indicators` belongs to."""
    widths = [1 if levels is None else len(levels) for levels in schema.levels]
    return np.repeat(np.arange(len(widths)), widths)


def _bounds(values: Floats, schema: FeatureSchema, cap: float | None) -> tuple[Floats, Floats]:
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    if cap is not None:
        numbers = np.array([levels is None for levels in schema.levels])
        inner = np.nanquantile(values, [1 - cap, cap], axis=0)
        low, high = np.where(numbers, inner[0], low), np.where(numbers, inner[1], high)
    return low, high


def _typical(column: Floats, levels: tuple[str, ...] | None, rule: CleaningRule) -> float:
    known = column[np.isfinite(column)]
    if levels is not None or rule.missing == "mode":
        found, counts = np.unique(known, return_counts=True)
        return float(found[np.argmax(counts)])  # of equally common values the smallest
    return float(known.mean() if rule.missing == "mean" else np.median(known))


def _gap_models(values: Floats, fill: Floats, schema: FeatureSchema) -> tuple[Floats, Floats]:
    """Ridge regression of every number on all other features, gaps in those filled with typical values."""
    from sklearn.linear_model import Ridge  # which a model that only predicts does without

    known = np.isfinite(values)
    design = indicators(np.where(known, values, fill), schema)
    owner = indicator_owner(schema)
    spread = design.std(axis=0)
    scaled = (design - design.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    slopes, intercepts = np.zeros((len(schema.names), design.shape[1])), np.zeros(len(schema.names))
    for i, levels in enumerate(schema.levels):
        others = (owner != i) & (spread > 0)
        if levels is not None or not others.any():
            intercepts[i] = fill[i]
            continue
        rows = known[:, i]
        fitted = Ridge(alpha=1.0).fit(scaled[rows][:, others], values[rows, i])
        slopes[i, others] = fitted.coef_ / spread[others]
        intercepts[i] = fitted.intercept_ - slopes[i] @ design.mean(axis=0)
    return slopes, intercepts
