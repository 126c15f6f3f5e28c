"""`lab experiment simulate`: whether a test's analysis keeps its promises on its own units."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from retention_lab.abtest.simulate import simulate
from retention_lab.abtest.simulation.report import Simulation
from retention_lab.workflows.analyze_experiment import abtest_definition
from retention_lab.workflows.experiment_units import read_units
from retention_lab.workflows.project import Lab


@dataclass(frozen=True, slots=True)
class SimulationQuestion:
    """What is simulated; as `abtest.simulate.simulate` has it."""

    replications: int = 10_000
    units: int | None = None
    effect: str | None = None
    looks: int | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What the command answers. notes: how the units came about, where that is not plain."""

    name: str
    simulation: Simulation
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Under the names of the fields of `Simulation`."""
        return {"name": self.name, **self.simulation.as_json(), "notes": list(self.notes)}


def simulate_experiment(
    lab: Lab,
    name: str,
    question: SimulationQuestion,
    *,
    overrides: Sequence[str] = (),
    say: Callable[[str], None],
) -> SimulationReport:
    """Assign a definition's units at random, again and again, and analyze each time; nothing is kept.

    Raises LabError where the definition or its data do not allow the question.
    """
    definition = abtest_definition(lab, name, overrides)
    say("reading the units")
    units = read_units(lab, definition)
    say(f"assigning them {question.replications:,} times")
    found = simulate(
        units.table,
        units.spec,
        replications=question.replications,
        units=question.units,
        effect=question.effect,
        looks=question.looks,
        seed=question.seed,
    )
    return SimulationReport(name, found, units.notes)
