"""`lab campaign rehearse`: rounds of the whole loop on the simulated retailer, judged by its truth."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from retention_lab.checks import hard_failures
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.loading import definition_sha256, read_definition
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.errors import ConfigurationError, GateError, LabError
from retention_lab.estimate import Estimate, not_computed
from retention_lab.features import Features, encode, infer_schema
from retention_lab.simulate import Difficulty, Retailer, respond
from retention_lab.targeting.baselines import NAMES
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.workflows.achievable import achievable_choice
from retention_lab.workflows.campaign_audience import eligible_customers
from retention_lab.workflows.launch_campaign import LaunchReport, launch_campaign
from retention_lab.workflows.measure_campaign import measure_campaign
from retention_lab.workflows.plan_campaign import PlanReport, campaign_definition, plan_campaign
from retention_lab.workflows.project import Lab
from retention_lab.workflows.project_rows import wanted_features
from retention_lab.workflows.promote import PromotionRequest, promote
from retention_lab.workflows.rehearsal_lab import rehearsal_lab
from retention_lab.workflows.simulated_data import data_folder, simulate_into, write_tables
from retention_lab.workflows.simulated_truth import PlanTruth, plan_truth
from retention_lab.workflows.train_uplift import train_uplift


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What to play: how many rounds, on how many customers, how hard to learn from."""

    rounds: int = 3
    customers: int = 20_000
    seed: int = 1
    difficulty: Difficulty = field(default_factory=Difficulty)

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise ConfigurationError(
                f"{self.rounds} rounds are none to play.", "Choose 1 or more.", key="rounds"
            )


@dataclass(frozen=True, slots=True)
class Round:
    """One campaign of a rehearsal, in the project's currency.

    profit: as measured, None with `reason` where it cannot be. intended, oracle, achievable: true expected
    profit of the intended choices, of the best that any choices could bring under the budget, and of the best
    that the features allow; ways: likewise of the usual ways under the same budget; all without holdout and
    exploration. version: in use, None before there is one. notes: sentences for the reader.
    """

    number: int
    profit: Estimate | None
    reason: str
    intended: float
    oracle: float
    achievable: float
    ways: Mapping[str, float]
    promoted: bool
    version: str | None
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """A round of the contract's document."""
        return {
            "round": self.number,
            "profit": not_computed(self.reason) if self.profit is None else self.profit.as_json(),
            "oracle_profit": self.oracle,
            "share": _share(self.intended, self.oracle),
            "share_of_achievable": _share(self.intended, self.achievable),
            "ways": {name: _share(value, self.oracle) for name, value in self.ways.items()},
            "promoted": self.promoted,
            "model_version": self.version,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """A rehearsal, round by round."""

    name: str
    played: Rehearsal
    rounds: tuple[Round, ...]
    currency: str
    run_id: str

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {
            "name": self.name,
            "customers": self.played.customers,
            "seed": self.played.seed,
            "rounds": [each.as_json() for each in self.rounds],
            "run_id": self.run_id,
        }


def rehearse_campaign(
    lab: Lab, name: str, rehearsal: Rehearsal, *, say: Callable[[str], None]
) -> RehearsalReport:
    """Play the campaign in a folder of its own that is gone afterwards; the project gains one tracked run.

    Each round trains on all past campaigns, asks the gate, plans, launches, lets the customers live through
    the horizon, and measures. Raises LabError where the campaign cannot be played on the simulated retailer.
    """
    definition = campaign_definition(lab, name)
    with tempfile.TemporaryDirectory(prefix="lab-rehearsal-") as scratch:
        stage = rehearsal_lab(lab, definition, Path(scratch))
        say(f"simulating {rehearsal.customers:,} customers")
        shop, _ = simulate_into(
            stage, customers=rehearsal.customers, seed=rehearsal.seed, difficulty=rehearsal.difficulty
        )
        rounds = []
        for number in range(1, rehearsal.rounds + 1):
            say(f"round {number} of {rehearsal.rounds}")
            played, shop = _play(stage, definition, shop, number, rehearsal)
            rounds.append(played)
    with start_run(lab.open_store(), f"campaign/{name}", f"rehearse {name}", _tags(lab, definition)) as run:
        report = RehearsalReport(name, rehearsal, tuple(rounds), lab.settings.currency, run.id)
        run.log_json("result.json", report.as_json())
    return report


def _play(
    stage: Lab, definition: CampaignDefinition, shop: Retailer, number: int, rehearsal: Rehearsal
) -> tuple[Round, Retailer]:
    """One round, and the retailer that comes out of it."""
    name, notes = definition.name, list[str]()
    promoted = _retrain(stage, definition.policy.model.name, notes)
    plan = _plan(stage, name, shop, notes)
    features = _features(stage, definition, plan)
    launch = launch_campaign(stage, name, seed=rehearsal.seed)
    after, truth = _live(stage, definition, shop, plan, launch, rehearsal)
    profit, reason = _measured(stage, name)
    played = Round(
        number=number,
        profit=profit,
        reason=reason,
        intended=truth.earns(plan.rows.intended),
        oracle=truth.earns(truth.best()),
        achievable=truth.earns(achievable_choice(features, truth, plan.rows.ids)),
        ways={way: truth.earns(plan.ways[way]) for way in NAMES if way in plan.ways},
        promoted=promoted,
        version=plan.result["model_version"],
        notes=tuple(notes),
    )
    return played, after


def _retrain(stage: Lab, model: str, notes: list[str]) -> bool:
    """Train on every closed campaign and ask the gate, as one would between two campaigns."""
    trained = train_uplift(stage, model, say=_silent)
    if trained.model_version is None:
        notes.append(f"Nothing was registered: the check '{hard_failures(trained.checks)[0]}' failed.")
        return False
    verdict = promote(stage, PromotionRequest(model, why="rehearsal"))
    if not verdict.promoted:
        notes.append("The gate did not let the new version through.")
    return verdict.promoted


def _plan(stage: Lab, name: str, shop: Retailer, notes: list[str]) -> PlanReport:
    try:
        return plan_campaign(stage, name, as_of=shop.as_of, say=_silent)
    except GateError as doubt:
        notes.append(f"{doubt.found} It chose all the same.")
        return plan_campaign(stage, name, as_of=shop.as_of, accept_ungated=True, say=_silent)


def _features(stage: Lab, definition: CampaignDefinition, plan: PlanReport) -> Features:
    """What the model may know of the plan's customers."""
    model = read_definition(stage.project, definition.policy.model.name)
    assert isinstance(model, UpliftDefinition)  # a campaign's policy is one, or its training was refused
    with stage.open_tables() as tables:
        known = eligible_customers(stage, definition, tables, plan.as_of).table
    wanted = wanted_features(known, model)
    return encode(known, infer_schema(known, wanted))


def _live(
    stage: Lab,
    definition: CampaignDefinition,
    shop: Retailer,
    plan: PlanReport,
    launch: LaunchReport,
    rehearsal: Rehearsal,
) -> tuple[Retailer, PlanTruth]:
    """The customers live through the horizon under their arms; the tables grow by it."""
    assignments = pq.read_table(stage.folder / launch.assignments_file)
    lived = respond(shop, assignments, shop.as_of, definition.horizon_days, rehearsal.seed)
    after = lived.retailer
    facts = {"customers": rehearsal.customers, "seed": rehearsal.seed, "launched": launch.experiment}
    write_tables(data_folder(stage), after.tables, {**facts, "as_of": after.as_of.isoformat()})
    return after, plan_truth(lived.expected, plan.rows, definition.budget)


def _measured(stage: Lab, name: str) -> tuple[Estimate | None, str]:
    try:
        return measure_campaign(stage, name, judge=False).measured.profit, ""
    except LabError as error:  # a launch that only explored may leave too few to compare
        return None, error.found


def _tags(lab: Lab, definition: CampaignDefinition) -> dict[str, str]:
    found = run_tags(
        "campaign",
        definition.name,
        definition_sha256=definition_sha256(definition),
        git_commit=git_commit(lab.folder),
    )
    return {**found, "lab.role": "rehearse"}


def _share(value: float, best: float) -> float | None:
    """None where even the best choices earn nothing."""
    return value / best if best > 0 else None


def _silent(_: str) -> None:
    """A rehearsal's rounds are told, not their steps."""
