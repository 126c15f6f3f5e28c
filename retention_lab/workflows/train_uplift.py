"""`lab train`: the rows, the checks, the candidates, the verdict, the registered version."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.checks import Check, check, hard_failures
from retention_lab.config.loading import definition_sha256, read_definition
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.errors import ConfigurationError
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.model_files import ModelFiles
from retention_lab.tracking.models import Loaded
from retention_lab.tracking.models import register as register_version
from retention_lab.tracking.registry import CHALLENGER
from retention_lab.tracking.runs import Run, run_tags, start_run
from retention_lab.uplift.gate import GateRule
from retention_lab.whole_files import write_whole
from retention_lab.workflows.as_trained import definition_text, overrides_of, overrides_tag, served_field
from retention_lab.workflows.effect_rows import arm_rows, effect_rows
from retention_lab.workflows.flat_rows import read_flat_rows
from retention_lab.workflows.gamma_file import GAMMA_FILE, gamma_file
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_part, held_out_uses
from retention_lab.workflows.keys import CustomerKeys, customer_keys
from retention_lab.workflows.model_page import model_page
from retention_lab.workflows.model_understanding import UnderstandingRule, understand
from retention_lab.workflows.project import Lab
from retention_lab.workflows.project_rows import read_project_rows
from retention_lab.workflows.row_checks import row_checks
from retention_lab.workflows.seen_rows import ROWS_BY_TAG, rows_by
from retention_lab.workflows.trained_on import TRAINED_ON_FILE, TrainedOn
from retention_lab.workflows.uplift_report import UpliftReport
from retention_lab.workflows.uplift_rows import UpliftRows
from retention_lab.workflows.uplift_training import (
    Effort,
    Fitted,
    JudgedCandidate,
    Parts,
    SplitRule,
    fit,
    split_rows,
)

LOADER = "retention_lab.uplift.scorer:from_files"
REQUIREMENTS = ("lightgbm", "numba", "numpy", "pyarrow", "scipy")


def train_uplift(
    lab: Lab,
    name: str,
    *,
    as_of: datetime | None = None,
    overrides: Sequence[str] = (),
    register: bool = True,
    say: Callable[[str], None],
) -> UpliftReport:
    """Train a definition: every candidate is a run, the winner is registered as challenger.

    A failed hard check ends the training with nothing fitted and nothing registered.
    Raises LabError where the definition or its data do not allow the question.
    """
    definition = uplift_definition(lab, name, overrides)
    at = None if as_of is None else lab.start_of(as_of)
    say("reading the data")
    rows, notes = read_rows(lab, definition, at)
    store = lab.open_store()
    tags = run_tags(
        "uplift",
        name,
        as_of=at,
        definition_sha256=definition_sha256(definition),
        data_sha256=rows.sha256,
        git_commit=git_commit(lab.folder),
    )
    with start_run(store, f"train/{name}", name, {**tags, "lab.role": "parent"}) as run:
        say("checking the experiment")
        found = [*row_checks(rows), *notes]
        job = _Job(lab, run, definition, overrides, rows, tags)
        if hard_failures(found):
            report = _refused(job, found)
        else:
            report = _fit_and_judge(job, found, register=register, say=say)
        run.log_text("definition.yaml", definition_text(definition.file, overrides))
        run.log_json("result.json", report.as_json())
    return report


def uplift_definition(lab: Lab, name: str, overrides: Sequence[str] = ()) -> UpliftDefinition:
    """The definition of an uplift model. Raises ConfigurationError for any other kind."""
    definition = read_definition(lab.project, name, overrides)
    if not isinstance(definition, UpliftDefinition):
        raise ConfigurationError(
            f"'{name}' is a campaign, and campaigns are planned, not trained.",
            f"Use `lab campaign plan {name}`.",
            file=definition.file,
            key="kind",
        )
    return definition


def trained_definition(lab: Lab, version: Loaded) -> UpliftDefinition:
    """The definition as it stands now, under the overrides that a version was trained with."""
    return uplift_definition(lab, version.name, overrides_of(version))


def read_rows(
    lab: Lab, definition: UpliftDefinition, as_of: datetime | None
) -> tuple[UpliftRows, list[Check]]:
    """The rows of the definition, and what has to be said about them."""
    if definition.flat:
        if as_of is not None:
            raise ConfigurationError(
                "A flat table has one state, so it cannot be looked at as of a date.",
                "Leave --as-of out.",
                file=definition.file,
            )
        return read_flat_rows(lab.project, definition), []
    with lab.open_tables() as tables:
        rows, left_out = read_project_rows(tables, definition, as_of)
    said = "; ".join(f"{item.experiment}: {item.reason}" for item in left_out)
    detail = f"Left out: {said}." if said else "Every experiment was used."
    notes = [check("experiments_used", "soft", True, None, None, detail)]
    if definition.metric.metric == "contribution" and not rows.in_money:
        missing = (
            "What offers cost is not known (no offers table, or no redemptions where redeeming costs "
            "something), so offers are judged by contribution alone, as if they were free."
        )
        notes.append(check("costs_known", "soft", False, None, None, missing))
    return rows, notes


def gate_rule(lab: Lab) -> GateRule:
    """The project's gate of uplift models."""
    rule = lab.settings.promotion.uplift
    return GateRule(rule.confidence, rule.share, rule.tolerance)


def split_rule(definition: UpliftDefinition) -> SplitRule:
    """How the definition wants its rows split."""
    split = definition.validation
    return SplitRule(split.share, split.folds, split.seed)


@dataclass(frozen=True, slots=True)
class _Job:
    """What is trained on which rows, in which run; tags: those that the candidates' runs carry too."""

    lab: Lab
    run: Run
    definition: UpliftDefinition
    overrides: Sequence[str]
    rows: UpliftRows
    tags: dict[str, str]


def _refused(job: _Job, found: list[Check]) -> UpliftReport:
    job.run.set_tags({"lab.trustworthy": "false"})
    return UpliftReport(
        name=job.definition.name,
        kind="uplift",
        winner=None,
        run_id=job.run.id,
        model_version=None,
        targeting=None,
        causal_basis=job.rows.causal_basis,
        checks=found,
        gate=[],
        best=None,
        registered=None,
        metrics={},
        arms=arm_rows(job.rows),
        effects=[],
        candidates=[],
        held_out={},
        report=None,
    )


def _fit_and_judge(
    job: _Job, found: list[Check], *, register: bool, say: Callable[[str], None]
) -> UpliftReport:
    rule = split_rule(job.definition)
    parts = split_rows(job.rows, rule)
    keys = customer_keys(job.lab, job.rows.unit)
    effort = Effort(job.definition.tune, job.definition.spread)
    fitted = fit(job.rows, parts, job.definition.learners, rule, gate_rule(job.lab), say, effort)
    say("understanding the best")
    understood = understand(job.rows, fitted, _understanding_rule(job))
    say("tracking")
    candidates = [_track(job, item) for item in fitted.candidates]
    held_out = {"rows": int(parts.validation.sum()), "uses": _look(job, keys.values[parts.validation])}
    version = _register(job, fitted, parts, keys) if register else None
    report = UpliftReport(
        name=job.definition.name,
        kind="uplift",
        winner=fitted.winner,
        run_id=job.run.id,
        model_version=version,
        targeting=fitted.targeting,
        causal_basis=job.rows.causal_basis,
        checks=_with_estimated(found, fitted.estimated),
        gate=[*fitted.gate.checks, *([fitted.constant_check] if fitted.constant_check else [])],
        best=fitted.best,
        registered={"learner": fitted.winner, "constant_arm": fitted.scorer.constant_arm},
        metrics=fitted.evidence.as_json(),
        arms=arm_rows(job.rows),
        effects=effect_rows(job.rows, rule),
        candidates=candidates,
        held_out=held_out,
        report=f"reports/{job.definition.name}.html",
        tuning=None if fitted.tuned is None else fitted.tuned.as_json(),
        understanding=understood,
    )
    _keep(job, report, parts, fitted)
    job.run.log_bytes(
        GAMMA_FILE, gamma_file(keys.values[parts.validation], job.rows.arms, fitted.gamma, fitted.effect)
    )
    return report


def _understanding_rule(job: _Job) -> UnderstandingRule:
    settings, definition = job.lab.settings, job.definition
    return UnderstandingRule(
        refute=definition.refute,
        min_cell=settings.privacy.min_cell,
        confidence=settings.promotion.uplift.confidence,
        seed=definition.validation.seed,
    )


def _look(job: _Job, held_out: np.ndarray) -> int:
    """How often these customers' outcomes have judged a model, this time with them."""
    part = held_out_part(held_out)
    job.run.set_tags({HELD_OUT_TAG: part})
    return held_out_uses(job.run.store, job.definition.name, part)


def _with_estimated(found: list[Check], estimated: Sequence[Check]) -> list[Check]:
    """The checks, with those that could not be asked before propensities were estimated."""
    late = {one["name"]: one for one in estimated}
    return [*(late.pop(one["name"], one) for one in found), *late.values()]


def _keep(job: _Job, report: UpliftReport, parts: Parts, fitted: Fitted) -> None:
    page = model_page(job.lab, report, job.rows, fitted)
    job.run.log_text("report.html", page)
    if report.understanding is not None:
        job.run.log_json("understanding.json", report.understanding.as_json())
    write_whole(job.lab.folder / str(report.report), page.encode())
    job.run.log_estimates("valid", fitted.evidence.estimates)
    job.run.log_params(_params(job.definition, job.rows, parts, fitted))


def _params(
    definition: UpliftDefinition, rows: UpliftRows, parts: Parts, fitted: Fitted
) -> dict[str, object]:
    return {
        "outcome": rows.target,
        "arms": list(rows.arms),
        "features": len(rows.table.column_names),
        "rows": len(rows),
        "rows_training": int(parts.training.sum()),
        "rows_held_out": int(parts.validation.sum()),
        "learners": list(definition.learners),
        "best": fitted.best,
        "winner": fitted.winner,
        "targeting": fitted.targeting,
        "validation": definition.validation.model_dump(),
        "tuned": None
        if fitted.tuned is None
        else {"outcomes": asdict(fitted.tuned.params), "effects": asdict(fitted.tuned.effect_params)},
    }


def _track(job: _Job, item: JudgedCandidate) -> dict[str, Any]:
    parent, name, tags = job.run, item.candidate.name, {**job.tags, "lab.role": "candidate"}
    with start_run(parent.store, parent.experiment, name, tags, parent) as run:
        run.log_params({"learner": name})
        run.log_metrics({"train.doubly_robust_loss": item.candidate.loss, "seconds": item.seconds})
        run.log_estimates("valid", item.evidence.estimates)
        run.log_json("result.json", item.evidence.as_json())
    return {
        "model": name,
        "run_id": run.id,
        "metrics": item.evidence.as_json(),
        "seconds": item.seconds,
        "cross_fitted_loss": item.candidate.loss,
    }


def _register(job: _Job, fitted: Fitted, parts: Parts, keys: CustomerKeys) -> str:
    trained_on = TrainedOn(np.unique(keys.values[parts.training]), keys.key_id)
    files = {**fitted.scorer.to_files(), TRAINED_ON_FILE: trained_on.to_file()}
    model = ModelFiles(
        loader=LOADER,
        files=files,
        inputs=_inputs(job.rows),
        outputs=fitted.scorer.output_schema(),
        params={"arm": "", "interval": False},
        requirements=REQUIREMENTS,
    )
    tags = {
        "lab.kind": "uplift",
        "lab.learner": fitted.scorer.learner,
        "lab.targeting": fitted.targeting,
        "lab.causal_basis": job.rows.causal_basis,
        "lab.data_sha256": job.rows.sha256,
        ROWS_BY_TAG: rows_by(job.rows.id_column),
        **overrides_tag(job.overrides),
    }
    return register_version(job.run, job.definition.name, model, tags, alias=CHALLENGER)


def _inputs(rows: UpliftRows) -> pa.Schema:
    """The features and the id; all may be missing in what is scored later, also where they never were."""
    named = [] if rows.id_column in (None, *rows.table.column_names) else [rows.id_column]
    kinds = [rows.context.schema.field(name) for name in named]
    kinds += [served_field(rows.table, field) for field in rows.table.schema]
    return pa.schema([field.with_nullable(True) for field in kinds])
