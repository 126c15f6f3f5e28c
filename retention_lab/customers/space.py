"""The space in which customers are near or far: features on one scale, turned to their principal axes."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sklearn.decomposition import PCA

from retention_lab.arrays import Floats
from retention_lab.cleaning import indicator_owner, indicators
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema

Scale = Literal["standard", "log", "none"]


@dataclass(frozen=True, slots=True)
class SpaceRule:
    """scale: standard gives every number mean 0 and variance 1, log takes sign(x) log(1 + |x|) first, none
    leaves units as they are. variance: share of the variance that the kept principal axes hold, at least;
    None turns nothing.
    """

    scale: Scale = "standard"
    variance: float | None = 0.9


@dataclass(frozen=True, slots=True)
class Space:
    """A fitted space. centre, width: (D,) as in `indicators`; axes: (p, D), None where it is not turned."""

    rule: SpaceRule
    schema: FeatureSchema
    centre: Floats
    width: Floats
    axes: Floats | None

    def scaled(self, features: Features) -> Floats:
        """(n, D) features on one scale, before they are turned."""
        return np.asarray((_unrolled(features, self.rule) - self.centre) / self.width, dtype=np.float64)

    def points(self, features: Features) -> Floats:
        """(n, p) coordinates."""
        scaled = self.scaled(features)
        return scaled if self.axes is None else np.asarray(scaled @ self.axes.T, dtype=np.float64)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a model's files."""
        return {
            "scale": self.rule.scale,
            "variance": self.rule.variance,
            "centre": self.centre.tolist(),
            "width": self.width.tolist(),
            "axes": None if self.axes is None else self.axes.tolist(),
        }

    @staticmethod
    def from_json(value: dict[str, Any], schema: FeatureSchema) -> "Space":
        """The space that `as_json` wrote."""
        axes = None if value["axes"] is None else np.array(value["axes"], dtype=np.float64)
        rule = SpaceRule(value["scale"], value["variance"])
        return Space(rule, schema, np.array(value["centre"]), np.array(value["width"]), axes)


def fit_space(features: Features, rule: SpaceRule) -> Space:
    """Learn scale and axes from (n, d) features without gaps.

    A category counts as much as one number however many levels it has: the variances of its indicators sum
    to 1. Columns that do not vary count nothing.
    Raises LabError where no column varies.
    """
    values = _unrolled(features, rule)
    variance = values.var(axis=0)
    if not (variance > 0).any():
        raise LabError(
            "No feature differs between customers, so they cannot be told apart.",
            "Name other `features`, or a later date.",
            key="features",
        )
    owner = indicator_owner(features.schema)
    block = np.bincount(owner, weights=variance, minlength=len(features.schema.names))[owner]
    scaled = rule.scale != "none"
    width = np.where((block > 0) & scaled, np.sqrt(np.where(block > 0, block, 1.0)), 1.0)
    centre = values.mean(axis=0)
    axes = None
    if rule.variance is not None and (variance > 0).sum() > 1:
        share = rule.variance if rule.variance < 1 else None  # all of it is every axis
        turned = PCA(n_components=share, svd_solver="full").fit((values - centre) / width)
        axes = np.asarray(turned.components_, dtype=np.float64)
    return Space(rule, features.schema, centre, width, axes)


def _unrolled(features: Features, rule: SpaceRule) -> Floats:
    values = features.values
    if rule.scale == "log":
        numbers = np.array([levels is None for levels in features.schema.levels])
        values = np.where(numbers, np.sign(values) * np.log1p(np.abs(values)), values)
    return indicators(values, features.schema)
