"""Split, fit, calibrate and judge every candidate of a churn definition; make the scorer to be registered."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.checks import Check, check
from retention_lab.churn.evaluate import Evidence, evaluate
from retention_lab.churn.learners import HAZARD
from retention_lab.churn.profit import Campaign
from retention_lab.churn.reasons import feature_groups
from retention_lab.churn.sample import ChurnSample, require_both
from retention_lab.churn.scorer import ChurnScorer, Worth
from retention_lab.churn.selection import Candidate, Candidates, champion
from retention_lab.churn.snapshots import RollingFold, rolling_folds
from retention_lab.churn.tiers import Tiers, fit_tiers
from retention_lab.cleaning import CleaningRule
from retention_lab.config.churn import ChurnDefinition
from retention_lab.data.snapshot_columns import EVIDENCE_OF
from retention_lab.errors import LabError
from retention_lab.features import FeatureSchema
from retention_lab.measures import auc_terms
from retention_lab.split import held_out, stratified_folds
from retention_lab.workflows.churn_rows import ChurnRows, worth_of

_MANY = 50_000  # rows from which two folds are enough
_TOO_GOOD = 0.98  # an AUC of one feature alone that no honest one has
_BY_CHANCE = (1 / 3, 2 / 3)  # tiers of probability where nothing says what customers are worth


@dataclass(frozen=True, slots=True)
class Parts:
    """Which rows are trained on and which are held out; a row may be neither. later: held-out rows are of a
    look at which every training label was complete."""

    training: Bools
    validation: Bools
    later: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its probabilities and evidence on the held-out rows, its cross-fitted profit per
    customer (None where no profit is known), and the seconds that it took."""

    candidate: Candidate
    probability: Floats
    evidence: Evidence
    profit: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """candidates; winner: the one that is registered; scorer: it, with its tiers. train, held: the rows;
    campaign: among the held-out customers; skipped: models that were not fitted, and why;
    settings: what tuning found, by model."""

    candidates: list[Judged]
    winner: Judged
    scorer: ChurnScorer
    train: ChurnSample
    held: ChurnSample
    held_rows: ChurnRows
    campaign: Campaign | None
    skipped: dict[str, str]
    settings: dict[str, dict[str, Any]]


def split_rows(rows: ChurnRows, share: float, seed: int) -> Parts:
    """Hold out a random share of the customers; over several looks, only their rows of the last one.

    Training rows are then those of the other customers whose labels were complete at that look, so that the
    model is judged as it will be used: on people it has not seen, in a time it has not seen. Where no label
    was complete by then, all looks are trained on, and `later` says that it was not so.
    """
    out = held_out(len(rows), share, seed, rows.unit)
    if rows.as_of is None or rows.label_end is None:
        return Parts(~out, out, later=False)
    last = rows.as_of == rows.as_of.max()
    complete = rows.label_end <= rows.as_of.max()
    later = bool((~out & complete).any())
    return Parts(~out & complete if later else ~out, out & last, later)


def row_checks(rows: ChurnRows) -> list[Check]:
    """What can be said of the rows before any fit: both kinds are there, and no feature knows the answer."""
    share = float(rows.left.mean())
    both = bool(0 < rows.left.sum() < len(rows))
    said = f"{int(rows.left.sum())} of {len(rows)} rows left ({share:.1%})."
    found = [check("both_labels", "hard", both, share, None, said)]
    if both:
        found.append(_leak_check(rows))
    if rows.left_out:
        said = f"No features, as they have too many values: {', '.join(rows.left_out)}. Or name `features:`."
        found.append(check("wide_text", "soft", False, len(rows.left_out), None, said))
    if rows.notes:
        said = f"Rows at each look: {'; '.join(rows.notes)}."
        found.append(check("looks", "soft", True, len(rows.notes), None, said))
    return found


def fit(rows: ChurnRows, parts: Parts, definition: ChurnDefinition, say: Callable[[str], None]) -> Fitted:
    """Fit every candidate on the training rows, choose by cross-fitted profit, judge on the held-out rows.

    Raises LabError unless both parts have leavers and stayers.
    """
    train_rows, held_rows = rows.rows(parts.training), rows.rows(parts.validation)
    require_both(train_rows.left)
    require_both(held_rows.left, "the held-out rows")
    schema, worth = train_rows.schema(), worth_of(definition)
    train, held = train_rows.sample(schema), held_rows.sample(schema)
    candidates = _candidates(definition, train_rows, train)
    judged_rows = train_rows.rows(candidates.judged)
    campaigns = [None if worth is None else worth.campaign(part.context) for part in (judged_rows, held_rows)]
    skipped = _skipped(definition, candidates)
    judged = []
    for name in definition.models:
        if name not in skipped:
            say(f"fitting {name}")
            judged.append(_judged(name, candidates, held, (campaigns[0], campaigns[1])))
    if not judged:
        raise LabError(
            f"None of the models can be fitted: {'; '.join(skipped.values())}.",
            "Name another one.",
            key="models",
        )
    chosen = champion([one.candidate for one in judged], judged_rows.left, campaigns[0])
    winner = next(one for one in judged if one.candidate is chosen)
    details = {"later": parts.later, "judged": len(judged_rows), "looks": len(candidates.rolling) or None}
    scorer = _scorer(chosen, (train_rows.schema(), judged_rows), definition, details)
    return Fitted(judged, winner, scorer, train, held, held_rows, campaigns[1], skipped, candidates.settings)


def _candidates(definition: ChurnDefinition, rows: ChurnRows, train: ChurnSample) -> Candidates:
    """What can be fitted to the training rows, as the definition wants it done. train: the same rows."""
    split, rule = definition.validation, definition.cleaning
    rolling: tuple[RollingFold, ...] = ()
    if split.rolling is not None and rows.as_of is not None and rows.label_end is not None:
        rolling = rolling_folds(rows.as_of, rows.label_end, split.rolling)
    return Candidates(
        train,
        stratified_folds(train.left, _folds(len(train), split.folds), split.seed, train.group),
        split.seed,
        _clock(definition, train),
        resampling=definition.resampling,
        tune=definition.tune,
        cleaning=None if rule is None else CleaningRule(rule.missing, rule.cap),
        scale=None if rule is None else rule.scale,
        rolling=rolling,
    )


def _scorer(
    chosen: Candidate,
    learnt: tuple[FeatureSchema, ChurnRows],
    definition: ChurnDefinition,
    details: Mapping[str, Any],
) -> ChurnScorer:
    """The candidate with tiers of what its judged rows put at stake, as it is registered."""
    (schema, rows), worth = learnt, worth_of(definition)
    calibration, horizon = chosen.model.calibrator.kind, _horizon(definition)
    return ChurnScorer(
        learner=chosen.name,
        model=chosen.model,
        schema=schema,
        tiers=_tiers(chosen.probability, worth, rows.context),
        worth=worth,
        id_column=rows.id_column,
        groups=feature_groups(schema.names, _evidence_of(definition)),
        changeable=definition.changeable,
        details={"calibration": calibration, **details, "horizon_days": horizon},
    )


def _judged(
    name: str, candidates: Candidates, held: ChurnSample, campaigns: tuple[Campaign | None, Campaign | None]
) -> Judged:
    start = time.perf_counter()
    one = candidates.fit(name)
    probability = one.model.probability(held.features)
    evidence = evaluate(held.left, probability, campaigns[1], held.group)
    left = candidates.sample.left[candidates.judged]
    earned = None if campaigns[0] is None else one.profit(left, campaigns[0])
    return Judged(one, probability, evidence, earned, time.perf_counter() - start)


def _evidence_of(definition: ChurnDefinition) -> dict[str, str]:
    """What features are known to be evidence of: by a snapshot's meaning, and by what a user says."""
    return {**({} if definition.flat else EVIDENCE_OF), **definition.reasons}


def _horizon(definition: ChurnDefinition) -> int | None:
    return None if definition.flat else definition.horizon_days


def _folds(rows: int, asked: int | None) -> int:
    return asked or (2 if rows >= _MANY else 5)


def _clock(definition: ChurnDefinition, train: ChurnSample) -> tuple[int, float] | None:
    """The column that is the hazard model's clock, and how far it moves in one period."""
    names = train.features.schema.names
    name = definition.duration or (None if definition.flat else "tenure_days")
    if name is None or name not in names:
        return None
    step = 1.0 if definition.flat else float(definition.horizon_days)
    return names.index(name), step


def _skipped(definition: ChurnDefinition, candidates: Candidates) -> dict[str, str]:
    if HAZARD not in definition.models or candidates.clock is not None:
        return {}
    return {HAZARD: "no `duration:` says for how long somebody has been a customer, so `hazard` has no clock"}


def _tiers(probability: Floats, worth: Worth | None, context: pa.Table) -> Tiers:
    """Of the cross-fitted expected losses: those of the fitted rows would be too sure."""
    if worth is None:
        cuts = np.quantile(probability, _BY_CHANCE)
        return Tiers(("low", "medium", "high"), (float(cuts[0]), float(cuts[1])))
    return fit_tiers(probability * worth.values(context))


def _leak_check(rows: ChurnRows) -> Check:
    """Soft: no feature alone tells leavers from stayers nearly without fault."""
    sample = rows.sample(rows.schema())
    best, name = 0.0, ""
    for j, feature in enumerate(sample.features.schema.names):
        score = _one_score(sample.features.values[:, j], sample.left, sample.features.schema.levels[j])
        auc = float(auc_terms(sample.left, score).mean())
        best, name = max((best, name), (max(auc, 1 - auc), feature))
    leaks = best >= _TOO_GOOD
    said = f"'{name}' alone has an AUC of {best:.3f}." + (
        " It may have been measured after leaving: `exclude` it." if leaks else ""
    )
    return check("suspected_leak", "soft", not leaks, best, _TOO_GOOD, said)


def _one_score(values: Floats, left: Floats, levels: tuple[str, ...] | None) -> Floats:
    """(n,) a number by which one feature ranks: itself, missing lowest; of levels, the share that left."""
    missing = np.isnan(values)
    if levels is None:
        low = float(values[~missing].min()) - 1.0 if (~missing).any() else 0.0
        return np.where(missing, low, values)
    code: Ints = np.where(missing, len(levels), values).astype(np.int64)
    count = np.bincount(code, minlength=len(levels) + 1)
    return np.asarray((np.bincount(code, left, len(levels) + 1) / np.maximum(count, 1))[code])
