"""What every learner, score and metric shares: outcome models and propensities, fitted once.

Customers are split into folds. A model fitted outside a fold speaks about that fold; what is used on
customers outside the sample is the average of those models.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema
from retention_lab.off_policy import doubly_robust
from retention_lab.uplift import order, thinning
from retention_lab.uplift.boosting import (
    Binned,
    Boosted,
    BoostingParams,
    binned,
    constant_model,
    objective_for,
    params_for,
    shallow,
)
from retention_lab.uplift.outcomes import (
    FEWEST_EVENTS,
    OutcomeModels,
    TwoPart,
    averaged,
    event_model,
    with_arm,
)
from retention_lab.uplift.propensities import PropensityModel, fit_propensity
from retention_lab.uplift.sample import UpliftSample

WEIGHT_PARTS = 5  # in which the weights of a stack are judged
ZEROS = 0.5  # share of zeros from which an outcome may be better told in two parts
_OF_THE_ARMS = ("fold_propensities", "propensities")  # parts of `Prepared`, by what they depend on
_OF_OUTCOMES = ("fold_outcomes", "outcomes", "expected", "nuisances")
_TAIL = 0.999  # quantile of an outcome beyond which models do not look: one order would move a leaf


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
class Task:
    """What a learner gets: n rows to learn from, and what is already known about them.

    target: (n,) the outcome as models see it, its far tail drawn in; nuisances: by models that have not seen
    the rows; outcomes, propensities: models of these very rows, to speak about others; bins, members: the
    features in bins, and where these n rows stand in them; event: the same rows with whether the outcome is
    above 0 as outcome; params: of outcome models and of learners whose trees are as deep; effect_params: of
    learners of effects on small trees.
    """

    sample: UpliftSample
    target: Floats
    nuisances: Nuisances
    outcomes: OutcomeModels
    propensities: PropensityModel | None
    bins: Binned
    event: Callable[[], "Task"]
    members: Ints
    params: BoostingParams
    effect_params: BoostingParams

    @cached_property
    def gamma(self) -> Floats:
        """(n, K + 1) cross-fitted doubly robust scores of the outcome itself; control's, where an arm could
        not be given."""
        found, sample = self.nuisances, self.sample
        gamma = doubly_robust(sample.outcome, sample.arm, found.propensity, found.mean)
        return without_infeasible(gamma, found.propensity)

    @property
    def feasible(self) -> Bools:
        """(n, K): rows that could have got each offer, so that its effect on them can be seen."""
        return np.asarray(self.nuisances.propensity[:, 1:] > 0, dtype=np.bool_)

    def weight(self, rows: Ints) -> Floats:
        """(len(rows),) how many rows each stands for."""
        return np.ones(len(rows)) if self.sample.weight is None else self.sample.weight[rows]

    def regress(
        self, target: Floats, rows: Ints, weight: Floats, params: BoostingParams | None = None
    ) -> Boosted:
        """A boosted regression of (len(rows),) target on the features of these rows of the task."""
        used = params or self.params
        return self.bins.train(target, "regression", rows=self.members[rows], weight=weight, params=used)


@dataclass(frozen=True)
class Prepared:
    """A training sample with what all learners share, each part computed when first asked for, and then kept.

    sample: the rows that are learned from, in an order of their own; rows: where each stands in the sample
    that was given; fold: (n,) fold of each row, customers kept together; places: (K + 1,) of the arms in an
    order that does not depend on how the offers are numbered; params, effect_params: see `Task`;
    judged_in: (n,) part of each row, drawn apart from the folds: in which what is made of all is judged.
    """

    sample: UpliftSample
    rows: Ints
    fold: Ints
    params: BoostingParams
    effect_params: BoostingParams
    places: tuple[int, ...]
    judged_in: Ints
    known_bins: Binned | None = None

    @property
    def fold_count(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    @cached_property
    def bins(self) -> Binned:
        """The features in bins, the arm's columns behind them."""
        if self.known_bins is not None:
            return self.known_bins
        known, count = self.sample.features, self.sample.arm_count
        names = (*known.schema.names, *(f"arm={k}" for k in range(1, count)))
        schema = FeatureSchema(names, (*known.schema.levels, *(None for _ in range(1, count))))
        values = with_arm(known.values, np.array(self.places)[self.sample.arm], count)
        return binned(Features(values, schema), self.params, arms=count - 1)

    @cached_property
    def target(self) -> Floats:
        """(n,) the outcome; of money, the far tails are drawn in, as its models would learn little else."""
        outcome = self.sample.outcome
        if self.sample.binary:
            return outcome
        known = outcome[outcome != 0] if np.any(outcome != 0) else outcome
        return np.asarray(np.clip(outcome, *np.quantile(known, [1 - _TAIL, _TAIL]).tolist()) * (outcome != 0))

    @property
    def mostly_zero(self) -> bool:
        """Whether most outcomes are 0, and the others amounts above it."""
        target, few = self.target, FEWEST_EVENTS
        most = self.sample.mean((target == 0).astype(np.float64)) >= ZEROS
        return bool(most and not self.sample.binary and target.min() >= 0 and np.sum(target > 0) >= few)

    @cached_property
    def in_two_parts(self) -> bool:
        """Whether whether-and-how-much foretells the outcome better than one model does, by cross-fitted
        squared error; asked only of outcomes that are mostly zero."""
        target = self.target
        if not self.mostly_zero:
            return False
        errors = []
        for fitted in (self._plain_outcomes, self._two_part_outcomes):
            known = self._cross_fitted(fitted)[np.arange(len(target)), self.sample.arm]
            errors.append(self.sample.mean((target - known) ** 2))
        return errors[1] < errors[0]

    @cached_property
    def fold_outcomes(self) -> tuple[OutcomeModels, ...]:
        """For each fold, the outcome models of all other rows."""
        return self._two_part_outcomes if self.in_two_parts else self._plain_outcomes

    @cached_property
    def expected(self) -> Floats:
        """(n, K + 1) cross-fitted mean outcome under each arm."""
        return self._cross_fitted(self.fold_outcomes)

    @cached_property
    def outcomes(self) -> OutcomeModels:
        """Outcome models to speak about rows outside this sample."""
        return averaged(self.fold_outcomes)

    @cached_property
    def fold_propensities(self) -> tuple[PropensityModel, ...] | None:
        """For each fold, the propensity model of all other rows; None where propensities are known."""
        if self.sample.propensity is not None:
            return None
        outside = (np.flatnonzero(self.fold != f) for f in range(self.fold_count))
        return tuple(fit_propensity(self.sample, self.bins, rows, self.places) for rows in outside)

    @cached_property
    def propensities(self) -> PropensityModel | None:
        """The propensity model for rows outside this sample; None where propensities are known."""
        found = self.fold_propensities
        if found is None:
            return None
        return PropensityModel(tuple(m for one in found for m in one.models), found[0].columns)

    @cached_property
    def nuisances(self) -> Nuisances:
        """Cross-fitted outcome means, and propensities."""
        mean, known = self.expected, self.sample.propensity
        if known is not None:
            return Nuisances(mean, known, estimated=False)
        found = np.empty_like(mean)
        for f, model in enumerate(self.fold_propensities or ()):
            found[self.fold == f] = model.probability(self.sample.features.rows(self.fold == f))
        return Nuisances(mean, found, estimated=True)

    @cached_property
    def event(self) -> "Prepared":
        """The same rows, folds and bins with whether the outcome is above 0 as outcome.

        Raises LabError where outcomes are negative, or all are 0, or none is.
        """
        outcome = self.sample.outcome
        happened = (outcome > 0).astype(np.float64)
        if outcome.min() < 0 or happened.min() == happened.max():
            raise LabError(
                "An outcome in two parts needs amounts above 0 beside zeros, and no negative ones.",
                "Leave the learner `two_part` out: `stack` uses it where it applies.",
                key="learners",
            )
        return replace(self, sample=self.sample.with_outcome(happened), known_bins=self.bins)

    def part(self, rows: int) -> "Prepared":
        """The first rows: a random part, since the order of the rows says nothing."""
        some = self.sample.rows(np.arange(rows))
        fold, judged_in = self.fold[:rows], self.judged_in[:rows]
        return replace(
            self, sample=some, rows=self.rows[:rows], fold=fold, judged_in=judged_in, known_bins=self.bins
        )

    def with_settings(self, params: BoostingParams, effect_params: BoostingParams) -> "Prepared":
        """The same rows and folds, for models of other settings; estimated propensities stay as they are, and
        so does all that the settings do not touch."""
        bins = replace(self.bins, params=params)
        found = replace(self, params=params, effect_params=effect_params, known_bins=bins)
        kept = _OF_THE_ARMS if params != self.params else (*_OF_THE_ARMS, *_OF_OUTCOMES)
        vars(found).update({name: getattr(self, name) for name in kept})
        return found

    @cached_property
    def whole(self) -> Task:
        """All rows as a task."""
        return self.of_rows(np.arange(len(self.sample)))

    def of_rows(self, rows: Ints) -> Task:
        """Some rows as a task, with what is known of them from all."""
        return self._task(rows, self.outcomes, self.propensities, lambda: self.event.of_rows(rows))

    def outcomes_of(self, rows: Ints) -> OutcomeModels:
        """Outcome models fitted on some rows alone."""
        return _fit_outcomes(self, rows, self.in_two_parts)

    @property
    def gamma(self) -> Floats:
        """(n, K + 1) cross-fitted doubly robust scores; see `Task`."""
        return self.whole.gamma

    @property
    def feasible(self) -> Bools:
        """(n, K): rows that could have got each offer."""
        return self.whole.feasible

    def without_fold(self, f: int) -> Task:
        """The rows outside fold f, as a task."""
        members = np.flatnonzero(self.fold != f)
        propensities = None if self.fold_propensities is None else self.fold_propensities[f]
        return self._task(members, self.fold_outcomes[f], propensities, lambda: self.event.without_fold(f))

    def _task(
        self,
        members: Ints,
        outcomes: OutcomeModels,
        propensities: PropensityModel | None,
        event: Callable[[], Task],
    ) -> Task:
        return Task(
            self.sample.rows(members),
            self.target[members],
            self.nuisances.rows(members),
            outcomes,
            propensities,
            self.bins,
            event,
            members,
            self.params,
            self.effect_params,
        )

    @cached_property
    def _plain_outcomes(self) -> tuple[OutcomeModels, ...]:
        return self._outcomes_by_fold(two_parts=False)

    @cached_property
    def _two_part_outcomes(self) -> tuple[OutcomeModels, ...]:
        return self._outcomes_by_fold(two_parts=True)

    def _outcomes_by_fold(self, *, two_parts: bool) -> tuple[OutcomeModels, ...]:
        return tuple(
            _fit_outcomes(self, np.flatnonzero(self.fold != f), two_parts) for f in range(self.fold_count)
        )

    def _cross_fitted(self, by_fold: tuple[OutcomeModels, ...]) -> Floats:
        mean = np.empty((len(self.sample), self.sample.arm_count))
        for f, models in enumerate(by_fold):
            mean[self.fold == f] = models.mean(self.sample.features.rows(self.fold == f))
        return mean


def prepare(
    sample: UpliftSample,
    folds: int | None = None,
    seed: int = 7,
    params: BoostingParams | None = None,
    *,
    effect_params: BoostingParams | None = None,
    thin: bool = True,
) -> Prepared:
    """Put the rows in an order of their own and draw the folds; everything else waits until it is needed.

    folds: None means two from 50,000 rows, else five. params, effect_params: see `Task`; None means those
    that suit so many rows, and shallow ones of the same; `tuning` looks for better ones. thin: whether, of
    200,000 rows and more, those that say little about effects are drawn with a chance. Neither the order of
    the rows nor the numbers of the offers change anything.
    Raises LabError when customers are fewer than folds.
    """
    count = folds or fold_count(len(sample))
    if count < 2:
        raise LabError(
            f"{count} folds leave no rows to judge a model by.", "Set at least two folds.", key="folds"
        )
    keys = order.keys_of(sample)
    fold = order.folds(keys, count, seed)
    if len(np.unique(fold)) < count:
        raise LabError(
            f"{len(sample)} rows cannot be split into {count} folds.",
            "Provide more rows, or set fewer folds.",
        )
    rows, chance = np.arange(len(sample)), None
    if thin and len(sample) >= thinning.FROM_ROWS:
        chance = thinning.keep_chance(sample)
        rows = np.flatnonzero(keys.lot(seed) < chance)
    rows = keys.ranked(rows)
    picked = sample.rows(rows)
    if chance is not None:
        picked = picked.weighing((1.0 if picked.weight is None else picked.weight) / chance[rows])
    places = tuple(keys.places.tolist())
    known = params or params_for(len(sample), seed)
    judged_in = order.folds(keys, WEIGHT_PARTS, seed + 1)[rows]
    return Prepared(picked, rows, fold[rows], known, effect_params or shallow(known), places, judged_in)


def fold_count(rows: int) -> int:
    """Two folds from 50,000 rows, five below: small samples cannot spare half of their rows."""
    return 2 if rows >= 50_000 else 5


def without_infeasible(gamma: Floats, propensity: Floats) -> Floats:
    """Scores in which choosing an arm that a customer could not get (propensity 0) means control.

    Such scores would rest on the outcome models alone, and a learner built of those would seem right.
    """
    return np.asarray(np.where(propensity > 0, gamma, gamma[:, :1]), dtype=np.float64)


def _fit_outcomes(task: Prepared, rows: Ints, two_parts: bool) -> OutcomeModels:
    model = _in_two_parts(task, rows) if two_parts else _directly(task, rows)
    return OutcomeModels((model,), task.places)


def _directly(task: Prepared, rows: Ints) -> Boosted:
    weight = None if task.sample.weight is None else task.sample.weight[rows]
    objective = objective_for(task.target)
    return task.bins.train(task.target[rows], objective, rows=rows, weight=weight, arm_too=True)


def _in_two_parts(task: Prepared, rows: Ints) -> TwoPart:
    target, weight = task.target, task.sample.weight
    event = event_model(task.bins, (target > 0).astype(np.float64), rows, weight, arm_too=True)
    happened = rows[target[rows] > 0]
    if len(happened) < FEWEST_EVENTS:
        average = target[happened].mean() if len(happened) else 0.0
        return TwoPart(event, constant_model(float(average), task.params.threads))
    own = None if weight is None else weight[happened]
    amount = task.bins.train(target[happened], "regression", rows=happened, weight=own, arm_too=True)
    return TwoPart(event, amount)
