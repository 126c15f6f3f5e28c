"""The model version that a campaign's choices come from, and whether it may make them."""

from dataclasses import dataclass

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.errors import ConfigurationError, GateError
from retention_lab.tracking.journal import champion_is_gated
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import CHAMPION, champion
from retention_lab.tracking.store import Store
from retention_lab.uplift.gate import Gate, gate
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.workflows.evaluate import NewRows, new_rows
from retention_lab.workflows.held_out import HeldOut, held_out
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train import gate_rule
from retention_lab.workflows.uplift_training import feasible_offers


@dataclass(frozen=True, slots=True)
class Policy:
    """A registered version and the evidence for it. warnings: sentences for the reader of a plan."""

    loaded: Loaded
    evidence: HeldOut
    in_money: bool
    per_unit: float
    warnings: tuple[str, ...]

    @property
    def scorer(self) -> UpliftScorer:
        """The model."""
        scorer: UpliftScorer = self.loaded.model
        return scorer

    @property
    def only_offer(self) -> str | None:
        """The one offer of a constant policy; None for a model that chooses."""
        return self.scorer.constant_arm


def load_champion(store: Store, definition: CampaignDefinition) -> Loaded | None:
    """The version that the campaign names; None where it names the champion and there is none yet."""
    reference = definition.policy.model
    if reference.selector == f"@{CHAMPION}" and champion(store, reference.name) is None:
        return None
    return load_version(store, reference.name, reference.selector)


def campaign_policy(
    lab: Lab, store: Store, definition: CampaignDefinition, loaded: Loaded, *, accept_ungated: bool
) -> Policy:
    """The policy with its held-out evidence.

    Raises GateError where the version was made champion outside the gate (unless accepted), or where its
    evidence does not cover the use: G2 under a budget, G1 without one.
    """
    warnings = _ungated(store, definition, accepted=accept_ungated)
    found = new_rows(lab, [loaded])
    scorer: UpliftScorer = loaded.model
    if definition.policy.objective == "net_value" and not found.rows.in_money:
        raise ConfigurationError(
            f"The model '{loaded.name}' knows no money: it learned '{scorer.outcome}' without a value.",
            "Give its definition a `value:`, or set `policy.objective: outcome`.",
            file=definition.file,
            key="policy.objective",
        )
    if scorer.constant_arm is None:
        warnings += _outside_its_evidence(lab, definition, loaded, found, accepted=accept_ungated)
    return Policy(loaded, held_out(scorer, found), found.rows.in_money, found.rows.per_unit, tuple(warnings))


def _ungated(store: Store, definition: CampaignDefinition, *, accepted: bool) -> list[str]:
    name, selector = definition.policy.model
    if selector != f"@{CHAMPION}" or champion_is_gated(store, name):
        return []
    said = f"The champion of '{name}' was not put there by `lab promote`: nobody has checked its evidence."
    if not accepted:
        raise GateError(said, f"Run `lab promote {name}`, or accept it with --accept-ungated.")
    return [said]


def _outside_its_evidence(
    lab: Lab, definition: CampaignDefinition, loaded: Loaded, found: NewRows, *, accepted: bool
) -> list[str]:
    scorer: UpliftScorer = loaded.model
    effect = scorer.effect(found.sample.features)
    verdict: Gate = gate(
        found.gamma,
        effect,
        scorer.arms,
        found.rows.worth,
        gate_rule(lab),
        feasible=feasible_offers(found.sample),
        group=found.sample.group,
    )
    rule, holds = ("G1", verdict.everyone) if definition.budget is None else ("G2", verdict.budget)
    if holds:
        return []
    use = "without a budget" if definition.budget is None else "under a budget"
    said = f"The evidence for '{loaded.name}' does not cover a campaign {use} ({rule} does not hold)."
    if not accepted:
        raise GateError(
            said, "Train again with more data, use the model the other way, or accept with --accept-ungated."
        )
    return [said]
