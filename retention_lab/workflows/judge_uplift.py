"""Whether an uplift model has earned its place: the gate, on rows that neither version was trained on."""

from retention_lab.checks import Check, check
from retention_lab.tracking.models import Loaded
from retention_lab.uplift.gate import Gate, constant_gate, gate
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.workflows.evaluate_uplift import NewRows, effect_on, new_rows
from retention_lab.workflows.held_out_uses import held_out_uses
from retention_lab.workflows.judgement import Judgement
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_uplift import gate_rule
from retention_lab.workflows.uplift_rows import ASSUMED
from retention_lab.workflows.uplift_training import feasible_offers


def judge_uplift(lab: Lab, loaded: Loaded, champion: Loaded | None, *, accepted: bool) -> Judgement:
    """Judge a version against constants, random spend and the champion.

    accepted: somebody takes the responsibility for propensities that were estimated.
    Raises LabError where too few rows are new to the versions.
    """
    found = new_rows(lab, [loaded, *([champion] if champion else [])])
    verdict = _gate(lab, loaded, champion, found)
    checks = [*verdict.checks, *_observational(loaded, accepted=accepted)]
    return Judgement(
        passed=verdict.promotable and all(one["passed"] is not False for one in checks if _stands_alone(one)),
        checks=checks,
        rows=len(found.rows),
        uses=held_out_uses(lab.open_store(), loaded.name, found.part),
        dropped=found.dropped,
    )


def _gate(lab: Lab, loaded: Loaded, other: Loaded | None, found: NewRows) -> Gate:
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
