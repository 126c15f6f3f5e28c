"""Fit every candidate of an uplift definition, judge them, and make the scorer that is registered."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError
from retention_lab.features import FeatureSchema
from retention_lab.split import held_out, held_out_latest
from retention_lab.uplift.evaluate import Evidence, evaluate
from retention_lab.uplift.gate import Gate, GateRule, constant_gate, gate
from retention_lab.uplift.learners import learner
from retention_lab.uplift.nuisances import OutcomeModels, Prepared, fit_probabilities, prepare
from retention_lab.uplift.policy import best_constant
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.uplift.scores import gamma_on
from retention_lab.uplift.selection import Candidate, best, fit_candidate
from retention_lab.workflows.uplift_rows import UpliftRows

BETTER = "better"
NONE_BETTER = "none_better"


@dataclass(frozen=True, slots=True)
class SplitRule:
    """share: of the rows that nothing is fitted on; folds: None is 2 from 50,000 rows, else 5."""

    share: float
    folds: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class Parts:
    """Which rows are trained on and which are held out; a row may be neither."""

    training: Bools
    validation: Bools


@dataclass(frozen=True, slots=True)
class JudgedCandidate:
    """A candidate with its held-out evidence, and the seconds it took."""

    candidate: Candidate
    evidence: Evidence
    seconds: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """winner: name of the learner by cross-fitted loss. scorer: what is registered: the winner, or the
    best-supported constant where targeting does not beat treating everyone alike. gamma: (m, K + 1)
    scores of the held-out rows; effect: (m, K) what the winner predicts for them; group: (m,) customers."""

    candidates: list[JudgedCandidate]
    winner: str
    targeting: str
    gate: Gate
    constant_check: dict[str, object] | None
    scorer: UpliftScorer
    gamma: Floats
    effect: Floats
    group: np.ndarray


def feasible_offers(sample: UpliftSample) -> Bools | None:
    """(n, K) whether each row could get each offer at all; None where propensities are estimated."""
    return None if sample.propensity is None else np.asarray(sample.propensity[:, 1:] > 0)


def split_rows(rows: UpliftRows, rule: SplitRule) -> Parts:
    """The latest rows are held out where rows have a time, else a random share of the customers.

    Raises LabError where a part lacks an arm.
    """
    if rows.time is None:
        validation = held_out(len(rows), rule.share, rule.seed, rows.unit)
        training = ~validation
    else:
        validation = held_out_latest(rows.time, rule.share)
        # a customer with a late row is new to the model only if the earlier rows are not learned from
        training = ~validation & ~np.isin(rows.unit, rows.unit[validation])
    for name, part in (("training", training), ("held-out", validation)):
        counts = np.bincount(rows.arm[part], minlength=len(rows.arms))
        if counts.min() < 2:
            raise LabError(
                f"The {name} part has {counts.min()} rows in the arm '{rows.arms[int(np.argmin(counts))]}'.",
                "Provide more rows, leave that arm out with `arms:`, or change validation.share.",
                key="validation",
            )
    return Parts(training, validation)


def fit(
    rows: UpliftRows,
    parts: Parts,
    learners: Sequence[str],
    rule: SplitRule,
    gate_rule: GateRule,
    say: Callable[[str], None],
) -> Fitted:
    """Fit the candidates, pick one by cross-fitted loss on the training part, judge all on the rest."""
    schema = rows.schema()
    task = prepare(rows.rows(parts.training).sample(schema), rule.folds, rule.seed)
    validation = rows.rows(parts.validation)
    sample = validation.sample(schema)
    gamma = gamma_on(sample, task.outcomes, task.propensities)
    judged = []
    for name in learners:
        say(f"fitting {name}")
        judged.append(_judged(name, task, sample, gamma, rows))
    winner = best(item.candidate for item in judged)
    worth = rows.worth
    effect = winner.model.effect(sample.features)
    feasible = feasible_offers(sample)
    verdict = gate(gamma, effect, rows.arms, worth, gate_rule, feasible=feasible, group=sample.group)
    say("fitting what the plans need")
    scorer = _scorer(rows, parts, schema, task, winner)
    constant_check = None
    if not verdict.better_than_constants:
        arm = best_constant(worth.net_scores(task.gamma, feasible_offers(task.sample)), task.sample.group)
        scorer = _constant_scorer(scorer, task, arm)
        constant_check = constant_gate(gamma, arm, rows.arms, worth, gate_rule, sample.group, feasible)
    return Fitted(
        judged,
        winner.name,
        BETTER if verdict.better_than_constants else NONE_BETTER,
        verdict,
        constant_check,
        scorer,
        gamma,
        effect,
        validation.unit,
    )


def _judged(
    name: str, task: Prepared, sample: UpliftSample, gamma: Floats, rows: UpliftRows
) -> JudgedCandidate:
    start = time.perf_counter()
    candidate = fit_candidate(name, task)
    seconds = time.perf_counter() - start
    effect = candidate.model.effect(sample.features)
    return JudgedCandidate(candidate, evaluate(gamma, effect, rows.arms, rows.worth, sample.group), seconds)


def _scorer(
    rows: UpliftRows, parts: Parts, schema: FeatureSchema, task: Prepared, winner: Candidate
) -> UpliftScorer:
    training = rows.rows(parts.training)
    return UpliftScorer(
        learner=winner.name,
        model=winner.model,
        schema=schema,
        arms=rows.arms,
        outcome=rows.target,
        kind=rows.kinds[rows.target],
        outcomes=task.outcomes,
        worth=rows.worth,
        redemption=_side_model(training, schema, training.redeemed),
        activity=_side_model(training, schema, None if rows.target == "active" else training.active),
        propensities=task.propensities,
        details={"causal_basis": rows.causal_basis, "in_money": rows.in_money},
    )


def _side_model(rows: UpliftRows, schema: FeatureSchema, event: Floats | None) -> OutcomeModels | None:
    if event is None:
        return None
    return fit_probabilities(rows.features(schema), rows.arm, event, len(rows.arms))


def _constant_scorer(scorer: UpliftScorer, task: Prepared, arm: int) -> UpliftScorer:
    """The scorer of a policy that knows one offer: average effects, and the arm that evidence supports."""
    return replace(
        scorer,
        learner="constant",
        model=learner("constant").fit(task),
        constant_arm=scorer.arms[arm],
    )
