"""`lab campaign plan`: whom to contact with what under the budget, and what that is expected to earn."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from retention_lab.arrays import Ints
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.loading import definition_sha256, read_definition
from retention_lab.data.connect import Tables
from retention_lab.errors import ConfigurationError
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.models import Loaded
from retention_lab.tracking.runs import Run, run_tags, start_run
from retention_lab.workflows.campaign_audience import (
    Eligible,
    default_as_of,
    eligible_customers,
    eligible_rows,
)
from retention_lab.workflows.campaign_offers import Offers, campaign_offers
from retention_lab.workflows.campaign_policy import Policy, campaign_policy, load_policy_version
from retention_lab.workflows.campaign_products import CampaignProducts, campaign_products, products_notes
from retention_lab.workflows.plan_choice import Choice, choose, planned_rows
from retention_lab.workflows.plan_files import PlannedRows, write_plan
from retention_lab.workflows.plan_freshness import seen_hashes
from retention_lab.workflows.plan_risks import limit_facts, spending_facts
from retention_lab.workflows.plan_segments import segments
from retention_lab.workflows.plan_shift import shift_note
from retention_lab.workflows.plan_valuation import value_plan
from retention_lab.workflows.project import Lab

_OLD_PLAN = timedelta(days=7)  # outcomes before the send would dilute what it caused
_LATE_DATA = timedelta(days=2)  # a night's import is no news; more than this is


@dataclass(frozen=True, slots=True)
class PlanReport:
    """A plan. in_money: whether totals are the project's currency; else contribution is outcome units.

    rows: the eligible with their probabilities. ways: (n,) arms of the eligible under each usual way.
    """

    name: str
    as_of: datetime
    result: dict[str, Any]
    offers: tuple[str, ...]
    in_money: bool
    currency: str
    notes: tuple[str, ...]
    rows: PlannedRows
    ways: dict[str, Ints]

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return self.result


def plan_campaign(
    lab: Lab,
    name: str,
    *,
    as_of: datetime | None = None,
    overrides: Sequence[str] = (),
    accept_ungated: bool = False,
    say: Callable[[str], None],
) -> PlanReport:
    """Choose for every eligible customer, work out the launch's probabilities, value them, write the plan.

    Raises LabError where the campaign cannot be planned, GateError where its model may not choose.
    """
    definition = campaign_definition(lab, name, overrides)
    store = lab.open_store()
    version = load_policy_version(store, definition)
    with nullcontext() if definition.audience.flat else lab.open_tables() as tables:
        say("finding the audience")
        at = planning_date(lab, tables, as_of)
        eligible = eligible_of(lab, definition, tables, version, at)
        offers = campaign_offers(definition, tables)
        say("reading the evidence")
        policy = None
        if version is not None:
            policy = campaign_policy(lab, store, definition, version, accept_ungated=accept_ungated)
        choice = choose(definition, eligible, offers, policy)
        products = campaign_products(lab, definition, tables, eligible.ids.tolist(), at)
        say("valuing the plan")
        numbers = value_plan(definition, offers, choice, policy, tables)
        plan = _Plan(lab, definition, at, eligible, offers, policy, choice, products, numbers)
        notes = _notes(plan, tables)
    rows = _rows(plan)
    with start_run(store, f"campaign/{name}", f"plan {name}", _tags(lab, definition, at)) as run:
        result = {**_facts(plan), "notes": list(notes), "run_id": run.id}
        file = write_plan(lab, name, at, rows, result)
        result["plan_file"] = str(file.relative_to(lab.folder))
        _log(run, definition, result)
    in_money, currency = result["in_money"], lab.settings.currency
    return PlanReport(name, at, result, offers.names, in_money, currency, notes, rows, choice.ways)


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that a plan is made of. policy: None where no model chooses. numbers: what it is expected to
    bring."""

    lab: Lab
    definition: CampaignDefinition
    at: datetime
    eligible: Eligible
    offers: Offers
    policy: Policy | None
    choice: Choice
    products: CampaignProducts | None
    numbers: dict[str, Any]


def campaign_definition(lab: Lab, name: str, overrides: Sequence[str] = ()) -> CampaignDefinition:
    """The definition of a campaign. Raises ConfigurationError for any other kind."""
    definition = read_definition(lab.project, name, overrides)
    if not isinstance(definition, CampaignDefinition):
        raise ConfigurationError(
            f"'{name}' is a model, and models are trained, not planned.",
            f"Use `lab train {name}`, or name a campaign.",
            file=definition.file,
            key="kind",
        )
    return definition


def planning_date(lab: Lab, tables: Tables | None, as_of: datetime | None) -> datetime:
    """The instant that customers are looked at from, in the project's zone: its date names the plan."""
    at = default_as_of(lab, tables) if as_of is None else lab.start_of(as_of)
    return at.astimezone(lab.project.tzinfo)


def eligible_of(
    lab: Lab, definition: CampaignDefinition, tables: Tables | None, version: Loaded | None, at: datetime
) -> Eligible:
    """Whom the campaign may assign at a date. Raises LabError where there is nobody."""
    if tables is None:
        return eligible_rows(lab, definition, version, at)
    return eligible_customers(lab, definition, tables, at)


def _rows(plan: _Plan) -> PlannedRows:
    """The plan as it is written down, with what makes a change visible at the launch."""
    return replace(
        planned_rows(plan.eligible, plan.offers.names, plan.choice),
        seen=seen_hashes(plan.eligible.table),
        segment=segments(plan.definition, plan.eligible.table),
        products=None if plan.products is None else plan.products.ids(),
    )


def _notes(plan: _Plan, tables: Tables | None) -> tuple[str, ...]:
    """What the reader of a plan has to know beside its numbers."""
    shifted = shift_note(plan.numbers["shift"])
    return (
        *plan.eligible.notes,
        plan.choice.exploration.detail,
        *_of_the_date(plan, tables),
        *_of_the_policy(plan),
        *([shifted] if shifted else []),
        *products_notes(plan.definition, plan.products),
    )


def _of_the_date(plan: _Plan, tables: Tables | None) -> list[str]:
    zone, notes = plan.lab.project.tzinfo, list[str]()
    if tables is not None and plan.at - tables.data_end() > _LATE_DATA:
        end = tables.data_end().astimezone(zone).date()
        notes.append(f"The last transaction is of {end}: what customers did since is not seen.")
    age = datetime.now(UTC) - plan.at
    if age > _OLD_PLAN:
        notes.append(
            f"Customers are seen, and outcomes counted, from {plan.at.astimezone(zone).date()}, {age.days} "
            "days ago. For a campaign that goes out now, import the orders since then and plan again."
        )
    return notes


def _of_the_policy(plan: _Plan) -> list[str]:
    if plan.policy is None:
        cost = f"{plan.choice.exploration.expected_cost:,.0f} {plan.lab.settings.currency}"
        return [
            f"No model chooses yet: only the random offers go out. They cost at most {cost} in expectation, "
            "and the next training learns from them."
        ]
    return [*plan.policy.warnings, *plan.policy.limits(plan.offers.names, plan.offers.redemption)]


def _facts(plan: _Plan) -> dict[str, Any]:
    """The plan's document, but for its notes and its run."""
    return {
        **whom(plan.definition, plan.eligible, plan.at),
        **_what(plan.lab, plan.definition, plan.offers, plan.choice, plan.policy),
        **spending_facts(plan.definition, plan.offers, plan.choice, plan.numbers["redemption_error"]),
        **plan.numbers,
        "content": None if plan.products is None else plan.products.facts,
    }


def whom(definition: CampaignDefinition, eligible: Eligible, at: datetime) -> dict[str, Any]:
    """Whom the campaign looks at, and who is left out for which reason."""
    audience = definition.audience
    return {
        "name": definition.name,
        "as_of": at.isoformat(),
        "audience": audience.where or audience.table or "everyone",
        "flat": audience.flat,
        "considered": eligible.considered,
        "eligible": len(eligible),
        "suppressed": dict(eligible.suppressed),
    }


def _what(
    lab: Lab, definition: CampaignDefinition, offers: Offers, choice: Choice, policy: Policy | None
) -> dict[str, Any]:
    """The choices and where they came from."""
    intended = np.bincount(choice.allocation.arm, minlength=len(offers.names) + 1)
    return {
        "assigned": dict(zip(offers.names, intended[1:].tolist(), strict=True)),
        "offers": offers.costs(),
        "holdout": choice.exploration.roles.holdout,
        "exploration": choice.exploration.used,
        "budget": definition.budget,
        "budget_mode": definition.budget_mode,
        "limits": limit_facts(choice),
        "dual_price": choice.allocation.dual_price,
        "model": None if policy is None else policy.loaded.name,
        "model_version": None if policy is None else policy.loaded.version,
        "model_outcome": None if policy is None else policy.scorer.outcome,
        "model_per_unit": None if policy is None else policy.per_unit,
        "known_offers": [] if policy is None else _known(offers, policy),
        "constant_arm": None if policy is None else policy.only_offer,
        "in_money": policy is not None and definition.policy.objective == "net_value",
        "currency": lab.settings.currency,
        "horizon_days": definition.horizon_days,
        "definition_sha256": definition_sha256(definition),
    }


def _known(offers: Offers, policy: Policy) -> list[str]:
    return [name for name, known in zip(offers.names, policy.knows(offers.names), strict=True) if known]


def _tags(lab: Lab, definition: CampaignDefinition, at: datetime) -> dict[str, str]:
    found = run_tags(
        "campaign",
        definition.name,
        as_of=at,
        definition_sha256=definition_sha256(definition),
        git_commit=git_commit(lab.folder),
    )
    return {**found, "lab.role": "plan"}


def _log(run: Run, definition: CampaignDefinition, result: dict[str, Any]) -> None:
    run.log_json("result.json", result)
    run.log_text("definition.yaml", definition.file.read_text(encoding="utf-8-sig"))
