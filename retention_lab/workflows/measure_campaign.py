"""`lab campaign measure`: what a launch caused, from its randomised rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats
from retention_lab.data.experiments import experiment_rows
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, not_computed
from retention_lab.targeting.incremental import CampaignRows, Measured, increment
from retention_lab.targeting.incremental import measure as measure_rows
from retention_lab.targeting.trust import checks
from retention_lab.targeting.versus_random import policy_vs_random
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.workflows.launch_campaign import latest_launch, launched_plan
from retention_lab.workflows.plan_campaign import campaign_definition
from retention_lab.workflows.plan_files import PlanFile, PlannedRows, read_plan
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_report import Check


@dataclass(frozen=True, slots=True)
class Extras:
    """What the report shows beside the totals: amount paid, discount and buying customers beyond none, and
    the money spent on redemptions and on contacts."""

    revenue: Estimate
    discount: Estimate
    customers: Estimate
    redemption_cost: float
    contact_cost: float


@dataclass(frozen=True, slots=True)
class MeasureReport:
    """A measured launch."""

    experiment: str
    measured: Measured
    offers: tuple[str, ...]
    extras: Extras
    policy_vs_random: Estimate | None
    no_comparison: str
    checks: list[Check]
    rows: int
    holdout: int
    assigned_at: datetime
    horizon_days: int
    data_end: datetime
    plan: PlanFile
    run_id: str

    @property
    def trustworthy(self) -> bool:
        """Whether no hard check failed."""
        return not any(one["severity"] == "hard" and one["passed"] is False for one in self.checks)

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        found = self.measured
        versus = self.policy_vs_random
        return {
            "experiment": self.experiment,
            "trustworthy": self.trustworthy,
            "incremental_contribution": found.incremental_contribution.as_json(),
            "cost": found.cost.as_json(),
            "profit": found.profit.as_json(),
            "roi": not_computed("nothing was spent") if found.roi is None else found.roi.as_json(),
            "per_offer": [self._offer(k) for k in range(len(self.offers))],
            "policy_vs_random": not_computed(self.no_comparison) if versus is None else versus.as_json(),
            "incremental_revenue": self.extras.revenue.as_json(),
            "incremental_customers": self.extras.customers.as_json(),
            "discount": self.extras.discount.as_json(),
            "redemption_cost": self.extras.redemption_cost,
            "contact_cost": self.extras.contact_cost,
            "expected": self.plan.facts["expected"],
            "baselines": self.plan.facts["baselines"],
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


def measure_campaign(lab: Lab, name: str, *, experiment: str | None = None) -> MeasureReport:
    """Measure a launch whose horizon has passed, by assignment, against no offer for all.

    Raises LabError where outcomes are not complete yet, or too few customers went without an offer.
    """
    definition = campaign_definition(lab, name)
    launch = latest_launch(lab, name, experiment)
    plan = read_plan(launched_plan(lab, name, launch))
    if definition.audience.flat:
        raise LabError(
            "The campaign's customers come from a flat file, and the project's tables do not know them.",
            f"Value the plan on logged outcomes: `lab campaign replay {name}`.",
            file=definition.file,
        )
    planned = plan.rows()
    with lab.open_tables() as tables:
        table = experiment_rows(tables, [launch], int(plan.facts["horizon_days"]))
        end = tables.data_end()
    rows = campaign_rows(table, planned)
    versus, why_not = _versus_random(rows)
    tags = {**run_tags("campaign", name, as_of=plan.as_of), "lab.role": "measure", "lab.experiment": launch}
    with start_run(lab.open_store(), f"campaign/{name}", f"measure {launch}", tags) as run:
        measured = measure_rows(rows)
        report = MeasureReport(
            experiment=launch,
            measured=measured,
            offers=planned.offers,
            extras=_extras(rows, table),
            policy_vs_random=versus,
            no_comparison=why_not,
            checks=checks(rows, planned.arms),
            rows=len(rows.arm),
            holdout=int((rows.role == "holdout").sum()),
            assigned_at=plan.as_of,
            horizon_days=int(plan.facts["horizon_days"]),
            data_end=end,
            plan=plan,
            run_id=run.id,
        )
        run.log_estimates("measured", _estimates(report))
        run.log_json("result.json", report.as_json())
    return report


def campaign_rows(table: pa.Table, planned: PlannedRows) -> CampaignRows:
    """A launch's rows as the estimators read them, with what the plan expected of each customer."""
    position = {name: k for k, name in enumerate(planned.arms)}
    place = {customer: i for i, customer in enumerate(planned.ids.tolist())}
    order = np.array([place[customer] for customer in table["customer_id"].to_pylist()], dtype=np.int64)

    def money(column: str) -> Floats:
        return np.asarray(table[column].to_numpy(), dtype=np.float64)

    return CampaignRows(
        arm=np.array([position[name] for name in table["arm"].to_pylist()], dtype=np.int64),
        intended=np.array([position[name] for name in table["intended_arm"].to_pylist()], dtype=np.int64),
        role=np.array(table["role"].to_pylist()),
        propensity=np.column_stack([_shares(table, name) for name in planned.arms]),
        contribution=money("contribution"),
        redemption_cost=money("redemption_cost"),
        contact_cost=money("contact_cost"),
        covariates=planned.baseline[order][:, None],
    )


def _shares(table: pa.Table, arm: str) -> Floats:
    column = f"p.{arm}"
    if column not in table.column_names:
        return np.zeros(table.num_rows)
    return np.nan_to_num(np.asarray(table[column].to_numpy(zero_copy_only=False), dtype=np.float64))


def _versus_random(rows: CampaignRows) -> tuple[Estimate | None, str]:
    try:
        return policy_vs_random(rows), ""
    except LabError as error:
        return None, error.found


def _extras(rows: CampaignRows, table: pa.Table) -> Extras:
    treated: Bools = np.asarray(rows.arm > 0)

    def beyond(column: str) -> Estimate:
        return increment(rows, np.asarray(table[column].to_numpy(), dtype=np.float64), treated)

    return Extras(
        revenue=beyond("revenue"),
        discount=beyond("discount"),
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
