"""`lab experiment list`: every A/B test of the project, and what its last analysis said."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from retention_lab.config.abtest import AbTestDefinition
from retention_lab.config.loading import DefinitionFile, definition_sha256, list_definitions, read_definition
from retention_lab.errors import LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.search import RunRecord, find_runs
from retention_lab.tracking.store import Store
from retention_lab.workflows.project import Lab

_KIND = "abtest"


@dataclass(frozen=True, slots=True)
class LastAnalysis:
    """verdict, arm: of its decision; at: when it ended, aware; stale: whether the definition has changed
    since."""

    verdict: str
    arm: str | None
    trustworthy: bool
    at: datetime
    run_id: str
    stale: bool


@dataclass(frozen=True, slots=True)
class ListedExperiment:
    """One definition. reads: its table or experiment; primary: metrics that decide. last: None where there is
    no analysis; reason: why, or why the definition cannot be read."""

    name: str
    file: str
    reads: str | None
    primary: tuple[str, ...]
    last: LastAnalysis | None
    reason: str | None

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        last = self.last
        found = {
            "name": self.name,
            "file": self.file,
            "reads": self.reads,
            "primary": list(self.primary),
            "verdict": None if last is None else last.verdict,
            "arm": None if last is None else last.arm,
            "trustworthy": None if last is None else last.trustworthy,
            "analyzed_at": None if last is None else last.at.isoformat(),
            "definition_changed": None if last is None else last.stale,
            "run_id": None if last is None else last.run_id,
        }
        return found if self.reason is None else {**found, "reason": self.reason}


def list_experiments(lab: Lab) -> tuple[ListedExperiment, ...]:
    """By name. A definition that cannot be read is listed with the reason.

    Raises ConfigurationError where two definitions share a name, StoreError where runs cannot be read.
    """
    files = [one for one in list_definitions(lab.project) if one.kind == _KIND]
    if not files:
        return ()
    store = lab.open_store()
    return tuple(_listed(lab, store, file) for file in files)


def _listed(lab: Lab, store: Store, file: DefinitionFile) -> ListedExperiment:
    path = file.path.relative_to(lab.folder).as_posix()
    try:
        definition = read_definition(lab.project, file.name)
    except LabError as error:
        place = f" [{error.key}]" if error.key else ""
        return ListedExperiment(file.name, path, None, (), None, f"{error.found}{place} {error.next_step}")
    if not isinstance(definition, AbTestDefinition):
        raise TypeError(f"{path} has kind {_KIND} and is no A/B test")
    last, reason = _last(store, definition)
    primary = tuple(metric.name for metric in definition.metrics if metric.role == "primary")
    return ListedExperiment(file.name, path, definition.table or definition.experiment, primary, last, reason)


def _last(store: Store, definition: AbTestDefinition) -> tuple[LastAnalysis | None, str | None]:
    runs = find_runs(store, f"{_KIND}/{definition.name}", "attributes.status = 'FINISHED'")
    for run in runs:
        try:
            result = json.loads(read_artifact(store, run, "result.json"))
            decision = result["decision"]
        except (LabError, ValueError, KeyError):
            continue  # a run of another command, or one whose files are gone
        sha256 = run.tags.get("lab.definition_sha256")
        stale = sha256 != definition_sha256(definition)
        found = LastAnalysis(
            str(decision["verdict"]),
            decision.get("arm"),
            bool(result["trustworthy"]),
            _ended(run),
            run.id,
            stale,
        )
        return found, None
    return None, f"Not analyzed yet: `lab experiment analyze {definition.name}`."


def _ended(run: RunRecord) -> datetime:
    return datetime.fromtimestamp((run.ended or run.started) / 1000, UTC)
