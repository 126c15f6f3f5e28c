"""`lab experiment analyze`: the units, the checks, the effects, the verdict, a tracked run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from retention_lab.abtest.analyze import Analysis, analyze
from retention_lab.abtest.comparison import Comparison
from retention_lab.abtest.stored import to_files
from retention_lab.config.abtest import AbTestDefinition
from retention_lab.config.loading import definition_sha256, read_definition
from retention_lab.errors import ConfigurationError
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.runs import Run, run_tags, start_run
from retention_lab.workflows.experiment_page import Analyzed
from retention_lab.workflows.experiment_summary import FOLDER, experiment_summary
from retention_lab.workflows.experiment_units import open_units
from retention_lab.workflows.project import Lab
from retention_lab.workflows.report_experiment import keep_pages, page_file


@dataclass(frozen=True, slots=True)
class AnalysisReport:
    """What the command answers. notes: how arms came about, where that is not plain; report: the page."""

    name: str
    analysis: Analysis
    notes: tuple[str, ...]
    run_id: str
    report: str

    @property
    def trustworthy(self) -> bool:
        """Whether no hard check failed."""
        return self.analysis.trust.trustworthy

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {
            "name": self.name,
            **self.analysis.as_json(),
            "notes": list(self.notes),
            "run_id": self.run_id,
            "report": self.report,
        }


def analyze_experiment(
    lab: Lab, name: str, *, overrides: Sequence[str] = (), say: Callable[[str], None]
) -> AnalysisReport:
    """Analyze a test's units as its definition says, and keep the result and its pages as a run.

    Raises LabError where the definition or its data do not allow the question.
    """
    definition = abtest_definition(lab, name, overrides)
    store, sha256 = lab.open_store(), definition_sha256(definition)
    say("adding up the units")
    with open_units(lab, definition) as units:
        summary, notes = experiment_summary(store, name, units, sha256)
    found = analyze(summary, units.spec)
    tags = run_tags(
        "abtest",
        name,
        definition_sha256=sha256,
        data_sha256=units.sha256,
        git_commit=git_commit(lab.folder),
    )
    with start_run(store, f"abtest/{name}", name, tags) as run:
        notes = (*units.notes, *notes)
        report = AnalysisReport(name, found, notes, run.id, page_file(name))
        _log(run, found)
        for file, data in to_files(summary).items():
            run.log_bytes(f"{FOLDER}/{file}", data)
        run.log_json("result.json", report.as_json())
        own = definition.experiment is not None
        keep_pages(lab, run, Analyzed(name, units.spec, summary, found, notes, own=own, run_id=run.id))
    return report


def abtest_definition(lab: Lab, name: str, overrides: Sequence[str] = ()) -> AbTestDefinition:
    """The definition of an A/B test. Raises ConfigurationError for any other kind."""
    definition = read_definition(lab.project, name, overrides)
    if not isinstance(definition, AbTestDefinition):
        raise ConfigurationError(
            f"'{name}' is of kind '{definition.kind}', not an A/B test.",  # type: ignore[attr-defined]
            "Name a definition with `kind: abtest`.",
            file=definition.file,
            key="kind",
        )
    return definition


def _log(run: Run, found: Analysis) -> None:
    """One step a look; the last one holds every metric."""
    last = max(len(found.looks) - 1, 0)
    for step, look in enumerate(found.looks):
        if step < last:
            run.log_metrics(_numbers(look.comparison), step)
    numbers: dict[str, float | None] = {}
    for one in found.metrics:
        numbers |= _numbers(one)
    ratio = found.trust.sample_ratio
    numbers["srm.p_value"] = None if ratio is None else ratio.p_value
    run.log_metrics(numbers, last)


def _numbers(one: Comparison) -> dict[str, float | None]:
    found = one.as_json()
    names = {"effect": "effect", "relative": "relative", "ci_low": "ci_low", "ci_high": "ci_high"}
    names["p_value"] = "p_value"
    return {f"{one.metric}.{one.arm}.{name}": found[key] for key, name in names.items()}
