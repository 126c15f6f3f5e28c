"""What every learner, score and metric shares: outcome models and propensities, fitted once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from retention_lab import split
from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.features import Features, matrix
from retention_lab.off_policy import doubly_robust
from retention_lab.uplift.boosting import (
    Binned,
    Boosted,
    BoostingParams,
    binned,
    constant_model,
    objective_for,
)
from retention_lab.uplift.sample import UpliftSample

SMALLEST_PROPENSITY = 0.01  # below it, one row weighs more than a hundred
FEWEST_EVENTS = 50  # fewer say how many, not who


@dataclass(frozen=True, slots=True)
class OutcomeModels:
    """One outcome model per arm, control first."""

    models: tuple[Boosted, ...]

    def mean(self, features: Features | Floats) -> Floats:
        """(n, K + 1): predicted outcome under each arm, in the outcome's unit."""
        return np.column_stack([model.predict(matrix(features)) for model in self.models])

    def to_files(self) -> dict[str, bytes]:
        """One text per arm."""
        return {f"arm_{k}.txt": model.text.encode() for k, model in enumerate(self.models)}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "OutcomeModels":
        """The models that `to_files` wrote."""
        return OutcomeModels(tuple(Boosted(files[f"arm_{k}.txt"].decode()) for k in range(len(files))))


@dataclass(frozen=True, slots=True)
class PropensityModel:
    """Probability of each arm given the features, where nobody logged it."""

    model: Boosted

    def probability(self, features: Features | Floats) -> Floats:
        """(n, K + 1), kept away from 0 and summing to 1."""
        raw = np.maximum(self.model.predict(matrix(features)), SMALLEST_PROPENSITY)
        return np.asarray(raw / raw.sum(axis=1, keepdims=True), dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """One text."""
        return {"model.txt": self.model.text.encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "PropensityModel":
        """The model that `to_files` wrote."""
        return PropensityModel(Boosted(files["model.txt"].decode()))


@dataclass(frozen=True, slots=True)
class Nuisances:
    """Cross-fitted: no row was seen by the models that speak about it.

    mean: (n, K + 1) outcome under each arm; propensity: (n, K + 1); estimated: whether the propensities
    are, so that every conclusion rests on the features holding all that drove the choice.
    """

    mean: Floats
    propensity: Floats
    estimated: bool

    def rows(self, where: np.ndarray) -> "Nuisances":
        """The rows that a mask or an index array picks."""
        return Nuisances(self.mean[where], self.propensity[where], self.estimated)


@dataclass(frozen=True)
class Prepared:
    """A training sample with what all learners share, each part computed when first asked for, and then kept.

    fold: (n,) fold of each row, customers kept together. `known_outcomes` and `known_nuisances` are handed
    down by `without_fold`, so that nothing is fitted twice.
    """

    sample: UpliftSample
    fold: Ints
    params: BoostingParams
    known_outcomes: OutcomeModels | None = None
    known_nuisances: Nuisances | None = None

    @property
    def fold_count(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    @cached_property
    def bins(self) -> Binned:
        """The features in bins."""
        return binned(self.sample.features, self.params)

    @cached_property
    def outcomes(self) -> OutcomeModels:
        """Outcome models of all rows: to speak about rows outside this sample."""
        if self.known_outcomes is not None:
            return self.known_outcomes
        return _fit_outcomes(self.sample, self.bins, np.arange(len(self.sample)))

    @cached_property
    def fold_outcomes(self) -> tuple[OutcomeModels, ...]:
        """For each fold, the outcome models of all other rows."""
        return tuple(
            _fit_outcomes(self.sample, self.bins, np.flatnonzero(self.fold != f))
            for f in range(self.fold_count)
        )

    @cached_property
    def propensities(self) -> PropensityModel | None:
        """The propensity model of all rows; None where propensities are known."""
        if self.sample.propensity is not None:
            return None
        return _fit_propensity(self.sample, self.bins, np.arange(len(self.sample)))

    @cached_property
    def nuisances(self) -> Nuisances:
        """Cross-fitted outcome means, and propensities."""
        if self.known_nuisances is not None:
            return self.known_nuisances
        mean = np.empty((len(self.sample), self.sample.arm_count))
        for f, models in enumerate(self.fold_outcomes):
            mean[self.fold == f] = models.mean(self.sample.features.rows(self.fold == f))
        known = self.sample.propensity
        return Nuisances(mean, self._estimated_propensity() if known is None else known, known is None)

    @cached_property
    def gamma(self) -> Floats:
        """(n, K + 1) cross-fitted doubly robust scores; control's, where an arm could not be given."""
        found = self.nuisances
        gamma = doubly_robust(self.sample.outcome, self.sample.arm, found.propensity, found.mean)
        return without_infeasible(gamma, found.propensity)

    @property
    def feasible(self) -> Bools:
        """(n, K): rows that could have got each offer, so that its effect on them can be seen."""
        return np.asarray(self.nuisances.propensity[:, 1:] > 0, dtype=np.bool_)

    def without_fold(self, f: int) -> "Prepared":
        """The rows outside fold f, as a sample of their own."""
        keep = self.fold != f
        return Prepared(
            self.sample.rows(keep),
            self.fold[keep],
            self.params,
            self.fold_outcomes[f],
            self.nuisances.rows(keep),
        )

    def _estimated_propensity(self) -> Floats:
        found = np.empty((len(self.sample), self.sample.arm_count))
        for f in range(self.fold_count):
            model = _fit_propensity(self.sample, self.bins, np.flatnonzero(self.fold != f))
            found[self.fold == f] = model.probability(self.sample.features.rows(self.fold == f))
        return found


def prepare(
    sample: UpliftSample, folds: int | None = None, seed: int = 7, params: BoostingParams | None = None
) -> Prepared:
    """Draw the folds; everything else waits until it is needed.

    folds: None means two from 50,000 rows, else five. Raises LabError when customers are fewer than folds.
    """
    count = folds or fold_count(len(sample))
    fold = split.folds(len(sample), count, seed, sample.group)
    return Prepared(sample, fold, params or BoostingParams(seed=seed))


def fold_count(rows: int) -> int:
    """Two folds from 50,000 rows, five below: small samples cannot spare half of their rows."""
    return 2 if rows >= 50_000 else 5


def fit_outcomes(sample: UpliftSample, params: BoostingParams | None = None) -> OutcomeModels:
    """One outcome model per arm, on all rows: for use on rows outside the sample."""
    bins = binned(sample.features, params or BoostingParams())
    return _fit_outcomes(sample, bins, np.arange(len(sample)))


def fit_probabilities(
    features: Features,
    arm: Ints,
    event: Floats,
    arm_count: int,
    params: BoostingParams | None = None,
    *,
    bins: Binned | None = None,
) -> OutcomeModels:
    """Probability of an event (0 or 1, (n,)) under each arm: of redeeming an offer, say, or of buying at all.

    An arm with fewer than 50 events, or fewer than 50 rows without one, gets its share for everybody; an arm
    without rows is refused with LabError. bins: the features in bins, where they have been cut already.
    """
    bins = bins or binned(features, params or BoostingParams())
    models = []
    for k in range(arm_count):
        rows = np.flatnonzero(arm == k)
        events = float(event[rows].sum())
        if len(rows) > 0 and min(events, len(rows) - events) < FEWEST_EVENTS:
            models.append(constant_model(events / len(rows), bins.params.threads))
        else:
            models.append(bins.train(event[rows], "binary", rows=rows))
    return OutcomeModels(tuple(models))


def without_infeasible(gamma: Floats, propensity: Floats) -> Floats:
    """Scores in which choosing an arm that a customer could not get (propensity 0) means control.

    Such scores would rest on the outcome models alone, and a learner built of those would seem right.
    """
    return np.asarray(np.where(propensity > 0, gamma, gamma[:, :1]), dtype=np.float64)


def _fit_outcomes(sample: UpliftSample, bins: Binned, rows: Ints) -> OutcomeModels:
    objective = objective_for(sample.outcome)
    members = [rows[sample.arm[rows] == k] for k in range(sample.arm_count)]
    return OutcomeModels(tuple(bins.train(sample.outcome[m], objective, rows=m) for m in members))


def _fit_propensity(sample: UpliftSample, bins: Binned, rows: Ints) -> PropensityModel:
    target = sample.arm[rows].astype(np.float64)
    return PropensityModel(bins.train(target, "multiclass", rows=rows, classes=sample.arm_count))
