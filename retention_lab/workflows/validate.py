"""`lab validate`: can every definition be read, and do the data fit it? Nothing is trained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retention_lab.checks import Check, check, hard_failures
from retention_lab.config.abtest import AbTestDefinition
from retention_lab.config.base import Definition
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.churn import ChurnDefinition
from retention_lab.config.demand import DemandDefinition
from retention_lab.config.loading import list_definitions, read_definition
from retention_lab.config.project import Project
from retention_lab.config.rules import RulesDefinition
from retention_lab.config.segments import SegmentsDefinition
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.data.connect import Tables
from retention_lab.data.contacts import require_contact_columns
from retention_lab.data.experiments import experiment_windows
from retention_lab.demand.backtest import split_of
from retention_lab.errors import LabError
from retention_lab.workflows.campaign_audience import (
    Eligible,
    default_as_of,
    eligible_customers,
    eligible_rows,
)
from retention_lab.workflows.campaign_offers import campaign_offers
from retention_lab.workflows.campaign_products import check_content
from retention_lab.workflows.check_experiment import checked_units
from retention_lab.workflows.churn_flat_rows import read_churn_flat
from retention_lab.workflows.churn_looks import read_churn_looks
from retention_lab.workflows.churn_rows import ChurnRows, worth_of
from retention_lab.workflows.churn_training import row_checks as churn_checks
from retention_lab.workflows.demand_rows import read_demand
from retention_lab.workflows.experiment_entry import require_own_slice
from retention_lab.workflows.experiment_history import DEFAULT_WINDOW
from retention_lab.workflows.flat_rows import read_flat_rows
from retention_lab.workflows.project import Lab
from retention_lab.workflows.project_rows import read_project_rows
from retention_lab.workflows.row_checks import row_checks
from retention_lab.workflows.rule_rows import read_rule_rows
from retention_lab.workflows.segment_rows import read_segment_rows

DATA_FOLDER = "data/"  # as `lab init` names it; git keeps it out, so a fresh clone lacks it
READY, REFUSED = "ready", "refused"


@dataclass(frozen=True, slots=True)
class DefinitionStatus:
    """One definition: `ready`, or `refused` and why.

    path: the definition's file. found_in: the file with what refuses it, which may be a table.
    """

    name: str
    kind: str | None
    path: Path
    status: str
    message: str
    next_step: str | None = None
    key: str | None = None
    found_in: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values, for --json."""
        return {
            "name": self.name,
            "kind": self.kind,
            "file": str(self.path),
            "status": self.status,
            "message": self.message,
            "next": self.next_step,
            "key": self.key,
            "found_in": self.found_in,
        }


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """Every definition's status, and the checks of the data that they read."""

    definitions: tuple[DefinitionStatus, ...]
    checks: tuple[Check, ...]

    @property
    def exit_code(self) -> int:
        """3 where a definition is refused, 1 where a hard check failed, else 0."""
        if any(definition.status == REFUSED for definition in self.definitions):
            return LabError.exit_code
        return 1 if hard_failures(self.checks) else 0

    def as_json(self) -> dict[str, Any]:
        """The document that `--json` prints."""
        return {
            "definitions": [definition.as_json() for definition in self.definitions],
            "checks": list(self.checks),
        }


def validate(project: Project, names: Sequence[str]) -> ValidationReport:
    """Check the named definitions, all where none is named, against what they read.

    Raises ConfigurationError for a name that does not exist.
    """
    there = {definition.name: definition for definition in list_definitions(project)}
    for name in names:
        if name not in there:
            read_definition(project, name)  # says which names are near
    found = [_examine(project, name, there[name].kind, there[name].path) for name in names or there]
    statuses = tuple(status for status, _ in found)
    return ValidationReport(statuses, tuple(one for _, checks_of_one in found for one in checks_of_one))


def _examine(
    project: Project, name: str, kind: str | None, path: Path
) -> tuple[DefinitionStatus, list[Check]]:
    try:
        definition = read_definition(project, name)
        found = _check_data(project, definition)
    except LabError as error:
        place = error.file or str(path)
        return DefinitionStatus(name, kind, path, REFUSED, error.found, error.next_step, error.key, place), []
    return DefinitionStatus(name, kind, path, READY, "Valid."), [
        {**one, "name": f"{name}.{one['name']}"} for one in found
    ]


def _check_data(project: Project, definition: Definition) -> list[Check]:
    if isinstance(definition, AbTestDefinition):
        return _check_test(project, definition)
    if isinstance(definition, UpliftDefinition):
        return (
            _check_flat_model(project, definition)
            if definition.flat
            else _over_tables(project, _model(definition))
        )
    if isinstance(definition, ChurnDefinition):
        return _check_churn(project, definition)
    if isinstance(definition, CampaignDefinition):
        _check_policy(project, definition)
        return (
            _check_file(project, definition)
            if definition.audience.flat
            else _over_tables(project, _campaign(project, definition))
        )
    if isinstance(definition, SegmentsDefinition):
        look = _segments(project, definition)
        return look(None) if definition.table is not None else _over_tables(project, look)
    if isinstance(definition, DemandDefinition):
        look = _demand(project, definition)
        return look(None) if definition.table is not None else _over_tables(project, look)
    if isinstance(definition, RulesDefinition):
        look = _baskets(project, definition)
        return look(None) if definition.table is not None else _over_tables(project, look)
    return []


def _check_churn(project: Project, definition: ChurnDefinition) -> list[Check]:
    def checked(rows: ChurnRows) -> list[Check]:
        worth = worth_of(definition)
        if worth is not None:
            worth.campaign(rows.context)  # refuses a worth that no customer has
        return [_rows(len(rows)), *churn_checks(rows)]

    if definition.flat:
        return checked(read_churn_flat(project, definition))
    return _over_tables(project, lambda tables: checked(read_churn_looks(tables, definition, None)))


def _segments(project: Project, definition: SegmentsDefinition) -> Callable[[Tables | None], list[Check]]:
    return lambda _: [_rows(len(read_segment_rows(Lab(project), definition)))]


def _demand(project: Project, definition: DemandDefinition) -> Callable[[Tables | None], list[Check]]:
    def look(_: Tables | None) -> list[Check]:
        panel = read_demand(Lab(project), definition, None).panel
        split_of(panel.length, definition.horizon, definition.season)  # refuses what is too short
        return [_rows(panel.length)]

    return look


def _baskets(project: Project, definition: RulesDefinition) -> Callable[[Tables | None], list[Check]]:
    return lambda _: [_rows(len(read_rule_rows(Lab(project), definition)))]


def _check_test(project: Project, definition: AbTestDefinition) -> list[Check]:
    require_own_slice(project, definition)
    if definition.experiment is None:
        return _units(project, definition)
    return _over_tables(project, _own_test(project, definition))


def _own_test(project: Project, definition: AbTestDefinition) -> Callable[[Tables], list[Check]]:
    """A test that has not been assigned yet, or still runs, is no fault of its definition."""

    def look(tables: Tables) -> list[Check]:
        windows = (
            experiment_windows(tables, definition.window_days or DEFAULT_WINDOW)
            if tables.has("assignments")
            else []
        )
        found = next((one for one in windows if one.experiment == definition.experiment), None)
        if found is None:
            detail = f"'{definition.experiment}' is not assigned yet: `lab experiment assign` does it."
            return [check("assigned", "soft", None, None, None, detail)]
        if not found.closed:
            detail = f"{found.rows} units; the last outcome window closes at {found.closes_at:%Y-%m-%d}."
            return [check("outcomes", "soft", None, found.rows, None, detail)]
        return _units(project, definition)

    return look


def _units(project: Project, definition: AbTestDefinition) -> list[Check]:
    found = checked_units(Lab(project), definition)
    return [_rows(sum(found.units.values())), *found.trust.checks]


def _check_flat_model(project: Project, definition: UpliftDefinition) -> list[Check]:
    rows = read_flat_rows(project, definition)
    return [_rows(len(rows)), *row_checks(rows)]


def _over_tables(project: Project, look: Callable[[Tables], list[Check]]) -> list[Check]:
    """What `look` finds in the project's tables; that there are none yet is said, and refuses nothing."""
    if project.source == project.path(DATA_FOLDER) and not project.path(DATA_FOLDER).exists():
        return [_no_tables(project)]
    with Lab(project).open_tables() as tables:
        if not tables.places:
            return [_no_tables(project)]
        return look(tables)


def _model(definition: UpliftDefinition) -> Callable[[Tables], list[Check]]:
    def look(tables: Tables) -> list[Check]:
        rows, left_out = read_project_rows(tables, definition, None)
        said = "; ".join(f"{item.experiment}: {item.reason}" for item in left_out)
        used = check("experiments_used", "soft", True, None, None, f"Left out: {said or 'none'}.")
        return [_rows(len(rows)), used, *row_checks(rows)]

    return look


def _campaign(project: Project, definition: CampaignDefinition) -> Callable[[Tables], list[Check]]:
    def look(tables: Tables) -> list[Check]:
        lab = Lab(project)
        campaign_offers(definition, tables)
        require_contact_columns(tables, definition.export.columns)
        return [_eligible(eligible_customers(lab, definition, tables, default_as_of(lab, tables)))]

    return look


def _check_policy(project: Project, definition: CampaignDefinition) -> None:
    check_content(project, definition)
    model = read_definition(project, definition.policy.model.name)
    if not isinstance(model, UpliftDefinition):
        raise LabError(
            f"'{model.name}' is no uplift model, so it cannot say who reacts to an offer.",
            "Name an uplift model in `policy.uplift`.",
            file=definition.file,
            key="policy.uplift",
        )
    if definition.audience.flat and not model.flat:
        raise LabError(
            f"'{model.name}' reads the project's tables and cannot score the rows of a file.",
            "Leave `audience.table` out, or name a model of a flat table.",
            file=definition.file,
            key="audience.table",
        )


def _check_file(project: Project, definition: CampaignDefinition) -> list[Check]:
    lab = Lab(project)
    campaign_offers(definition, None)
    return [_eligible(eligible_rows(lab, definition, None, default_as_of(lab, None)))]


def _eligible(found: Eligible) -> Check:
    detail = f"{len(found)} of {found.considered} customers are eligible. {' '.join(found.notes)}"
    return check("eligible", "hard", len(found) > 0, len(found), 1, detail.strip())


def _no_tables(project: Project) -> Check:
    detail = f"No tables in {project.settings.data.source} yet: `lab data import` brings them in."
    return check("tables", "soft", None, None, None, detail)


def _rows(count: int) -> Check:
    return check("rows", "hard", count > 0, count, 1, f"{count} rows can be read.")
