"""`lab train` of a churn model: the rows, the checks, the candidates, the winner, the registered version."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.checks import Check, check, hard_failures
from retention_lab.churn.evaluate import Evidence
from retention_lab.churn.learners.protocol import Explained
from retention_lab.churn.mutual_information import feature_information
from retention_lab.churn.tiers import tier_table
from retention_lab.config.churn import ChurnDefinition
from retention_lab.config.loading import definition_sha256
from retention_lab.errors import ConfigurationError
from retention_lab.estimate import not_computed
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.model_files import ModelFiles
from retention_lab.tracking.models import Loaded
from retention_lab.tracking.models import register as register_version
from retention_lab.tracking.registry import CHALLENGER
from retention_lab.tracking.runs import Run, run_tags, start_run
from retention_lab.whole_files import write_whole
from retention_lab.workflows.as_trained import (
    definition_of,
    definition_text,
    overrides_of,
    overrides_tag,
    served_field,
)
from retention_lab.workflows.churn_flat_rows import read_churn_flat
from retention_lab.workflows.churn_looks import read_churn_looks
from retention_lab.workflows.churn_page import churn_page
from retention_lab.workflows.churn_report import ChurnReport, Driver
from retention_lab.workflows.churn_rows import ChurnRows
from retention_lab.workflows.churn_training import Fitted, Judged, Parts, fit, row_checks, split_rows
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_part, held_out_uses
from retention_lab.workflows.keys import CustomerKeys, customer_keys
from retention_lab.workflows.project import Lab
from retention_lab.workflows.seen_rows import ROWS_BY_TAG, rows_by
from retention_lab.workflows.trained_on import TRAINED_ON_FILE, TrainedOn

LOADER = "retention_lab.churn.scorer:from_files"
REQUIREMENTS = ("lightgbm", "numpy", "pyarrow", "scipy")
BY_PROFIT, BY_LOG_LOSS = "profit", "log_loss"
_EXPLAINED = 5_000  # held-out rows over which the parts of the log-odds are averaged


def train_churn(
    lab: Lab,
    name: str,
    *,
    as_of: datetime | None = None,
    overrides: Sequence[str] = (),
    register: bool = True,
    say: Callable[[str], None],
) -> ChurnReport:
    """Train a definition: every candidate is a run, the winner is registered as challenger.

    A failed hard check ends the training with nothing fitted and nothing registered.
    Raises LabError where the definition or its data do not allow the question.
    """
    definition = churn_definition(lab, name, overrides)
    at = None if as_of is None else lab.start_of(as_of)
    say("reading the data")
    rows = read_rows(lab, definition, at)
    tags = run_tags(
        "churn",
        name,
        as_of=at,
        definition_sha256=definition_sha256(definition),
        data_sha256=rows.sha256,
        git_commit=git_commit(lab.folder),
    )
    with start_run(lab.open_store(), f"train/{name}", name, {**tags, "lab.role": "parent"}) as run:
        found = row_checks(rows)
        job = _Job(lab, run, definition, overrides, rows, tags)
        report = (
            _refused(job, found) if hard_failures(found) else _fit(job, found, register=register, say=say)
        )
        run.log_text("definition.yaml", definition_text(definition.file, overrides))
        run.log_json("result.json", report.as_json())
    return report


def churn_definition(lab: Lab, name: str, overrides: Sequence[str] = ()) -> ChurnDefinition:
    """The definition of a churn model. Raises ConfigurationError for any other kind."""
    return definition_of(lab, name, "churn", ChurnDefinition, overrides)


def trained_definition(lab: Lab, version: Loaded) -> ChurnDefinition:
    """The definition as it stands now, under the overrides that a version was trained with."""
    return churn_definition(lab, version.name, overrides_of(version))


def read_rows(
    lab: Lab, definition: ChurnDefinition, as_of: datetime | None, table: Path | None = None
) -> ChurnRows:
    """The rows of the definition, or of another table of its shape.

    Raises ConfigurationError for a date with a flat table, and for a table without one.
    """
    if definition.flat:
        if as_of is not None:
            raise ConfigurationError(
                "A flat table has one state, so it cannot be looked at as of a date.",
                "Leave --as-of out.",
                file=definition.file,
            )
        return read_churn_flat(lab.project, definition, table)
    if table is not None:
        raise ConfigurationError(
            f"'{definition.name}' looks at the project's tables, so --table has nothing to replace.",
            "Use --as-of, or leave --table out.",
            file=definition.file,
        )
    with lab.open_tables() as tables:
        return read_churn_looks(tables, definition, as_of)


def metrics_json(found: Evidence) -> dict[str, Any]:
    """Every measure by name; null, and why, where it could not be computed."""
    refused = {name: not_computed(why) for name, why in found.refused.items()}
    return {name: one.as_json() for name, one in found.estimates.items()} | refused


@dataclass(frozen=True, slots=True)
class _Job:
    """What is trained on which rows, in which run; tags: those that the candidates' runs carry too."""

    lab: Lab
    run: Run
    definition: ChurnDefinition
    overrides: Sequence[str]
    rows: ChurnRows
    tags: dict[str, str]

    @property
    def chosen_by(self) -> str:
        return BY_LOG_LOSS if self.definition.profit is None else BY_PROFIT


def _refused(job: _Job, found: list[Check]) -> ChurnReport:
    job.run.set_tags({"lab.trustworthy": "false"})
    return ChurnReport(
        name=job.definition.name,
        winner=None,
        run_id=job.run.id,
        model_version=None,
        checks=found,
        chosen_by=job.chosen_by,
        metrics={},
        candidates=[],
        held_out={},
        report=None,
    )


def _fit(job: _Job, found: list[Check], *, register: bool, say: Callable[[str], None]) -> ChurnReport:
    split = job.definition.validation
    parts = split_rows(job.rows, split.share, split.seed)
    fitted = fit(job.rows, parts, job.definition, say)
    say("tracking")
    keys = customer_keys(job.lab, job.rows.unit)
    candidates = [_track(job, one) for one in fitted.candidates]
    part = held_out_part(keys.values[parts.validation])
    job.run.set_tags({HELD_OUT_TAG: part})
    uses = held_out_uses(job.run.store, job.definition.name, part)
    version = _register(job, fitted, parts, keys) if register else None
    winner = fitted.winner
    report = ChurnReport(
        name=job.definition.name,
        winner=winner.candidate.name,
        run_id=job.run.id,
        model_version=version,
        checks=[*found, *_fit_checks(job, parts, fitted)],
        chosen_by=job.chosen_by,
        metrics=metrics_json(winner.evidence),
        candidates=candidates,
        held_out={"rows": int(parts.validation.sum()), "uses": uses},
        report=f"reports/{job.definition.name}.html",
        calibration=winner.candidate.model.calibrator.kind,
        in_money=fitted.campaign is not None,
        tiers=_tiers(fitted),
        drivers=_drivers(fitted),
        skipped=fitted.skipped,
        settings=fitted.settings,
    )
    page = churn_page(job.lab, report, fitted)
    job.run.log_text("report.html", page)
    write_whole(job.lab.folder / str(report.report), page.encode())
    job.run.log_estimates("valid", winner.evidence.estimates)
    job.run.log_params(_params(job, parts, fitted))
    return report


def _fit_checks(job: _Job, parts: Parts, fitted: Fitted) -> list[Check]:
    found = []
    if job.definition.profit is None:
        said = (
            "The definition has no `profit:`, so the winner is the one with the least cross-fitted log loss, "
            "and tiers are thirds of the probability. Say what a contact costs and a customer is worth."
        )
        found.append(check("profit_known", "soft", False, None, None, said))
    if job.rows.as_of is not None:
        said = (
            "Held-out customers were looked at when every training label was complete."
            if parts.later
            else "No training label was complete at the last look, so held-out rows are of the same time as "
            "the training's. Take more snapshots, further apart."
        )
        found.append(check("later_look", "soft", parts.later, None, None, said))
    looks = fitted.scorer.details["looks"]
    if looks is not None:
        said = (
            f"Candidates were compared on {fitted.scorer.details['judged']:,} rows of {looks} looks, each "
            "predicted from rows whose label was complete by then."
        )
        found.append(check("rolling_looks", "soft", True, looks, None, said))
    for name, why in fitted.skipped.items():
        found.append(check(f"fitted.{name}", "soft", False, None, None, f"{why[0].upper()}{why[1:]}."))
    return found


def _tiers(fitted: Fitted) -> tuple[Any, ...]:
    value = fitted.scorer.at_stake(fitted.held_rows.context)
    return tier_table(fitted.scorer.tiers, fitted.winner.probability, value, fitted.held.left)


def _drivers(fitted: Fitted) -> tuple[Driver, ...]:
    """Features by the mean size of their part, or by their information where the winner has no parts."""
    nats = {one.feature: one.nats for one in feature_information(fitted.train)}
    names, model = fitted.scorer.schema.names, fitted.scorer.model
    size: list[float] | None = None
    if isinstance(model.model, Explained):
        some = fitted.held.features.rows(np.arange(min(len(fitted.held), _EXPLAINED)))
        size = np.abs(model.contributions(some)[:, :-1]).mean(axis=0).tolist()
    found = [
        Driver(name, group, None if size is None else size[i], nats[name])
        for i, (name, group) in enumerate(zip(names, fitted.scorer.groups, strict=True))
    ]
    return tuple(sorted(found, key=lambda one: -(one.nats if one.log_odds is None else one.log_odds)))


def _track(job: _Job, one: Judged) -> dict[str, Any]:
    parent, name, tags = job.run, one.candidate.name, {**job.tags, "lab.role": "candidate"}
    loss = one.candidate.log_loss if one.profit is None else -one.profit
    with start_run(parent.store, parent.experiment, name, tags, parent) as run:
        run.log_params({"learner": name, "calibration": one.candidate.model.calibrator.kind})
        earned = {} if one.profit is None else {"train.profit": one.profit}
        run.log_metrics({"train.log_loss": one.candidate.log_loss, **earned, "seconds": one.seconds})
        run.log_estimates("valid", one.evidence.estimates)
        run.log_json("result.json", metrics_json(one.evidence))
    return {
        "model": name,
        "run_id": run.id,
        "metrics": metrics_json(one.evidence),
        "seconds": one.seconds,
        "cross_fitted_loss": loss,
        "cross_fitted_log_loss": one.candidate.log_loss,
        "cross_fitted_profit": one.profit,
    }


def _params(job: _Job, parts: Parts, fitted: Fitted) -> dict[str, object]:
    return {
        "features": len(fitted.scorer.schema.names),
        "rows": len(job.rows),
        "rows_training": int(parts.training.sum()),
        "rows_held_out": int(parts.validation.sum()),
        "models": list(job.definition.models),
        "winner": fitted.winner.candidate.name,
        "chosen_by": job.chosen_by,
        "resampling": job.definition.resampling,
        "settings": fitted.settings or None,
        "validation": job.definition.validation.model_dump(),
        "cleaning": None if job.definition.cleaning is None else job.definition.cleaning.model_dump(),
    }


def _register(job: _Job, fitted: Fitted, parts: Parts, keys: CustomerKeys) -> str:
    trained_on = TrainedOn(np.unique(keys.values[parts.training]), keys.key_id)
    model = ModelFiles(
        loader=LOADER,
        files={**fitted.scorer.to_files(), TRAINED_ON_FILE: trained_on.to_file()},
        inputs=_inputs(job.rows, fitted),
        outputs=fitted.scorer.output_schema(),
        requirements=REQUIREMENTS,
    )
    tags = {
        "lab.kind": "churn",
        "lab.learner": fitted.scorer.learner,
        "lab.data_sha256": job.rows.sha256,
        ROWS_BY_TAG: rows_by(job.rows.id_column),
        **overrides_tag(job.overrides),
    }
    return register_version(job.run, job.definition.name, model, tags, alias=CHALLENGER)


def _inputs(rows: ChurnRows, fitted: Fitted) -> pa.Schema:
    """The features, the id, and what says a customer's worth; all may be missing in what is scored later."""
    worth = fitted.scorer.worth
    named = [rows.id_column, None if worth is None else worth.column]
    others = [name for name in named if name is not None and name not in rows.table.column_names]
    fields = [rows.context.schema.field(name) for name in dict.fromkeys(others)]
    fields += [served_field(rows.table, field) for field in rows.table.schema]
    return pa.schema([field.with_nullable(True) for field in fields])
