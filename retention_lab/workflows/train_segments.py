"""`lab train` of segments: every number of groups is a run, and one that is found again is registered."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.checks import Check, check
from retention_lab.cleaning import CleaningRule
from retention_lab.config.loading import definition_sha256
from retention_lab.config.segments import SegmentsDefinition
from retention_lab.customers.fit_segments import (
    FittedSegments,
    SegmentRule,
    chosen_segments,
    fit_rfm_segments,
    judge_groups,
)
from retention_lab.customers.scorer import SegmentScorer
from retention_lab.customers.space import SpaceRule
from retention_lab.customers.stability import STABLE, Grouped
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.model_files import ModelFiles
from retention_lab.tracking.models import register as register_version
from retention_lab.tracking.registry import CHALLENGER
from retention_lab.tracking.runs import Run, run_tags, start_run
from retention_lab.whole_files import write_whole
from retention_lab.workflows.as_trained import definition_of, definition_text, overrides_tag
from retention_lab.workflows.project import Lab
from retention_lab.workflows.segment_figures import segment_rows
from retention_lab.workflows.segment_rows import SegmentRows, read_segment_rows
from retention_lab.workflows.segments_page import segments_page
from retention_lab.workflows.segments_report import SegmentsReport

LOADER = "retention_lab.customers.scorer:from_files"
REQUIREMENTS = ("numpy", "pyarrow", "scikit-learn", "scipy")


def train_segments(
    lab: Lab,
    name: str,
    *,
    as_of: datetime | None = None,
    overrides: Sequence[str] = (),
    register: bool = True,
    say: Callable[[str], None],
) -> SegmentsReport:
    """Train a definition; the segments are registered as challenger.

    Raises LabError where the definition or its data do not allow the question.
    """
    definition = segments_definition(lab, name, overrides)
    say("reading the data")
    rows = read_segment_rows(lab, definition, as_of)
    tags = run_tags(
        "segments",
        name,
        as_of=rows.as_of,
        definition_sha256=definition_sha256(definition),
        data_sha256=rows.sha256,
        git_commit=git_commit(lab.folder),
    )
    with start_run(lab.open_store(), f"train/{name}", name, {**tags, "lab.role": "parent"}) as run:
        job = _Job(lab, run, definition, overrides, rows, tags)
        fitted, seconds = _fit(job, say)
        say("tracking")
        return _keep(job, fitted, seconds, register=register)


def segments_definition(lab: Lab, name: str, overrides: Sequence[str] = ()) -> SegmentsDefinition:
    """The definition of segments. Raises ConfigurationError for any other kind."""
    return definition_of(lab, name, "segments", SegmentsDefinition, overrides)


def segment_rule(definition: SegmentsDefinition, rows: SegmentRows) -> SegmentRule:
    """How the definition wants its customers grouped."""
    return SegmentRule(
        method=definition.method,
        groups=definition.groups,
        cleaning=CleaningRule(definition.missing, definition.cap, rows.required),
        space=SpaceRule(definition.scale, definition.variance),
        resamples=definition.resamples,
        seed=definition.seed,
    )


@dataclass(frozen=True, slots=True)
class _Job:
    """What is trained on which rows, in which run; tags: those that the candidates' runs carry too."""

    lab: Lab
    run: Run
    definition: SegmentsDefinition
    overrides: Sequence[str]
    rows: SegmentRows
    tags: dict[str, str]


def _fit(job: _Job, say: Callable[[str], None]) -> tuple[FittedSegments, list[float]]:
    """The segments, and the seconds that each candidate took."""
    definition, features = job.definition, job.rows.features
    start = time.perf_counter()
    if definition.method == "rfm":
        say("cutting quintiles")
        fitted = fit_rfm_segments(features, resamples=definition.resamples, seed=definition.seed)
        return fitted, [time.perf_counter() - start]
    rule = segment_rule(definition, job.rows)
    candidates: list[Grouped] = []
    seconds = []
    for groups in rule.groups:
        say(f"{definition.method} with {groups} groups, on {definition.resamples} resamples")
        start = time.perf_counter()
        candidates.append(judge_groups(features, rule, groups))
        seconds.append(time.perf_counter() - start)
    return chosen_segments(features, rule, candidates), seconds


def _keep(job: _Job, fitted: FittedSegments, seconds: list[float], *, register: bool) -> SegmentsReport:
    rows, definition = job.rows, job.definition
    candidates = [_track(job, one, took) for one, took in zip(fitted.candidates, seconds, strict=True)]
    segments = segment_rows(fitted.model.names, fitted.labels, rows.features, fitted.traits)
    report = SegmentsReport(
        name=definition.name,
        kind="segments",
        winner=definition.method,
        best=_called(job, fitted.chosen),
        run_id=job.run.id,
        model_version=_register(job, fitted, segments) if register else None,
        checks=_checks(job, fitted),
        metrics=_metrics(fitted.chosen),
        candidates=candidates,
        features=rows.features.schema.names,
        chosen_by=None
        if rows.choice is None
        else dict(zip(rows.choice.names, rows.choice.weights, strict=True)),
        segments=segments,
        customers=len(rows),
        left_out=int((fitted.labels < 0).sum()),
        report=f"reports/{definition.name}.html",
    )
    page = segments_page(job.lab, report, rows, fitted)
    write_whole(job.lab.folder / report.report, page.encode())
    job.run.log_text("report.html", page)
    job.run.log_estimates("valid", {"stability": fitted.chosen.stability})
    job.run.log_metrics({"valid.silhouette": fitted.chosen.silhouette})
    job.run.log_params(_params(job, fitted))
    job.run.log_text("definition.yaml", definition_text(definition.file, job.overrides))
    job.run.log_json("result.json", report.as_json())
    return report


def _checks(job: _Job, fitted: FittedSegments) -> list[Check]:
    steady = fitted.chosen.stability.value
    counts = np.bincount(fitted.labels[fitted.labels >= 0], minlength=len(fitted.model.names))
    least, smallest = job.lab.settings.privacy.min_cell, int(counts[counts > 0].min())
    out = int((fitted.labels < 0).sum())
    again = (
        "The groups are found again in resamples."
        if steady >= STABLE
        else ("Other customers of the same kind would be grouped differently: read the segments as a sketch.")
    )
    return [
        check("stable_segments", "soft", steady >= STABLE, steady, STABLE, again),
        check(
            "segments_large_enough",
            "soft",
            smallest >= least,
            smallest,
            least,
            f"The smallest segment has {smallest} customers.",
        ),
        check(
            "customers_in_segments",
            "soft",
            out <= len(job.rows) / 2,
            out / len(job.rows),
            0.5,
            f"{out} of {len(job.rows)} customers are in no segment: they have never ordered, or have a gap.",
        ),
    ]


def _metrics(one: Grouped) -> dict[str, Any]:
    plain = {"value": one.silhouette, "ci_low": None, "ci_high": None, "p_value": None}
    return {"stability": one.stability.as_json(), "silhouette": plain}


def _called(job: _Job, one: Grouped) -> str:
    return f"{job.definition.method} {one.groups}"


def _track(job: _Job, one: Grouped, seconds: float) -> dict[str, Any]:
    parent, name, tags = job.run, _called(job, one), {**job.tags, "lab.role": "candidate"}
    with start_run(parent.store, parent.experiment, name, tags, parent) as run:
        run.log_params({"method": job.definition.method, "groups": one.groups})
        run.log_metrics({"seconds": seconds, "valid.silhouette": one.silhouette})
        run.log_estimates("valid", {"stability": one.stability})
        run.log_json("result.json", _metrics(one))
    return {
        "model": name,
        "run_id": run.id,
        "groups": one.groups,
        "metrics": _metrics(one),
        "seconds": seconds,
        "cross_fitted_loss": 1 - one.stability.value,
    }


def _params(job: _Job, fitted: FittedSegments) -> dict[str, object]:
    definition = job.definition
    names = ("method", "scale", "missing", "cap", "variance", "target", "resamples", "seed")
    return {
        **{name: getattr(definition, name) for name in names},
        "features": list(job.rows.features.schema.names),
        "groups": fitted.chosen.groups,
        "rows": len(job.rows),
    }


def _register(job: _Job, fitted: FittedSegments, segments: Sequence[Mapping[str, Any]]) -> str:
    details = {
        "shares": {one["segment"]: one["share"]["value"] for one in segments},
        "stability": fitted.chosen.stability.as_json(),
        "silhouette": fitted.chosen.silhouette,
        "resamples": job.definition.resamples,
        "seed": job.definition.seed,
        "traits": {one["segment"]: one["traits"] for one in segments},
    }
    scorer = SegmentScorer(fitted.model, job.rows.id_column, details)
    model = ModelFiles(
        loader=LOADER,
        files=scorer.to_files(),
        inputs=_inputs(job.rows),
        outputs=scorer.output_schema(),
        requirements=REQUIREMENTS,
    )
    tags = {
        "lab.kind": "segments",
        "lab.learner": _called(job, fitted.chosen),
        "lab.data_sha256": job.rows.sha256,
        **overrides_tag(job.overrides),
    }
    return register_version(job.run, job.definition.name, model, tags, alias=CHALLENGER)


def _inputs(rows: SegmentRows) -> pa.Schema:
    """The id and the features; whole numbers may have gaps later, and then come as others."""
    named = [] if rows.id_column is None else [pa.field(rows.id_column, pa.string())]
    kinds = [
        pa.field(field.name, pa.float64() if pa.types.is_integer(field.type) else field.type)
        for field in rows.table.schema
        if field.name != rows.id_column
    ]
    return pa.schema([*named, *kinds])
