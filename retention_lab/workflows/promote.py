"""`lab promote` and `lab rollback`: the champion moves only where the evidence allows it."""

import getpass
from dataclasses import dataclass
from typing import Any

from retention_lab.checks import Check
from retention_lab.errors import GateError, LabError
from retention_lab.tracking.journal import champion_is_gated, move_champion, previous_champion, promotions
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import champion
from retention_lab.workflows.judgement import Judgement
from retention_lab.workflows.model_kinds import command_of
from retention_lab.workflows.project import Lab


@dataclass(frozen=True, slots=True)
class PromotionRequest:
    """version: None is the challenger. why: a line for the journal."""

    name: str
    version: str | None = None
    dry_run: bool = False
    accept_observational: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class PromoteReport:
    """passed: what the gate says; promoted: whether the alias moved (never under --dry-run)."""

    name: str
    version: str
    passed: bool
    promoted: bool
    gate: list[Check]
    previous: str | None
    rows: int
    uses: int

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {
            "name": self.name,
            "version": self.version,
            "promoted": self.promoted,
            "passed": self.passed,
            "gate": self.gate,
            "previous": self.previous,
            "rows": self.rows,
            "held_out": {"rows": self.rows, "uses": self.uses},
        }


def promote(lab: Lab, request: PromotionRequest) -> PromoteReport:
    """Judge a version by the gate of its kind, and move the alias if it passes."""
    store = lab.open_store()
    selector = "@challenger" if request.version is None else f"/{request.version}"
    loaded = load_version(store, request.name, selector)
    in_use = champion(store, request.name)
    if in_use is not None and in_use.version == loaded.version:
        raise LabError(
            f"Version {loaded.version} of {request.name} is the champion already.",
            "Choose another with --version, or train one.",
        )
    other = None if in_use is None else load_version(store, request.name, f"/{in_use.version}")
    judge = command_of(loaded.tags.get("lab.kind", "uplift"), "judge", request.name)
    found: Judgement = judge(lab, loaded, other, accepted=request.accept_observational)
    promoted = found.passed and not request.dry_run
    report = PromoteReport(
        name=request.name,
        version=loaded.version,
        passed=found.passed,
        promoted=promoted,
        gate=found.checks,
        previous=None if in_use is None else in_use.version,
        rows=found.rows,
        uses=found.uses,
    )
    if promoted:
        move_champion(
            store,
            request.name,
            loaded.version,
            who=getpass.getuser(),
            why=request.why,
            evidence={**report.as_json(), "dropped": found.dropped},
        )
    return report


def rollback(lab: Lab, name: str, why: str) -> dict[str, Any]:
    """Make the previous champion champion again, with a line in the journal.

    Raises GateError where that version was never promoted: someone had moved the alias outside the gate.
    """
    store = lab.open_store()
    in_use = champion(store, name)
    target = previous_champion(store, name)
    if not any(one.action == "promote" and one.after == target.version for one in promotions(store, name)):
        raise GateError(
            f"Version {target.version} was champion of {name} without having passed the gate.",
            f"Judge it: `lab promote {name} --version {target.version}`.",
        )
    evidence = {"gated": champion_is_gated(store, name), "from": in_use.version if in_use else None}
    move_champion(
        store,
        name,
        target.version,
        who=getpass.getuser(),
        why=why,
        evidence=evidence,
        action="rollback",
    )
    return {
        "name": name,
        "version": target.version,
        "previous": None if in_use is None else in_use.version,
    }
