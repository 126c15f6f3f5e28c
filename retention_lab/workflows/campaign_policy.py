"""The model version that a campaign's choices come from, and whether it may make them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.errors import ConfigurationError, GateError
from retention_lab.tracking.journal import champion_is_gated, promotions
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import CHAMPION, champion
from retention_lab.tracking.store import Store
from retention_lab.uplift.gate import gate
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.workflows.evaluate_uplift import NewRows, new_rows
from retention_lab.workflows.held_out import HeldOut, held_out
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_uplift import gate_rule
from retention_lab.workflows.uplift_training import feasible_offers


@dataclass(frozen=True, slots=True)
class Policy:
    """A registered version and the evidence for it.

    per_unit: currency per unit of the model's outcome. warnings: sentences for the reader of a plan.
    """

    loaded: Loaded
    evidence: HeldOut
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

    def knows(self, offers: Sequence[str]) -> Bools:
        """(K,) whether the model has learnt each offer."""
        return np.array([name in self.scorer.arms[1:] for name in offers], dtype=np.bool_)

    def columns(self, offers: Sequence[str]) -> Ints:
        """(K,) column of each offer among the model's effects; 0 for one that it does not know."""
        arms = self.scorer.arms[1:]
        return np.array([arms.index(name) if name in arms else 0 for name in offers], dtype=np.int64)

    def limits(self, offers: Sequence[str], redemption_cost: Floats) -> list[str]:
        """Sentences on what the model cannot say about a campaign's offers. redemption_cost: (K,)."""
        found = []
        unknown = [name for name, known in zip(offers, self.knows(offers), strict=True) if not known]
        if unknown:
            found.append(f"The model does not know {', '.join(unknown)}: given at random only, to learn.")
        if self.only_offer is not None and self.only_offer in offers:
            found.append(
                f"No model chooses better than one offer for all: '{self.only_offer}' goes to as many as the "
                "budget allows, in random order where the model holds customers to be equal."
            )
        elif self.only_offer is not None:
            found.append(
                f"The champion gives '{self.only_offer}' to everybody, and it is not among the campaign's "
                "offers: only random offers go out."
            )
        if self.scorer.redemption is None and np.any(redemption_cost > 0):
            found.append("Nobody knows who redeems: costs count a redemption by everyone, the dearest case.")
        return found


def load_policy_version(store: Store, definition: CampaignDefinition) -> Loaded | None:
    """The version that the campaign names; None where it names the champion and there is none yet."""
    reference = definition.policy.model
    if reference.selector == f"@{CHAMPION}" and champion(store, reference.name) is None:
        return None
    return load_version(store, reference.name, reference.selector)


def campaign_policy(
    lab: Lab, store: Store, definition: CampaignDefinition, loaded: Loaded, *, accept_ungated: bool
) -> Policy:
    """The policy with its held-out evidence.

    Raises GateError where the gate never let the version through (unless accepted), or where its evidence
    does not cover the use: G2 under a budget, G1 without one.
    """
    doubts = _ungated(store, definition, loaded)
    found = new_rows(lab, [loaded])
    scorer: UpliftScorer = loaded.model
    if definition.policy.objective == "net_value" and not found.rows.in_money:
        raise ConfigurationError(
            f"The model '{loaded.name}' knows no money: it learned '{scorer.outcome}' without a value.",
            "Give its definition a `value:`, or set `policy.objective: outcome`.",
            file=definition.file,
            key="policy.objective",
        )
    doubts += _outside_its_evidence(lab, definition, loaded, found)
    if doubts and not accept_ungated:
        raise GateError(doubts[0][0], f"{doubts[0][1]}, or accept it with --accept-ungated.")
    warnings = tuple(said for said, _ in doubts)
    evidence = held_out(scorer, found, moves=definition.asks_how_sure)
    return Policy(loaded, evidence, found.rows.per_unit, warnings)


def _ungated(store: Store, definition: CampaignDefinition, loaded: Loaded) -> list[tuple[str, str]]:
    """A doubt and what to do about it, where no `lab promote` put this version to use."""
    name, selector = definition.policy.model
    if selector == f"@{CHAMPION}":
        if champion_is_gated(store, name):
            return []
        said = (
            f"The champion of '{name}' was not put there by `lab promote`: nobody has checked its evidence."
        )
        return [(said, f"Run `lab promote {name}`")]
    if any(one.after == loaded.version for one in promotions(store, name)):
        return []
    said = f"Version {loaded.version} of '{name}' was never promoted: its evidence is unchecked."
    return [(said, f"Run `lab promote {name} --version {loaded.version}`")]


def _outside_its_evidence(
    lab: Lab, definition: CampaignDefinition, loaded: Loaded, found: NewRows
) -> list[tuple[str, str]]:
    """A doubt where the model's evidence is for another use; a constant champion serves every use."""
    scorer: UpliftScorer = loaded.model
    if scorer.constant_arm is not None:
        return []
    verdict = gate(
        found.gamma,
        scorer.effect(found.sample.features),
        scorer.arms,
        found.rows.worth,
        gate_rule(lab),
        feasible=feasible_offers(found.sample),
        group=found.sample.group,
    )
    limited = definition.budget is not None
    if verdict.budget if limited else verdict.everyone:
        return []
    rule, use = ("G2", "under a budget") if limited else ("G1", "without a budget")
    said = f"The evidence for '{loaded.name}' does not cover a campaign {use} ({rule} does not hold)."
    return [(said, f"Train again with more data, plan {'without' if limited else 'under'} a budget")]
