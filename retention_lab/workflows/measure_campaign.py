"""`lab campaign measure`: what a launch caused, from its randomised rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.checks import Check, hard_failures
from retention_lab.data.experiments import experiment_rows
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, not_computed
from retention_lab.targeting.incremental import CampaignRows, Measured, increment
from retention_lab.targeting.incremental import measure as measure_rows
from retention_lab.targeting.trust import checks
from retention_lab.targeting.versus_random import policy_vs_random
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.workflows.campaign_audience import global_holdout
from retention_lab.workflows.launch_campaign import latest_launch, launched_plan
from retention_lab.workflows.long_term import LongTerm, long_term_effect
from retention_lab.workflows.measure_groups import Groups, measured_groups, planned_order
from retention_lab.workflows.measure_model import ModelStanding, model_standing
from retention_lab.workflows.plan_campaign import campaign_definition
from retention_lab.workflows.plan_files import NONE, PlanFile, PlannedRows, read_plan
from retention_lab.workflows.project import Lab


@dataclass(frozen=True, slots=True)
class Extras:
    """What the report shows beside the totals: amount paid, discount and buying customers beyond none, and
    the money spent on redemptions and on contacts. discount: None where transactions do not tell it."""

    revenue: Estimate
    discount: Estimate | None
    customers: Estimate
    redemption_cost: float
    contact_cost: float


@dataclass(frozen=True, slots=True)
class MeasureReport:
    """A measured launch, or an experiment from elsewhere, which has no plan.

    holdout: customers in that role; without: all who drew no offer. groups, model: of a planned launch.
    long_term: of all campaigns together; None where nobody is kept out of them.
    """

    experiment: str
    measured: Measured
    offers: tuple[str, ...]
    extras: Extras
    policy_vs_random: Estimate | None
    no_comparison: str
    checks: list[Check]
    rows: int
    holdout: int
    without: int
    assigned_at: datetime
    horizon_days: int
    data_end: datetime
    plan: PlanFile | None
    run_id: str
    groups: Groups
    model: ModelStanding | None
    long_term: LongTerm | None

    @property
    def trustworthy(self) -> bool:
        """Whether no hard check failed."""
        return not hard_failures(self.checks)

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        found, extras = self.measured, self.extras
        versus = self.policy_vs_random
        unplanned = not_computed("this experiment was not planned here")
        return {
            "experiment": self.experiment,
            "trustworthy": self.trustworthy,
            "incremental_contribution": found.incremental_contribution.as_json(),
            "cost": found.cost.as_json(),
            "profit": found.profit.as_json(),
            "roi": not_computed("nothing was spent") if found.roi is None else found.roi.as_json(),
            "per_offer": [self._offer(k) for k in range(len(self.offers))],
            **self.groups.as_json(),
            "model": None if self.model is None else self.model.as_json(),
            "long_term": None if self.long_term is None else self.long_term.as_json(),
            "policy_vs_random": not_computed(self.no_comparison) if versus is None else versus.as_json(),
            "incremental_revenue": extras.revenue.as_json(),
            "incremental_customers": extras.customers.as_json(),
            "discount": not_computed("transactions do not tell discounts")
            if extras.discount is None
            else extras.discount.as_json(),
            "redemption_cost": extras.redemption_cost,
            "contact_cost": extras.contact_cost,
            "expected": self.plan.facts["expected"] if self.plan else {"profit": unplanned},
            "baselines": self.plan.facts["baselines"] if self.plan else {},
            "customers": self.rows,
            "holdout": self.holdout,
            "checks": self.checks,
            "run_id": self.run_id,
        }

    def _offer(self, k: int) -> dict[str, Any]:
        found = self.measured.per_offer[k]

        def shown(estimate: Estimate | None) -> dict[str, Any]:
            return not_computed(found.reason or "") if estimate is None else estimate.as_json()

        return {
            "offer": self.offers[k],
            "n": found.rows,
            "incremental_contribution": shown(found.incremental_contribution),
            "cost": found.cost.as_json(),
            "profit": shown(found.profit),
        }


def measure_campaign(
    lab: Lab, name: str, *, experiment: str | None = None, judge: bool = True
) -> MeasureReport:
    """Measure a launch whose horizon has passed, by assignment, against no offer for all.

    experiment: a launch of the campaign (None: the latest), or any experiment in the project's assignments.
    judge: whether to hold the model against the launch and ask its gate again, which reads all past rows.
    Raises LabError where outcomes are not complete yet, or too few customers went without an offer.
    """
    definition = campaign_definition(lab, name)
    if definition.audience.flat:
        raise LabError(
            "The campaign's customers come from a flat file, and the project's tables do not know them.",
            "Who was assigned what, with which probability, lies in data/assignments/ and data/propensities/ "
            "for an analysis of your own. Where the plan is for the rows that the model was not trained on, "
            f"`lab campaign replay {name}` values it.",
            file=definition.file,
        )
    launch, plan = _launch(lab, name, experiment)
    horizon = definition.horizon_days if plan is None else int(plan.facts["horizon_days"])
    with lab.open_tables() as tables:
        table = experiment_rows(tables, [launch], horizon)
        end = tables.data_end()
        together = long_term_effect(tables, global_holdout(lab))
    rows, arms = _rows(table, plan)
    planned = None if plan is None else plan.rows()
    versus, why_not = _versus_random(rows, table, plan)
    common = run_tags("campaign", name, as_of=plan.as_of if plan else None)
    tags = {**common, "lab.role": "measure", "lab.experiment": launch}
    with start_run(lab.open_store(), f"campaign/{name}", f"measure {launch}", tags) as run:
        report = MeasureReport(
            experiment=launch,
            measured=measure_rows(rows),
            offers=arms[1:],
            extras=_extras(rows, table),
            policy_vs_random=versus,
            no_comparison=why_not,
            checks=checks(rows, arms),
            rows=len(rows.arm),
            holdout=int((rows.role == "holdout").sum()),
            without=int((rows.arm == 0).sum()),
            assigned_at=pc.min(table["assigned_at"]).as_py().replace(tzinfo=UTC),
            horizon_days=horizon,
            data_end=end,
            plan=plan,
            run_id=run.id,
            groups=Groups() if planned is None else measured_groups(rows, table, planned),
            model=model_standing(lab, rows, table, plan) if judge else None,
            long_term=together,
        )
        run.log_estimates("measured", _estimates(report))
        run.log_json("result.json", report.as_json())
    return report


def _launch(lab: Lab, name: str, experiment: str | None) -> tuple[str, PlanFile | None]:
    """The experiment to measure, and the plan it was drawn from; None for one that came from elsewhere."""
    if experiment is not None and not launched_plan(lab, name, experiment).exists():
        return experiment, None
    launch = latest_launch(lab, name, experiment)
    return launch, read_plan(launched_plan(lab, name, launch))


def _rows(table: pa.Table, plan: PlanFile | None) -> tuple[CampaignRows, tuple[str, ...]]:
    """The rows as the estimators read them, and the names of the arms, none first."""
    if plan is not None:
        planned = plan.rows()
        return campaign_rows(table, planned.arms, planned, plan.facts["offers"]), planned.arms
    arms = tuple(name[2:] for name in table.column_names if name.startswith("p."))
    return campaign_rows(table, arms), arms


def campaign_rows(
    table: pa.Table,
    arms: tuple[str, ...],
    planned: PlannedRows | None = None,
    costs: Mapping[str, Mapping[str, float]] | None = None,
) -> CampaignRows:
    """An experiment's rows as the estimators read them; table: of `experiment_rows`.

    planned: adds what the plan expected of each customer, which narrows the intervals. costs: of the offers
    where the project has no table of them.
    """
    position = {name: k for k, name in enumerate(arms)}
    arm = np.array([position[name] for name in table["arm"].to_pylist()], dtype=np.int64)
    contact, redemption = _money(table, "contact_cost"), _money(table, "redemption_cost")
    if costs is not None and np.isnan(contact).any():
        contact, redemption = _planned_costs(table, arm, arms, costs)
    _refuse_unknown_redemptions(redemption)
    return CampaignRows(
        arm=arm,
        intended=np.array([position[name or NONE] for name in table["intended_arm"].to_pylist()]),
        role=np.array(table["role"].to_pylist()),
        propensity=np.column_stack([_shares(table, name) for name in arms]),
        contribution=_money(table, "contribution"),
        redemption_cost=redemption,
        contact_cost=contact,
        covariates=None if planned is None else _baseline(table, planned),
    )


def _refuse_unknown_redemptions(cost: Floats) -> None:
    if np.isnan(cost).any():
        raise LabError(
            "Nothing says who redeemed an offer, and offers of this launch cost something per redemption, so "
            "what it earned cannot be told.",
            "`lab data import redemptions FILE`, or import transactions with a column offer_id. Where a "
            "redemption costs nothing beyond the discount, make its cost_per_redemption 0.",
        )


def _baseline(table: pa.Table, planned: PlannedRows) -> Floats:
    """(n, 1) what the plan expected of each customer without an offer."""
    return np.asarray(planned.baseline[planned_order(table, planned)][:, None], dtype=np.float64)


def _planned_costs(
    table: pa.Table, arm: Ints, arms: tuple[str, ...], costs: Mapping[str, Mapping[str, float]]
) -> tuple[Floats, Floats]:
    """(n,) contact and redemption costs of offers that the campaign itself prices."""
    contact = np.array([0.0, *(costs[name]["cost_per_contact"] for name in arms[1:])])[arm]
    price = np.array([0.0, *(costs[name]["cost_per_redemption"] for name in arms[1:])])[arm]
    redeemed = _money(table, "redeemed")
    if np.isnan(redeemed[price > 0]).any():
        raise LabError(
            "Redemptions cost something, and nothing says who redeemed.",
            "Import `redemptions`, or transactions with their offer_id.",
            key="redemptions",
        )
    return contact, np.where(price > 0, np.nan_to_num(redeemed) * price, 0.0)


def _money(table: pa.Table, column: str) -> Floats:
    return np.asarray(table[column].to_numpy(zero_copy_only=False), dtype=np.float64)


def _shares(table: pa.Table, arm: str) -> Floats:
    column = f"p.{arm}"
    if column not in table.column_names:
        return np.zeros(table.num_rows)
    return np.nan_to_num(np.asarray(table[column].to_numpy(zero_copy_only=False), dtype=np.float64))


def _versus_random(rows: CampaignRows, table: pa.Table, plan: PlanFile | None) -> tuple[Estimate | None, str]:
    if plan is not None and plan.facts.get("model_version") is None:
        return None, "no model chose anybody: the launch only explored"
    if table["intended_arm"].null_count:
        return None, "no policy's choices were logged with this experiment"
    try:
        return policy_vs_random(rows), ""
    except LabError as error:
        return None, error.found


def _extras(rows: CampaignRows, table: pa.Table) -> Extras:
    treated: Bools = np.asarray(rows.arm > 0)

    def beyond(column: str) -> Estimate:
        return increment(rows, _money(table, column), treated)

    return Extras(
        revenue=beyond("revenue"),
        discount=None if table["discount"].null_count else beyond("discount"),
        customers=beyond("active"),
        redemption_cost=float(rows.redemption_cost.sum()),
        contact_cost=float(rows.contact_cost.sum()),
    )


def _estimates(report: MeasureReport) -> dict[str, Estimate]:
    found = {
        "incremental_contribution": report.measured.incremental_contribution,
        "cost": report.measured.cost,
        "profit": report.measured.profit,
    }
    return found | ({"policy_vs_random": report.policy_vs_random} if report.policy_vs_random else {})
