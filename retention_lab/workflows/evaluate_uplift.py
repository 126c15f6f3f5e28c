"""`lab evaluate`: what a version's choices are worth on rows that it was never trained on."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.checks import Check
from retention_lab.config.loading import definition_sha256
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.estimate import Estimate
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.uplift.evaluate import Evidence, difference
from retention_lab.uplift.evaluate import evaluate as evaluate_effects
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.uplift.scores import gamma_on
from retention_lab.workflows.flat_rows import read_flat_rows
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_part, held_out_uses
from retention_lab.workflows.keys import customer_keys
from retention_lab.workflows.project import Lab
from retention_lab.workflows.row_checks import row_checks
from retention_lab.workflows.seen_rows import seen_rows
from retention_lab.workflows.train_uplift import read_rows, trained_definition
from retention_lab.workflows.uplift_rows import UpliftRows
from retention_lab.workflows.uplift_training import feasible_offers

LEAST_ROWS = 1_000  # fewer say too little about a model to move anything


@dataclass(frozen=True, slots=True)
class NewRows:
    """Rows that none of the versions was trained on, and what their outcomes say.

    gamma: (n, K + 1) scores. dropped: rows left out because a version was trained on that customer.
    part: names these customers, so that looks at them can be counted.
    """

    rows: UpliftRows
    sample: UpliftSample
    gamma: Floats
    dropped: int
    part: str
    definition: UpliftDefinition


@dataclass(frozen=True, slots=True)
class EvaluateReport:
    """Held-out evidence about a version, and its paired difference to another."""

    name: str
    version: str
    rows: int
    dropped: int
    evidence: Evidence
    checks: list[Check]
    against: str | None
    difference: dict[str, Estimate]
    causal_basis: str
    uses: int
    run_id: str
    kind: str = "uplift"

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        against = None
        if self.against is not None:
            paired = {name: found.as_json() for name, found in self.difference.items()}
            against = {"version": self.against, "difference": paired}
        return {
            "name": self.name,
            "version": self.version,
            "rows": self.rows,
            "rows_dropped_as_trained_on": self.dropped,
            "causal_basis": self.causal_basis,
            "held_out": {"rows": self.rows, "uses": self.uses},
            "metrics": self.evidence.as_json(),
            "checks": self.checks,
            "against": against,
            "run_id": self.run_id,
        }


def evaluate_uplift(
    lab: Lab,
    selector: str,
    *,
    table: Path | None = None,
    as_of: datetime | None = None,
    against: str | None = None,
) -> EvaluateReport:
    """Evaluate a registered version, on its definition's rows or another table, and track that as a run.

    Raises LabError where fewer than 1,000 rows are new to the versions.
    """
    store = lab.open_store()
    loaded = load_version(store, *parse_selector(selector))
    other = None if against is None else load_version(store, *parse_selector(against))
    at = None if as_of is None else lab.start_of(as_of)
    found = new_rows(lab, [loaded, *([other] if other else [])], table=table, as_of=at)
    evidence, paired = _judge(found, loaded.model, None if other is None else other.model)
    tags = _tags(lab, loaded, found, at)
    with start_run(store, f"evaluate/{loaded.name}", f"{loaded.name}/{loaded.version}", tags) as run:
        report = EvaluateReport(
            name=loaded.name,
            version=loaded.version,
            rows=len(found.rows),
            dropped=found.dropped,
            evidence=evidence,
            checks=row_checks(found.rows, found.sample),
            against=None if other is None else other.version,
            difference=paired,
            causal_basis=found.rows.causal_basis,
            uses=held_out_uses(store, loaded.name, found.part),
            run_id=run.id,
        )
        run.log_estimates("valid", evidence.estimates)
        run.log_json("result.json", report.as_json())
    return report


def new_rows(
    lab: Lab, versions: list[Loaded], *, table: Path | None = None, as_of: datetime | None = None
) -> NewRows:
    """The rows of a definition that none of these versions of it was trained on, with scores.

    The outcome models of the first version speak about them, so no model has seen a row that it speaks about.
    Raises LabError where fewer than 1,000 are left, or the arms are not the model's.
    """
    first = versions[0]
    definition = trained_definition(lab, first)
    rows = definition_rows(lab, definition, table, as_of)
    _require_same_question(rows, first)
    keep: Bools = np.ones(len(rows), dtype=np.bool_)
    keys = customer_keys(lab, rows.unit)
    for version in versions:
        keep &= ~seen_rows(version, keys, rows.unit, rows.id_column)
    if keep.sum() < LEAST_ROWS:
        raise LabError(
            f"{int(keep.sum())} of {len(rows)} rows are new to the model, and fewer than {LEAST_ROWS:,} say "
            "too little about it.",
            "Evaluate on newer data (--table), or wait for the next campaign's outcomes.",
        )
    kept = rows.rows(keep)
    scorer: UpliftScorer = first.model
    sample = kept.sample(scorer.schema)
    gamma = gamma_on(sample, scorer.outcomes, scorer.propensities)
    part = held_out_part(keys.values[keep])
    return NewRows(kept, sample, gamma, int((~keep).sum()), part, definition)


def _judge(
    found: NewRows, scorer: UpliftScorer, other: UpliftScorer | None
) -> tuple[Evidence, dict[str, Estimate]]:
    """What the rows say about a version, and about its difference to another (empty: there is none)."""
    effect = scorer.choice_effect(found.sample.features)
    gamma, worth, group = found.gamma, found.rows.worth, found.sample.group
    feasible = feasible_offers(found.sample)
    evidence = evaluate_effects(gamma, effect, scorer.arms, worth, group, feasible=feasible)
    if other is None:
        return evidence, {}
    theirs = effect_on(other, found.rows, scorer)
    return evidence, difference(gamma, effect, theirs, scorer.arms, worth, group, feasible=feasible)


def _tags(lab: Lab, version: Loaded, found: NewRows, as_of: datetime | None) -> dict[str, str]:
    common = run_tags(
        "uplift",
        version.name,
        as_of=as_of,
        definition_sha256=definition_sha256(found.definition),
        data_sha256=found.rows.sha256,
        git_commit=git_commit(lab.folder),
    )
    own = {"lab.role": "evaluation", HELD_OUT_TAG: found.part, "lab.model_version": version.version}
    return {**common, **own}


def _require_same_question(rows: UpliftRows, version: Loaded) -> None:
    scorer: UpliftScorer = version.model
    if rows.arms != scorer.arms:
        raise LabError(
            f"The rows have the arms {', '.join(rows.arms)}; the model knows {', '.join(scorer.arms)}.",
            "Evaluate on rows with the same arms, or train again.",
        )
    if rows.target != scorer.outcome:
        raise LabError(
            f"The definition asks for '{rows.target}', and version {version.version} learned "
            f"'{scorer.outcome}'.",
            f"Train again: `lab train {version.name}`.",
        )


def definition_rows(
    lab: Lab, definition: UpliftDefinition, table: Path | None, as_of: datetime | None
) -> UpliftRows:
    """All rows of an uplift definition, or of another table of its shape."""
    if table is None:
        return read_rows(lab, definition, as_of)[0]
    if not definition.flat:
        raise ConfigurationError(
            f"'{definition.name}' learns from the project's experiments, so --table has nothing to replace.",
            "Use --as-of, or leave --table out.",
            file=definition.file,
        )
    return read_flat_rows(lab.project, definition, table)


def effect_on(scorer: UpliftScorer, rows: UpliftRows, like: UpliftScorer) -> Floats:
    """(n, K) effects by one version on rows that were read for another, as its choice sees them.

    An offer that only the other version knows has 0: this one would never choose it.
    Raises LabError where outcome or control differ, or this version knows an offer that the other does not.
    """
    unknown = [arm for arm in scorer.arms if arm not in like.arms]
    if unknown or scorer.arms[0] != like.arms[0] or scorer.outcome != like.outcome:
        raise LabError(
            f"The versions disagree: one learned '{scorer.outcome}' for {', '.join(scorer.arms)}, the other "
            f"'{like.outcome}' for {', '.join(like.arms)}.",
            "Compare versions of one definition that learned the same outcome and arms, or train again.",
        )
    effect = scorer.choice_effect(scorer.features(rows.table))
    found = np.zeros((len(rows), len(like.arms) - 1))
    found[:, [like.arms.index(arm) - 1 for arm in scorer.arms[1:]]] = effect
    return found
