"""What a training understands about its best learner: what moves effects, a rule to read, who is who."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from retention_lab.checks import Check
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.uplift.learners.protocol import Explained, UpliftModel
from retention_lab.uplift.nuisances import Nuisances, prepare
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.selection import best, fit_candidate
from retention_lab.uplift.understanding.drivers import OfferDrivers, drivers
from retention_lab.uplift.understanding.four_groups import FourGroups, boundaries, four_groups
from retention_lab.uplift.understanding.refute import RefuteParams, refute
from retention_lab.uplift.understanding.rule import Rule, RuleValue, fit_rule, rule_value
from retention_lab.uplift.understanding.sensitivity import Sensitivity, average_effect_sensitivity
from retention_lab.uplift.understanding.summary import Understanding
from retention_lab.workflows.uplift_rows import UpliftRows
from retention_lab.workflows.uplift_training import Fitted, JudgedCandidate

_EXPLAINED_ROWS = 5_000  # held-out rows whose effects are explained
_REFUTED_ROWS = 5_000  # training rows that each refit takes
CONSTANT = "constant"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UnderstandingRule:
    """refute: whether the learner is fitted again to refute it; min_cell: fewest customers of a level that is
    named; confidence: of intervals; seed: of all draws."""

    refute: bool
    min_cell: int
    confidence: float
    seed: int


def understand(rows: UpliftRows, fitted: Fitted, rule: UnderstandingRule) -> Understanding | None:
    """All that is understood about the best learner that tells customers apart; None where there is none.

    It is explained also where it did not prove better than one choice for all: the reader must know then that
    what it says was not shown.
    """
    apart = [item for item in fitted.candidates if item.candidate.name != CONSTANT]
    if not apart:
        return None
    name = best(item.candidate for item in apart).name
    job = _Job(rows, fitted, next(item for item in apart if item.candidate.name == name), rule)
    reasons: dict[str, str] = {}
    made = _attempt(reasons, "rule", lambda: _rule(job))
    estimated = fitted.task.nuisances.estimated
    if not estimated:
        reasons["sensitivity"] = "Offers were drawn at random, so nothing hidden drove who got which."
    if not rule.refute:
        reasons["refutations"] = "Not asked for: set `refute: true` in the definition."
    return Understanding(
        learner=name,
        drivers=_attempt(reasons, "drivers", lambda: _drivers(job)),
        rule=None if made is None else made[0],
        rule_value=None if made is None else made[1],
        model_over=_model_over(job),
        groups=job.item.evidence.groups,
        four_groups=_four_groups(job, reasons),
        refutations=_attempt(reasons, "refutations", lambda: _refutations(job)) if rule.refute else None,
        sensitivity=_attempt(reasons, "sensitivity", lambda: _sensitivity(job)) if estimated else None,
        reasons=reasons,
    )


@dataclass(frozen=True, slots=True)
class _Job:
    """Whose understanding is asked for, and all that a training found."""

    rows: UpliftRows
    fitted: Fitted
    item: JudgedCandidate
    rule: UnderstandingRule


def _attempt(reasons: dict[str, str], part: str, ask: Callable[[], T]) -> T | None:
    """The answer; where the question cannot be asked, None and the reason under the part's name."""
    try:
        return ask()
    except LabError as error:
        reasons[part] = error.found
        return None


def _drivers(job: _Job) -> tuple[OfferDrivers, ...]:
    model = job.item.candidate.model
    if not isinstance(model, Explained):
        raise LabError(f"'{job.item.candidate.name}' cannot say which features move its effects.", "")
    rule, features = job.rule, job.fitted.held.features
    return drivers(
        model, features, job.rows.arms, rows=_EXPLAINED_ROWS, seed=rule.seed, smallest=rule.min_cell
    )


def _rule(job: _Job) -> tuple[Rule, RuleValue]:
    """Made on the training rows' cross-fitted scores of net value, valued on the held-out rows'."""
    fitted, arms, worth = job.fitted, job.rows.arms, job.rows.worth
    task = fitted.task
    scores = worth.net_scores(task.gamma, task.feasible)
    if task.sample.weight is not None:  # thinned rows stand for several
        scores = scores * (task.sample.weight / task.sample.weight.mean())[:, None]
    made = fit_rule(task.sample.features, scores, arms)
    net = worth.net_scores(fitted.gamma, fitted.feasible)
    value = rule_value(made, fitted.held.features, net, fitted.group, confidence=job.rule.confidence)
    return made, value


def _model_over(job: _Job) -> dict[str, Estimate]:
    estimates = job.item.evidence.estimates
    return {arm: estimates[f"policy_gain.{arm}"] for arm in job.rows.arms}


def _four_groups(job: _Job, reasons: dict[str, str]) -> dict[str, FourGroups]:
    """In the outcome's own unit, of the held-out rows that could have got the offer."""
    fitted, features = job.fitted, job.fitted.held.features
    effect = job.item.candidate.model.effect(features)
    baseline = fitted.scorer.mean(features)[:, 0]
    found = {}
    for k, arm in enumerate(job.rows.arms[1:]):
        able = np.ones(len(effect), dtype=np.bool_) if fitted.feasible is None else fitted.feasible[:, k]
        mine, base = effect[able, k], baseline[able]
        if len(mine) == 0 or np.ptp(mine) == 0:
            reasons[f"four_groups.{arm}"] = "The same effect is predicted for everybody who could get it."
            continue
        e = (fitted.gamma[:, k + 1] - fitted.gamma[:, 0])[able]
        found[arm] = four_groups(
            mine, base, boundaries(mine, base), e, fitted.group[able], confidence=job.rule.confidence
        )
    return found


def _refutations(job: _Job) -> tuple[Check, ...]:
    name, seed, task = job.item.candidate.name, job.rule.seed, job.fitted.task
    tuned = job.fitted.tuned is not None  # else settings suit the number of rows

    def refit(sample: UpliftSample) -> UpliftModel:
        params, effect_params = (task.params, task.effect_params) if tuned else (None, None)
        own = prepare(sample, seed=seed, params=params, effect_params=effect_params)
        return fit_candidate(name, own).model

    return refute(job.fitted.task.sample, refit, job.rows.arms, RefuteParams(rows=_REFUTED_ROWS, seed=seed))


def _sensitivity(job: _Job) -> dict[str, Sensitivity]:
    """Of each offer's average effect, on the held-out rows; their nuisances are the training's."""
    held, scorer = job.fitted.held, job.fitted.scorer
    assert scorer.propensities is not None  # asked only where propensities were estimated
    known = Nuisances(
        scorer.mean(held.features), scorer.propensities.probability(held.features), estimated=True
    )
    return average_effect_sensitivity(held, known, job.rows.arms, confidence=job.rule.confidence)
