"""`lab campaign plan`: whom to contact with what under the budget, and what that is expected to earn."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.config.available import require_engine
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.loading import definition_sha256, read_definition
from retention_lab.data.connect import Tables
from retention_lab.data.eligibility import matching
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.estimate import Estimate, not_computed
from retention_lab.hashing import unit_interval
from retention_lab.targeting import baselines
from retention_lab.targeting.allocate import Allocation, allocate
from retention_lab.targeting.draw import ScaledExploration, propensities, scale_exploration
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.workflows.campaign_audience import (
    Eligible,
    default_as_of,
    eligible_customers,
    eligible_rows,
)
from retention_lab.workflows.campaign_offers import Offers, campaign_offers
from retention_lab.workflows.campaign_policy import Policy, campaign_policy, load_champion
from retention_lab.workflows.held_out import HeldOut, activity_probability, redemption_probability
from retention_lab.workflows.plan_files import PlannedRows, write_plan
from retention_lab.workflows.plan_numbers import Terms, Valuation, in_audience, terms
from retention_lab.workflows.project import Lab

CURVE_POINTS = 12
TOTALS = ("incremental_contribution", "cost", "profit")


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


@dataclass(frozen=True, slots=True)
class _Choice:
    """The audience's side of a plan."""

    eligible: Eligible
    offers: Offers
    terms: Terms
    baseline: Floats
    ways: dict[str, Ints]
    allocation: Allocation
    exploration: ScaledExploration
    propensity: Floats


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
    loaded = load_champion(store, definition)
    with nullcontext() if definition.audience.flat else lab.open_tables() as tables:
        at = default_as_of(lab, tables) if as_of is None else lab.start_of(as_of)
        say("finding the audience")
        if tables is None:
            eligible = eligible_rows(lab, definition, loaded, at)
        else:
            eligible = eligible_customers(lab, definition, tables, at)
        offers = campaign_offers(definition, tables)
        say("reading the evidence")
        policy = None
        if loaded is not None:
            policy = campaign_policy(lab, store, definition, loaded, accept_ungated=accept_ungated)
        choice = _choose(definition, eligible, offers, policy)
        say("valuing the plan")
        numbers = _no_policy() if policy is None else _numbers(definition, choice, policy, tables)
    in_money = policy is not None and policy.in_money and definition.policy.objective == "net_value"
    rows = _planned(choice)
    tags = run_tags(
        "campaign",
        name,
        as_of=at,
        definition_sha256=definition_sha256(definition),
        git_commit=git_commit(lab.folder),
    )
    with start_run(store, f"campaign/{name}", f"plan {name}", {**tags, "lab.role": "plan"}) as run:
        result = _result(lab, definition, choice, policy, numbers, at, run.id)
        file = write_plan(lab, name, at, rows, result)
        result["plan_file"] = str(file.relative_to(lab.folder))
        run.log_json("result.json", result)
        run.log_text("definition.yaml", definition.file.read_text(encoding="utf-8-sig"))
    notes = (*eligible.notes, choice.exploration.detail, *(policy.warnings if policy else ()))
    return PlanReport(
        name, at, result, offers.names, in_money, lab.settings.currency, notes, rows, choice.ways
    )


def campaign_definition(lab: Lab, name: str, overrides: Sequence[str] = ()) -> CampaignDefinition:
    """The definition of a campaign. Raises ConfigurationError for any other kind."""
    definition = read_definition(lab.project, name, overrides)
    require_engine(definition)
    if not isinstance(definition, CampaignDefinition):
        raise ConfigurationError(
            f"'{name}' is a model, and models are trained, not planned.",
            f"Use `lab train {name}`, or name a campaign.",
            file=definition.file,
            key="kind",
        )
    return definition


def _choose(
    definition: CampaignDefinition, eligible: Eligible, offers: Offers, policy: Policy | None
) -> _Choice:
    rows = len(eligible)
    feasible = offers.feasible(rows)
    if policy is None:
        found = _terms_without_policy(offers, rows)
        baseline, ways = np.zeros(rows), {}
    else:
        features = policy.scorer.features(eligible.table)
        effect = policy.scorer.effect(features)
        redemption = redemption_probability(policy.scorer, features)
        found = _terms(definition, offers, policy, effect, redemption)
        baseline = policy.scorer.mean(features)[:, 0] * policy.per_unit
        activity = activity_probability(policy.scorer, features)
        ways = _usual_ways(definition.budget, policy.scorer, offers, found, activity, eligible.ids)
    allocation = allocate(found.value, found.cost, definition.budget, _key(definition, eligible))
    shares = (definition.holdout, definition.exploration)
    exploration = scale_exploration(allocation.arm, feasible, found.cost, shares, definition.budget)
    chances = propensities(allocation.arm, feasible, exploration.roles)
    _within_stock(definition, offers, chances)
    return _Choice(eligible, offers, found, baseline, ways, allocation, exploration, chances)


def _key(definition: CampaignDefinition, eligible: Eligible) -> Floats:
    """(n,) numbers that order customers whom the model holds to be equal."""
    return unit_interval(eligible.ids.tolist(), f"plan/{definition.name}")


def _terms(
    definition: CampaignDefinition,
    offers: Offers,
    policy: Policy,
    effect: Floats,
    redemption: Floats,
    feasible: Bools | None = None,
) -> Terms:
    """Value and cost of the campaign's offers, which may be fewer or more than the model's arms.

    feasible: (n, K) by the model's arms, for rows of the past; None is every offer.
    """
    columns, known = _columns(policy.scorer, offers.names)
    chosen = known if policy.only_offer is None else known & (np.array(offers.names) == policy.only_offer)
    return terms(
        effect[:, columns] * policy.per_unit,
        np.where(known, redemption[:, columns], 0.0),
        (offers.contact, offers.redemption),
        offers.feasible(len(effect)) & (True if feasible is None else feasible[:, columns]),
        chosen,
        in_money=definition.policy.objective == "net_value",
    )


def _columns(scorer: UpliftScorer, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(K,) column of each offer among the model's effects, and whether the model knows it at all."""
    arms = scorer.arms[1:]
    known = np.array([name in arms for name in names])
    return np.array([arms.index(name) if name in arms else 0 for name in names]), known


def _terms_without_policy(offers: Offers, rows: int) -> Terms:
    """Nothing is known of any offer, so none is chosen: the launch explores only."""
    cost = np.tile(offers.contact + offers.redemption, (rows, 1))
    return Terms(np.full((rows, len(offers.names)), -np.inf), cost, offers.feasible(rows))


def _within_stock(definition: CampaignDefinition, offers: Offers, chances: Floats) -> None:
    for k, (name, stock) in enumerate(zip(offers.names, offers.stock, strict=True)):
        wanted = float(chances[:, k + 1].sum())
        if stock is not None and wanted > stock:
            raise LabError(
                f"The plan would give out {wanted:.0f} of '{name}', and there are {stock:.0f}.",
                "Lower the budget, narrow the audience, or take the offer out.",
                file=definition.file,
                key="offers",
            )


def _numbers(
    definition: CampaignDefinition, choice: _Choice, policy: Policy, tables: Tables | None
) -> dict[str, Any]:
    """Expected totals, usual ways, budget curve, all on held-out rows; or why they cannot be given."""
    try:
        valuation = _valuation(definition, choice, policy, tables)
    except LabError as error:
        return _not_valued(f"{error.found} {error.next_step}")
    own = valuation.at_price(choice.allocation.dual_price, choice.allocation.tied_share)
    money = definition.policy.objective == "net_value"
    which = 2 if money else 0
    evidence = _audience_evidence(definition, policy, tables)
    budget = None
    if definition.budget is not None:  # the same spend a head
        budget = definition.budget * len(evidence) / len(choice.eligible)
    ways = _usual_ways(
        budget, policy.scorer, choice.offers, valuation.terms, evidence.activity, evidence.group
    )
    arms = np.eye(len(choice.offers.names) + 1)
    return {
        "expected": _expected(valuation.totals(own), in_money=money),
        "baselines": {name: valuation.totals(arms[found])[which].as_json() for name, found in ways.items()},
        "curve": _curve(choice, valuation, which, _key(definition, choice.eligible)),
        "held_out_rows": len(evidence),
    }


def _audience_evidence(definition: CampaignDefinition, policy: Policy, tables: Tables | None) -> HeldOut:
    """The held-out rows that the audience's condition holds for."""
    where, evidence = definition.audience.where, policy.evidence
    if tables is None or where is None:
        return evidence.rows(in_audience(len(evidence), None))
    return evidence.rows(in_audience(len(evidence), lambda: matching(tables, evidence.context, where)))


def _valuation(
    definition: CampaignDefinition, choice: _Choice, policy: Policy, tables: Tables | None
) -> Valuation:
    evidence = _audience_evidence(definition, policy, tables)
    offers = choice.offers
    columns, known = _columns(policy.scorer, offers.names)
    if not known.all():
        unknown = offers.names[int(np.argmin(known))]
        raise LabError(
            f"No experiment has tried '{unknown}' yet, so what the launch earns cannot be foretold.",
            "It gets exploration only; the next training learns from it.",
        )
    scores = np.append(0, columns + 1)
    redeemed = evidence.redeemed[:, columns + 1]
    cost = np.column_stack([np.zeros(len(evidence)), offers.contact + offers.redemption * redeemed])
    return Valuation(
        terms=_terms(definition, offers, policy, evidence.effect, evidence.redemption, evidence.feasible),
        gain=evidence.gamma[:, scores] * policy.per_unit,
        cost=cost,
        group=evidence.group,
        holdout=choice.exploration.roles.holdout,
        exploration=choice.exploration.used,
        eligible=len(choice.eligible),
    )


def _usual_ways(
    budget: float | None,
    scorer: UpliftScorer,
    offers: Offers,
    found: Terms,
    activity: Floats,
    ids: np.ndarray,
) -> dict[str, Ints]:
    """(n,) arms of each usual way. activity: (n, model's arms) probability to buy under each."""
    columns, _ = _columns(scorer, offers.names)
    order = unit_interval(ids.tolist(), "usual ways")
    value, cost = found.value, found.cost
    return {
        "risk_only": baselines.risk_only(-activity[:, 0], value, cost, budget),
        "response_only": baselines.response_only(activity[:, columns + 1], value, cost, budget),
        "everyone": baselines.everyone(value),
        "random": baselines.random_customers(order, value, cost, budget),
        "nobody": baselines.nobody(len(ids)),
    }


def _curve(choice: _Choice, valuation: Valuation, which: int, key: Floats) -> list[dict[str, Any]]:
    """Expected profit (or outcome) at budgets from nothing to what an unlimited one would spend."""
    value, cost = choice.terms.value, choice.terms.cost
    most = allocate(value, cost, None).spend
    found = []
    for budget in np.linspace(0.0, most, CURVE_POINTS) if most > 0 else ():
        at = allocate(value, cost, float(budget), key)
        total = valuation.totals(valuation.at_price(at.dual_price, at.tied_share))[which]
        found.append({"budget": float(budget), "profit": total.as_json()})
    return found


def _expected(totals: tuple[Estimate, Estimate, Estimate], *, in_money: bool) -> dict[str, Any]:
    gain, cost, profit = totals
    if in_money:
        return {
            "incremental_contribution": gain.as_json(),
            "cost": cost.as_json(),
            "profit": profit.as_json(),
        }
    reason = "the objective is the outcome, which has no value in money"
    return {
        "incremental_outcome": gain.as_json(),
        "incremental_contribution": not_computed(reason),
        "cost": cost.as_json(),
        "profit": not_computed(reason),
    }


def _no_policy() -> dict[str, Any]:
    return _not_valued("there is no champion yet, so the launch explores only, and nothing is foretold")


def _not_valued(reason: str) -> dict[str, Any]:
    names = ("risk_only", "response_only", "everyone", "random", "nobody")
    return {
        "expected": {name: not_computed(reason) for name in TOTALS},
        "baselines": {name: not_computed(reason) for name in names},
        "curve": [],
        "held_out_rows": 0,
    }


def _planned(choice: _Choice) -> PlannedRows:
    rows = np.arange(len(choice.eligible))
    value = np.column_stack([np.zeros(len(rows)), choice.terms.value])[rows, choice.allocation.arm]
    return PlannedRows(
        ids=choice.eligible.ids,
        offers=choice.offers.names,
        intended=choice.allocation.arm,
        value=value,
        baseline=choice.baseline,
        propensity=choice.propensity,
        exploration=choice.exploration.roles.exploration,
    )


def _result(
    lab: Lab,
    definition: CampaignDefinition,
    choice: _Choice,
    policy: Policy | None,
    numbers: dict[str, Any],
    at: datetime,
    run_id: str,
) -> dict[str, Any]:
    intended = np.bincount(choice.allocation.arm, minlength=len(choice.offers.names) + 1)
    audience = definition.audience
    return {
        "name": definition.name,
        "as_of": at.isoformat(),
        "audience": audience.where or audience.table or "everyone",
        "considered": choice.eligible.considered,
        "eligible": len(choice.eligible),
        "suppressed": dict(choice.eligible.suppressed),
        "assigned": dict(zip(choice.offers.names, intended[1:].tolist(), strict=True)),
        "holdout": choice.exploration.roles.holdout,
        "exploration": choice.exploration.used,
        "budget": definition.budget,
        "spend": choice.allocation.spend,
        "dual_price": choice.allocation.dual_price,
        **numbers,
        "model": None if policy is None else policy.loaded.name,
        "model_version": None if policy is None else policy.loaded.version,
        "constant_arm": None if policy is None else policy.only_offer,
        "in_money": bool(policy and policy.in_money and definition.policy.objective == "net_value"),
        "currency": lab.settings.currency,
        "horizon_days": definition.horizon_days,
        "definition_sha256": definition_sha256(definition),
        "notes": [*choice.eligible.notes, choice.exploration.detail, *(policy.warnings if policy else ())],
        "run_id": run_id,
    }
