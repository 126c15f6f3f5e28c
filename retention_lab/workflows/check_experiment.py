"""`lab experiment check`: whether a test's units may be believed, before anybody sees a result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from retention_lab.abtest.trust import Trust, trust
from retention_lab.config.abtest import AbTestDefinition
from retention_lab.data.unit_summary import summarise_table
from retention_lab.errors import found_in
from retention_lab.workflows.analyze_experiment import abtest_definition
from retention_lab.workflows.experiment_units import open_units
from retention_lab.workflows.project import Lab


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What the command answers. units: by arm, those whose windows are open among them; notes: how arms came
    about, where that is not plain."""

    name: str
    units: dict[str, int]
    trust: Trust
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The names that `analyze` gives the same things."""
        ratio = self.trust.sample_ratio
        return {
            "name": self.name,
            "trustworthy": self.trust.trustworthy,
            "units": self.units,
            "sample_ratio": {
                "p_value": None if ratio is None else ratio.p_value,
                "observed": None if ratio is None else ratio.observed,
                "planned": None if ratio is None else ratio.planned,
            },
            "checks": list(self.trust.checks),
            "notes": list(self.notes),
        }


def check_experiment(
    lab: Lab, name: str, *, overrides: Sequence[str] = (), say: Callable[[str], None]
) -> CheckReport:
    """Ask all checks of a test's units; nothing is kept.

    Raises LabError where the definition or its data do not allow the question.
    """
    say("adding up the units")
    return checked_units(lab, abtest_definition(lab, name, overrides))


def checked_units(lab: Lab, definition: AbTestDefinition) -> CheckReport:
    """The checks of a definition's units. Raises LabError as `check_experiment`."""
    with found_in(definition.file), open_units(lab, definition) as units:
        summary = summarise_table(units.table, units.spec, as_of=units.complete)
        found = trust(summary, units.spec)
    counts = {arm: int(n) for arm, n in zip(summary.arms, summary.assigned, strict=True)}
    return CheckReport(definition.name, counts, found, units.notes)
