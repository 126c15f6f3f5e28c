"""`lab promote` and `lab rollback`: the champion moves only where the evidence allows it."""

import getpass
from dataclasses import dataclass
from typing import Any

from retention_lab.checks import Check, check
from retention_lab.errors import GateError, LabError
from retention_lab.tracking.journal import champion_is_gated, move_champion, previous_champion, promotions
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import champion
from retention_lab.uplift.gate import Gate, constant_gate, gate
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.workflows.evaluate import NewRows, effect_on, new_rows
from retention_lab.workflows.held_out_uses import held_out_uses
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train import gate_rule
from retention_lab.workflows.uplift_rows import ASSUMED
from retention_lab.workflows.uplift_training import feasible_offers


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
    """Judge a version against constants, random spend and the champion, and move the alias if it passes."""
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
    found = new_rows(lab, [loaded, *([other] if other else [])])
    verdict = _judge(lab, loaded, other, found)
    checks = [*verdict.checks, *_observational(loaded, accepted=request.accept_observational)]
    passed = verdict.promotable and all(one["passed"] is not False for one in checks if _stands_alone(one))
    promoted = passed and not request.dry_run
    report = PromoteReport(
        name=request.name,
        version=loaded.version,
        passed=passed,
        promoted=promoted,
        gate=checks,
        previous=None if in_use is None else in_use.version,
        rows=len(found.rows),
        uses=held_out_uses(store, request.name, found.part),
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


def _judge(lab: Lab, loaded: Loaded, other: Loaded | None, found: NewRows) -> Gate:
    scorer: UpliftScorer = loaded.model
    rule, worth, group = gate_rule(lab), found.rows.worth, found.sample.group
    theirs = None if other is None else effect_on(other.model, found.rows, scorer)
    effect = scorer.choice_effect(found.sample.features)
    feasible = feasible_offers(found.sample)
    verdict = gate(
        found.gamma,
        effect,
        scorer.arms,
        worth,
        rule,
        champion_effect=theirs,
        feasible=feasible,
        group=group,
    )
    if scorer.constant_arm is None:
        return verdict
    arm = scorer.arms.index(scorer.constant_arm)
    average = constant_gate(found.gamma, arm, scorer.arms, worth, rule, group, feasible)
    against = [one for one in verdict.checks if one["name"].startswith("G3")]
    return Gate(bool(average["passed"]), bool(average["passed"]), verdict.champion, (average, *against))


def _stands_alone(found: Check) -> bool:
    """Checks that stand alone; of G1 and G2 one is enough, and `promotable` has weighed them."""
    return not found["name"].startswith(("G1", "G2"))


def _observational(loaded: Loaded, *, accepted: bool) -> list[Check]:
    if loaded.tags.get("lab.causal_basis") != ASSUMED:
        return []
    detail = (
        "The propensities were estimated: the effects are causal only if the features hold all that drove "
        "the choice. --accept-observational takes that responsibility."
    )
    return [check("observational", "hard", accepted, None, None, detail)]
