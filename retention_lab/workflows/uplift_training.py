"""Fit every candidate of an uplift definition, judge them, and make the scorer that is registered."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.checks import Check
from retention_lab.errors import LabError
from retention_lab.features import FeatureSchema
from retention_lab.split import held_out, held_out_latest
from retention_lab.uplift.checks import estimated_checks
from retention_lab.uplift.evaluate import Evidence, evaluate
from retention_lab.uplift.gate import Gate, GateRule, constant_gate, gate
from retention_lab.uplift.learners import STACK
from retention_lab.uplift.nuisances import Prepared, prepare
from retention_lab.uplift.outcomes import ArmModels, fit_probabilities
from retention_lab.uplift.policy import best_constant
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.uplift.scores import gamma_on
from retention_lab.uplift.selection import Candidate, Candidates, best, fit_candidate
from retention_lab.uplift.spread import fit_spread
from retention_lab.uplift.tuning import Clock, Tuned, tune
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
class Effort:
    """What a training does beyond fitting. tune: seconds to look for better boosting settings, None: not at
    all; spread: refits on half of the customers that the version keeps, 0: none."""

    tune: float | None = None
    spread: int = 0


NO_MORE = Effort()


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
    """best: name of the learner with the lowest cross-fitted loss. scorer: what is registered: that learner,
    or the best-supported constant where targeting does not beat treating everyone alike; evidence: the
    scorer's, on the held-out rows. gamma: (m, K + 1) scores of those rows; effect: (m, K) what the best
    learner predicts for them; group: (m,) customers; feasible: (m, K) offers that they could get, None: all.
    estimated: the checks of estimated propensities; none where they are known. task: the training rows,
    and what all candidates share; held: the held-out rows. tuned: the search for boosting settings; None
    where there was none."""

    candidates: list[JudgedCandidate]
    best: str
    gate: Gate
    constant_check: Check | None
    scorer: UpliftScorer
    evidence: Evidence
    gamma: Floats
    effect: Floats
    group: np.ndarray
    feasible: Bools | None
    estimated: tuple[Check, ...]
    task: Prepared
    held: UpliftSample
    tuned: Tuned | None = None

    @property
    def targeting(self) -> str:
        """Whether choosing by the model beats treating everyone alike."""
        return BETTER if self.gate.better_than_constants else NONE_BETTER

    @property
    def winner(self) -> str:
        """The learner that is registered."""
        return self.scorer.learner


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
    effort: Effort = NO_MORE,
) -> Fitted:
    """Fit the candidates, pick one by cross-fitted loss on the training part, judge all on the rest."""
    schema = rows.schema()
    training, validation = rows.rows(parts.training), rows.rows(parts.validation)
    task = prepare(training.sample(schema), rule.folds, rule.seed)
    task, tuned = _tuned(task, learners, rule.seed, effort, say)
    say("fitting what all candidates share")
    held = _held_out(validation, schema, task)
    candidates = Candidates(task)
    judged = _judge_all(learners, candidates, held, say)
    winner = best(item.candidate for item in judged)
    effect = winner.model.effect(held.sample.features)
    verdict = held.gate(effect, gate_rule)
    say("fitting what the plans need")
    scorer, check = _scorer(rows, training, schema, task, winner), None
    evidence = next(item.evidence for item in judged if item.candidate.name == winner.name)
    if not verdict.better_than_constants:
        scorer, evidence, check = _best_constant(scorer, task, held, gate_rule)
    if effort.spread:
        scorer = _with_spread(scorer, candidates, effort.spread, rule.seed, say)
    return Fitted(
        candidates=judged,
        best=winner.name,
        gate=verdict,
        constant_check=check,
        scorer=scorer,
        evidence=evidence,
        gamma=held.gamma,
        effect=effect,
        group=validation.customer,
        feasible=held.feasible,
        estimated=_estimated(task),
        task=task,
        held=held.sample,
        tuned=tuned,
    )


def _judge_all(
    learners: Sequence[str], candidates: Candidates, held: "_HeldOut", say: Callable[[str], None]
) -> list[JudgedCandidate]:
    judged = []
    for name in learners:
        say(f"fitting {name}")
        judged.append(_judged(name, candidates, held))
    return judged


def _with_spread(
    scorer: UpliftScorer, candidates: Candidates, refits: int, seed: int, say: Callable[[str], None]
) -> UpliftScorer:
    say("fitting again on halves of the customers")
    found = fit_spread(candidates.fit(scorer.learner), candidates.task, refits, seed)
    return replace(scorer, refits=found)


def _estimated(task: Prepared) -> tuple[Check, ...]:
    found = task.nuisances
    return tuple(estimated_checks(task.sample, found.propensity)) if found.estimated else ()


def _tuned(
    task: Prepared, learners: Sequence[str], seed: int, effort: Effort, say: Callable[[str], None]
) -> tuple[Prepared, Tuned | None]:
    """The rows with the settings that the time found; as they were where none is given."""
    if effort.tune is None:
        return task, None
    say(f"tuning for {effort.tune:g} seconds")
    clock = Clock(time.monotonic, time.monotonic() + effort.tune)
    found = tune(task, seed=seed, clock=clock, effects=STACK in learners)
    return task.with_settings(found.params, found.effect_params), found


@dataclass(frozen=True, slots=True)
class _HeldOut:
    """Held-out rows, their (m, K + 1) scores, and the (m, K) offers that they could get (None: all)."""

    sample: UpliftSample
    gamma: Floats
    feasible: Bools | None
    rows: UpliftRows

    def evidence(self, effect: Floats) -> Evidence:
        """All that these rows say about (m, K) effects."""
        rows = self.rows
        return evaluate(self.gamma, effect, rows.arms, rows.worth, self.sample.group, feasible=self.feasible)

    def gate(self, effect: Floats, rule: GateRule) -> Gate:
        """Whether (m, K) effects choose better than treating everybody alike; no champion is asked for."""
        rows, group = self.rows, self.sample.group
        return gate(self.gamma, effect, rows.arms, rows.worth, rule, feasible=self.feasible, group=group)


def _held_out(rows: UpliftRows, schema: FeatureSchema, task: Prepared) -> _HeldOut:
    sample = rows.sample(schema)
    gamma = gamma_on(sample, task.outcomes, task.propensities)
    return _HeldOut(sample, gamma, feasible_offers(sample), rows)


def _judged(name: str, candidates: Candidates, held: _HeldOut) -> JudgedCandidate:
    start = time.perf_counter()
    candidate = candidates.fit(name)
    seconds = time.perf_counter() - start
    return JudgedCandidate(candidate, held.evidence(candidate.model.effect(held.sample.features)), seconds)


def _best_constant(
    scorer: UpliftScorer, task: Prepared, held: _HeldOut, rule: GateRule
) -> tuple[UpliftScorer, Evidence, Check]:
    """One offer for everybody: chosen on the training rows, judged on the held-out ones."""
    rows = held.rows
    net = rows.worth.net_scores(task.gamma, feasible_offers(task.sample))
    arm = best_constant(task.sample.terms(net), task.sample.group)
    constant = _constant_scorer(scorer, task, arm)
    evidence = held.evidence(constant.choice_effect(held.sample.features))
    group, feasible = held.sample.group, held.feasible
    return constant, evidence, constant_gate(held.gamma, arm, rows.arms, rows.worth, rule, group, feasible)


def _scorer(
    rows: UpliftRows, training: UpliftRows, schema: FeatureSchema, task: Prepared, winner: Candidate
) -> UpliftScorer:
    return UpliftScorer(
        learner=winner.name,
        model=winner.model,
        schema=schema,
        arms=rows.arms,
        outcome=rows.target,
        kind=rows.kinds[rows.target],
        outcomes=task.outcomes,
        worth=rows.worth,
        redemption=_side_model(task, training.redeemed),
        activity=_side_model(task, None if rows.target == "active" else training.active),
        propensities=task.propensities,
        details={"causal_basis": rows.causal_basis, "in_money": rows.in_money},
        id_column=rows.id_column,
    )


def _side_model(task: Prepared, event: Floats | None) -> ArmModels | None:
    if event is None:
        return None
    known, picked = task.sample, event[task.rows]
    return fit_probabilities(
        known.features, known.arm, picked, known.arm_count, bins=task.bins, weight=known.weight
    )


def _constant_scorer(scorer: UpliftScorer, task: Prepared, arm: int) -> UpliftScorer:
    """The scorer of a policy that knows one offer: average effects, and the arm that evidence supports."""
    return replace(
        scorer,
        learner="constant",
        model=fit_candidate("constant", task).model,
        constant_arm=scorer.arms[arm],
    )
