"""Leaving in discrete time: the chance to leave in each period, given that one has stayed until then.

Any learner of probabilities fits it, on one row for each customer and period at risk; the survival curve is
the product of the chances to stay.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.churn.learners.boosted import BoostedModel, fit_boosted
from retention_lab.churn.learners.linear import LinearModel
from retention_lab.churn.learners.logistic import fit_logistic
from retention_lab.churn.sample import ChurnSample
from retention_lab.errors import LabError
from retention_lab.features import Features, matrix
from retention_lab.nested_files import in_folder, json_bytes, of_folder

_FILE = "hazard.json"


@dataclass(frozen=True)
class HazardModel:
    """hazard: chance of leaving in the period that begins at the customer's present age.

    clock: the column that says the age; step: by how much it grows in one period.
    """

    hazard: LinearModel | BoostedModel
    clock: int
    step: float

    def probability(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,) probability of leaving in the next period."""
        return self.hazard.probability(features)

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, d + 1): each feature's part of the log-odds of the next period, the base value last."""
        return self.hazard.contributions(features)

    def survival(self, features: Features | Floats, periods: int) -> Floats:
        """(n, periods + 1) probability of still being there after 0, 1, … periods.

        Only the age grows; everything else is held as it is now.
        """
        values = matrix(features).copy()
        found = np.ones((len(values), periods + 1))
        for k in range(periods):
            found[:, k + 1] = found[:, k] * (1 - self.hazard.probability(values))
            values[:, self.clock] += self.step
        return found

    def to_files(self) -> dict[str, bytes]:
        """The learner in its folder, and what its clock is."""
        kind = "lightgbm" if isinstance(self.hazard, BoostedModel) else "logistic"
        about = {"learner": kind, "clock": self.clock, "step": self.step}
        return {_FILE: json_bytes(about), **in_folder("hazard", self.hazard.to_files())}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "HazardModel":
        """The model that `to_files` wrote."""
        about, inner = json.loads(files[_FILE]), of_folder("hazard", files)
        read = BoostedModel.from_files if about["learner"] == "lightgbm" else LinearModel.from_files
        return HazardModel(read(inner), int(about["clock"]), float(about["step"]))


def fit_hazard(
    sample: ChurnSample, clock: int, seed: int = 7, *, step: float = 1.0, learner: str = "logistic"
) -> HazardModel:
    """Fit on rows that are periods at risk: looks at customers, or spells taken apart by `person_periods`.

    clock: the column with the customer's age when the period begins; its curve is the baseline hazard, a
    spline where the learner is logistic.
    Raises LabError for a clock that is not a number without gaps.
    Source: Allison (1982), Sociological Methodology 13, doi:10.2307/270718; Tutz and Schmid (2016), Modeling
    Discrete Time-to-Event Data.
    """
    if clock in sample.features.schema.categorical or np.isnan(sample.features.values[:, clock]).any():
        raise LabError(
            f"The column {sample.features.schema.names[clock]!r} cannot be a clock: it has gaps, or is text.",
            "Name a column with the customer's age in periods.",
            key="duration",
        )
    fit = fit_boosted if learner == "lightgbm" else fit_logistic
    return HazardModel(fit(sample, seed), clock, step)


@dataclass(frozen=True, slots=True)
class PersonPeriods:
    """row: (m,) the spell of each period; period: (m,) 0 for its first; left: (m,) 1 where it ended there."""

    row: Ints
    period: Ints
    left: Floats


def person_periods(duration: Ints, left: Floats) -> PersonPeriods:
    """Take spells apart: one row for each period in which the customer could have left.

    duration: (n,) periods seen, at least 1; left: (n,) 1 where the spell ended in its last period, 0 where
    it was still running: such a spell says that the customer stayed in every period seen, and no more.
    Spells must have been seen from their start: customers known only because they were still there (a list of
    today's customers) would make the early periods look safer than they were.

    >>> person_periods(np.array([2, 1]), np.array([1.0, 0.0])).left
    array([0., 1., 0.])
    """
    if len(duration) and duration.min() < 1:
        raise LabError("A spell lasted less than one period.", "Count the period in which it began as one.")
    row = np.repeat(np.arange(len(duration)), duration)
    period = np.arange(len(row)) - np.repeat(np.cumsum(duration) - duration, duration)
    ended = (period == duration[row] - 1) & (left[row] == 1)
    return PersonPeriods(row, period, ended.astype(np.float64))
