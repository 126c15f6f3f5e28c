"""Attempts to refute a model of effects: fit it again where there is nothing to find, or nothing has changed.

A model that passes is not proven right; one that fails found something that is not there, or that the next
sample will not show.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from retention_lab import split
from retention_lab.arrays import Bools, Floats
from retention_lab.checks import Check, check
from retention_lab.errors import LabError
from retention_lab.estimate import mean_estimate
from retention_lab.features import Features, FeatureSchema
from retention_lab.uplift.learners import UpliftModel
from retention_lab.uplift.nuisances import Prepared, prepare
from retention_lab.uplift.ranking import qini
from retention_lab.uplift.sample import UpliftSample

ALPHA = 0.01  # over all offers and repeats together
LARGEST_PLACEBO_SPREAD = 0.5  # of the model's own spread: above, a quarter of its variance could be noise
LEAST_AGREEMENT = 0.8  # correlation of the effects after a random feature was added
LEAST_SUBSET_AGREEMENT = 0.6  # correlation of the effects when a fifth of the customers is left out
FARTHEST_AVERAGE = 2.0  # standard errors of the average effect

Fit = Callable[[UpliftSample], UpliftModel]


@dataclass(frozen=True, slots=True)
class RefuteParams:
    """rows: a random part of the customers is used where there are more; repeats: refits of each kind;
    left_out: share of the customers outside each subset."""

    rows: int = 20_000
    repeats: int = 2
    left_out: float = 0.2
    seed: int = 7


@dataclass(frozen=True)
class _Trial:
    """What all refutations share: the rows, their cross-fitted scores, and the model to be refuted."""

    task: Prepared
    fit: Fit
    arms: Sequence[str]
    params: RefuteParams
    effect: Floats  # (n, K) of the model fitted on all rows

    @property
    def sample(self) -> UpliftSample:
        """The rows."""
        return self.task.sample

    @property
    def tests(self) -> int:
        """How many offers and repeats are tested together."""
        return self.params.repeats * (len(self.arms) - 1)


def refute(
    sample: UpliftSample, fit: Fit, arms: Sequence[str], params: RefuteParams | None = None
) -> tuple[Check, ...]:
    """All refutations of the models that `fit` makes: soft checks, the worst offer and repeat in each.

    fit: deterministic, sample -> model; called 2 + 3 x repeats times on at most `rows` rows. arms: names,
    control first. Where the checks ask for standard errors, they are those of the average effect, from
    cross-fitted doubly robust scores.
    Raises LabError where there are no repeats, and where the outcome does not vary.
    Source: the refutations of Sharma and Kiciman (2020), arXiv:2011.04216 (DoWhy), asked here of the effects
    per customer as well as of their average.
    """
    params = params or RefuteParams()
    if params.repeats < 1:
        raise LabError(f"{params.repeats} repeats show nothing.", "Set at least one.", key="repeats")
    if np.ptp(sample.outcome) == 0:
        raise LabError(
            "Every customer has the same outcome, so there is no effect to refute.", "Provide more rows."
        )
    if len(sample) > params.rows:
        part = split.held_out(len(sample), params.rows / len(sample), params.seed, sample.group)
        sample = sample.rows(part)
    task = prepare(sample, seed=params.seed)
    trial = _Trial(task, fit, arms, params, fit(task.sample).effect(task.sample.features))
    return (*_placebo(trial), *_random_cause(trial), *_subsets(trial))


def with_placebo(task: Prepared, seed: int) -> UpliftSample:
    """The same customers and outcomes, with arms drawn anew: nobody's arm has an effect any more.

    Arms change places where all rows had the same known chances, and are drawn from the (known or estimated)
    propensities otherwise, so that who is likely to get which offer stays as it was.
    """
    sample, rng = task.sample, np.random.default_rng(seed)
    known = sample.propensity
    if known is not None and not np.any(np.ptp(known, axis=0) > 1e-12):
        arm = rng.permutation(sample.arm)
    else:
        chance = task.nuisances.propensity.cumsum(axis=1)[:, :-1]
        arm = (rng.random(len(sample))[:, None] >= chance).sum(axis=1)
    return UpliftSample(
        sample.features, arm, sample.outcome, known, sample.group, sample.arm_count, sample.weight
    )


def with_random_cause(sample: UpliftSample, seed: int) -> UpliftSample:
    """The same sample with one more feature, standard normal and related to nothing."""
    schema, values = sample.features.schema, sample.features.values
    name = "random_cause"
    while name in schema.names:
        name += "_"
    noise = np.random.default_rng(seed).normal(size=len(sample))
    wider = FeatureSchema((*schema.names, name), (*schema.levels, None))
    features = Features(np.column_stack([values, noise]), wider)
    return UpliftSample(
        features,
        sample.arm,
        sample.outcome,
        sample.propensity,
        sample.group,
        sample.arm_count,
        sample.weight,
    )


def _placebo(trial: _Trial) -> list[Check]:
    sample, params = trial.sample, trial.params
    out = split.held_out(len(sample), 0.5, params.seed, sample.group)
    model = _spread(trial.fit(sample.rows(~out)).effect(sample.features.rows(out)))
    found = [_placebo_fit(trial, out, params.seed + 1 + r) for r in range(params.repeats)]
    distance, p_values, spreads = (np.array(x) for x in zip(*found, strict=True))
    return [
        _placebo_average(trial, distance),
        _placebo_ranking(trial, p_values),
        _placebo_spread(trial, spreads.mean(axis=0), model),
    ]


def _placebo_fit(trial: _Trial, out: Bools, seed: int) -> tuple[list[float], list[float], Floats]:
    """Of one placebo, for each offer: average effect in standard errors, p-value of the Qini, and spread.

    The effects are predicted for customers whom the refit has not seen.
    """
    task = prepare(with_placebo(trial.task, seed), seed=seed)
    effect = np.zeros_like(trial.effect)
    effect[out] = trial.fit(task.sample.rows(~out)).effect(task.sample.features.rows(out))
    distance, p_values = [], []
    for k in range(effect.shape[1]):
        here = out & task.feasible[:, k]
        distance.append(abs(float(effect[here, k].mean())) / _standard_error(task, k, ~out))
        e = task.gamma[here, k + 1] - task.gamma[here, 0]
        p_value = qini(e, effect[here, k], _members(task, here)).p_value
        p_values.append(1.0 if p_value is None else p_value)
    return distance, p_values, _spread(effect[out])


def _placebo_average(trial: _Trial, distance: Floats) -> Check:
    limit = float(stats.norm.isf(ALPHA / 2 / trial.tests))
    value, arm = _worst(trial, distance.max(axis=0))
    detail = f"Fitted to a placebo of {arm}, the average effect is {value:.2g} standard errors from 0."
    return check("placebo_average", "soft", value <= limit, value, limit, detail)


def _placebo_ranking(trial: _Trial, p_values: Floats) -> Check:
    limit = ALPHA / trial.tests
    value, arm = _worst(trial, -p_values.min(axis=0))
    detail = f"Fitted to a placebo of {arm}, the ranking of new customers has a Qini with p = {-value:.2g}."
    return check("placebo_ranking", "soft", -value >= limit, -value, limit, detail)


def _placebo_spread(trial: _Trial, placebo: Floats, model: Floats) -> Check:
    name, limit = "placebo_spread", LARGEST_PLACEBO_SPREAD
    if np.all(model == 0):
        return check(name, "soft", None, None, limit, "The model predicts the same effect for everybody.")
    ratio = np.divide(placebo, model, out=np.zeros_like(placebo), where=model > 0)
    value, arm = _worst(trial, ratio)
    detail = (
        f"Fitted to a placebo of {arm}, effects spread {value:.2g} times as far as the model's, by noise."
    )
    return check(name, "soft", value <= limit, value, limit, detail)


def _random_cause(trial: _Trial) -> list[Check]:
    effects = []
    for r in range(trial.params.repeats):
        wider = with_random_cause(trial.sample, trial.params.seed + 101 + r)
        effects.append(trial.fit(wider).effect(wider.features))
    return _unchanged(trial, "random_cause", LEAST_AGREEMENT, effects, "with a random feature added")


def _subsets(trial: _Trial) -> list[Check]:
    sample, params = trial.sample, trial.params
    effects = []
    for r in range(params.repeats):
        out = split.held_out(len(sample), params.left_out, params.seed + 201 + r, sample.group)
        effects.append(trial.fit(sample.rows(~out)).effect(sample.features))
    how = f"on {1 - params.left_out:.0%} of the customers"
    return _unchanged(trial, "subset", LEAST_SUBSET_AGREEMENT, effects, how)


def _unchanged(trial: _Trial, name: str, limit: float, effects: list[Floats], how: str) -> list[Check]:
    """Whether refits predict what the model predicts: on average, and who responds."""
    everybody = np.ones(len(trial.sample), dtype=np.bool_)
    moved, agreements = [], []
    for k in range(trial.effect.shape[1]):
        here, se = trial.task.feasible[:, k], _standard_error(trial.task, k, everybody)
        mine, refits = trial.effect[here, k], [effect[here, k] for effect in effects]
        moved.append(max(abs(float(refit.mean() - mine.mean())) / se for refit in refits))
        known = [one for refit in refits if (one := _correlation(mine, refit)) is not None]
        if known:
            agreements.append((min(known), trial.arms[k + 1]))
    value, arm = _worst(trial, np.array(moved))
    detail = f"Fitted again {how}, the average effect of {arm} moves by {value:.2g} standard errors."
    average = check(f"{name}_average", "soft", value <= FARTHEST_AVERAGE, value, FARTHEST_AVERAGE, detail)
    if not agreements:
        detail = "The model predicts the same effect for everybody."
        return [average, check(f"{name}_ranking", "soft", None, None, limit, detail)]
    least, arm = min(agreements)
    detail = f"Fitted again {how}, the effects of {arm} correlate at {least:.2g} with the model's."
    return [average, check(f"{name}_ranking", "soft", least >= limit, least, limit, detail)]


def _standard_error(task: Prepared, k: int, rows: Bools) -> float:
    """Of the average effect of offer k, on those of the rows that could get it."""
    here = rows & task.feasible[:, k]
    return mean_estimate(task.gamma[here, k + 1] - task.gamma[here, 0], _members(task, here)).se


def _members(task: Prepared, rows: Bools) -> np.ndarray | None:
    return None if task.sample.group is None else task.sample.group[rows]


def _spread(effect: Floats) -> Floats:
    """(K,) standard deviation of (n, K) effects; 0, and not rounding, where all are equal."""
    return np.asarray(np.where(np.ptp(effect, axis=0) > 0, effect.std(axis=0), 0.0))


def _correlation(one: Floats, other: Floats) -> float | None:
    """None where neither varies; 0 where only one does."""
    flat = [float(np.ptp(x)) == 0 for x in (one, other)]
    if any(flat):
        return None if all(flat) else 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _worst(trial: _Trial, badness: Floats) -> tuple[float, str]:
    k = int(np.argmax(badness))
    return float(badness[k]), trial.arms[k + 1]
