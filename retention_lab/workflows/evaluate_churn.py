"""`lab evaluate` of a churn model: evidence on rows of customers that it was never trained on."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.checks import Check
from retention_lab.churn.evaluate import Evidence, difference
from retention_lab.churn.evaluate import evaluate as evaluate_probabilities
from retention_lab.churn.profit import Campaign
from retention_lab.churn.sample import require_both
from retention_lab.churn.scorer import ChurnScorer
from retention_lab.config.churn import ChurnDefinition
from retention_lab.config.loading import definition_sha256
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.workflows.churn_rows import ChurnRows, worth_of
from retention_lab.workflows.churn_training import row_checks
from retention_lab.workflows.evaluate_uplift import LEAST_ROWS
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_part, held_out_uses
from retention_lab.workflows.keys import customer_keys
from retention_lab.workflows.project import Lab
from retention_lab.workflows.seen_rows import seen_rows
from retention_lab.workflows.train_churn import metrics_json, read_rows, trained_definition


@dataclass(frozen=True, slots=True)
class NewRows:
    """Rows of customers that none of the versions was trained on, of the latest look where there are several.

    campaign: among them, as the definition says now; None where it says nothing of profit. dropped: rows left
    out because a version was trained on that customer. part: names these customers, so that looks at them can
    be counted.
    """

    rows: ChurnRows
    campaign: Campaign | None
    dropped: int
    part: str
    definition: ChurnDefinition


@dataclass(frozen=True, slots=True)
class ChurnEvaluation:
    """Held-out evidence about a version, and its paired difference to another."""

    name: str
    version: str
    rows: int
    dropped: int
    evidence: Evidence
    checks: list[Check]
    against: str | None
    difference: dict[str, Estimate]
    uses: int
    run_id: str
    kind: str = "churn"

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        paired = {name: found.as_json() for name, found in self.difference.items()}
        return {
            "name": self.name,
            "version": self.version,
            "rows": self.rows,
            "rows_dropped_as_trained_on": self.dropped,
            "held_out": {"rows": self.rows, "uses": self.uses},
            "metrics": metrics_json(self.evidence),
            "checks": self.checks,
            "against": None if self.against is None else {"version": self.against, "difference": paired},
            "run_id": self.run_id,
        }


def evaluate_churn(
    lab: Lab,
    selector: str,
    *,
    table: Path | None = None,
    as_of: datetime | None = None,
    against: str | None = None,
) -> ChurnEvaluation:
    """Evaluate a registered version, on its definition's rows or another table, and track that as a run.

    Raises LabError where fewer than 1,000 rows are new to the versions, or all of them have one label.
    """
    store = lab.open_store()
    loaded = load_version(store, *parse_selector(selector))
    other = None if against is None else load_version(store, *parse_selector(against))
    at = None if as_of is None else lab.start_of(as_of)
    found = new_rows(lab, [loaded, *([other] if other else [])], table=table, as_of=at)
    probability = probability_of(loaded, found.rows)
    evidence = evaluate_probabilities(found.rows.left, probability, found.campaign)
    paired: dict[str, Estimate] = {}
    if other is not None:
        theirs = probability_of(other, found.rows)
        paired = dict(difference(found.rows.left, probability, theirs, found.campaign).estimates)
    with start_run(
        store, f"evaluate/{loaded.name}", f"{loaded.name}/{loaded.version}", _tags(lab, loaded, found, at)
    ) as run:
        report = ChurnEvaluation(
            name=loaded.name,
            version=loaded.version,
            rows=len(found.rows),
            dropped=found.dropped,
            evidence=evidence,
            checks=row_checks(found.rows),
            against=None if other is None else other.version,
            difference=paired,
            uses=held_out_uses(store, loaded.name, found.part),
            run_id=run.id,
        )
        run.log_estimates("valid", evidence.estimates)
        run.log_json("result.json", report.as_json())
    return report


def new_rows(
    lab: Lab, versions: list[Loaded], *, table: Path | None = None, as_of: datetime | None = None
) -> NewRows:
    """The rows of a definition whose customers none of these versions of it was trained on.

    Raises LabError where fewer than 1,000 are left, all of them have one label, or a version is no churn
    model.
    """
    for version in versions:
        _require_churn(version)
    definition = trained_definition(lab, versions[0])
    rows = read_rows(lab, definition, as_of, table)
    if rows.as_of is not None:
        rows = rows.rows(rows.as_of == rows.as_of.max())  # a customer counts once, at the latest look
    keys = customer_keys(lab, rows.unit)
    keep: Bools = np.ones(len(rows), dtype=np.bool_)
    for version in versions:
        keep &= ~seen_rows(version, keys, rows.unit, rows.id_column)
    if keep.sum() < LEAST_ROWS:
        raise LabError(
            f"{int(keep.sum())} of {len(rows)} rows are new to the model, and fewer than {LEAST_ROWS:,} say "
            "too little about it.",
            "Evaluate on newer data (--table), or hold out more (`validation.share`) and train again.",
        )
    kept = rows.rows(keep)
    require_both(kept.left, "the rows that are new to the model")
    worth = worth_of(definition)
    campaign = None if worth is None else worth.campaign(kept.context)
    return NewRows(kept, campaign, int((~keep).sum()), held_out_part(keys.values[keep]), definition)


def probability_of(version: Loaded, rows: ChurnRows) -> Floats:
    """(n,) what a version says of the rows."""
    scorer: ChurnScorer = version.model
    return scorer.probability(rows.table)


def _require_churn(version: Loaded) -> None:
    if not isinstance(version.model, ChurnScorer):
        raise LabError(
            f"{version.name} version {version.version} is no churn model.",
            "Compare versions of one definition.",
        )


def _tags(lab: Lab, version: Loaded, found: NewRows, as_of: datetime | None) -> dict[str, str]:
    common = run_tags(
        "churn",
        version.name,
        as_of=as_of,
        definition_sha256=definition_sha256(found.definition),
        data_sha256=found.rows.sha256,
        git_commit=git_commit(lab.folder),
    )
    own = {"lab.role": "evaluation", HELD_OUT_TAG: found.part, "lab.model_version": version.version}
    return {**common, **own}
