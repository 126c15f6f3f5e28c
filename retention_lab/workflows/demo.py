"""`lab demo`: the whole loop once on a simulated retailer, from an empty folder to a report."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from retention_lab.arrays import Ints
from retention_lab.config.loading import read_project
from retention_lab.reports import campaign as page
from retention_lab.simulate import Retailer, Truth, respond
from retention_lab.targeting.draw import Roles
from retention_lab.targeting.plan_value import expected_total, under_roles
from retention_lab.workflows.launch_campaign import LaunchReport, launch_campaign
from retention_lab.workflows.measure_campaign import MeasureReport, measure_campaign
from retention_lab.workflows.plan_campaign import PlanReport, campaign_definition, plan_campaign
from retention_lab.workflows.plan_files import PlannedRows
from retention_lab.workflows.project import Lab
from retention_lab.workflows.promote import PromoteReport, PromotionRequest, promote
from retention_lab.workflows.report_campaign import write_pages
from retention_lab.workflows.scaffold import scaffold
from retention_lab.workflows.simulated_data import data_folder, simulate_into, write_tables
from retention_lab.workflows.simulated_truth import plan_truth
from retention_lab.workflows.train_uplift import train_uplift
from retention_lab.workflows.uplift_report import UpliftReport

MODEL, CAMPAIGN = "winback-uplift", "winback"
HORIZON_DAYS = 30


@dataclass(frozen=True, slots=True)
class DemoReport:
    """The story of one loop. truth: expected profit of what was drawn, and of the usual ways, as only the
    simulation knows them; keys are `campaign`, `oracle` and the ways' names."""

    folder: Path
    customers: int
    training: UpliftReport
    promotion: PromoteReport
    plan: PlanReport
    launch: LaunchReport
    measured: MeasureReport
    truth: dict[str, float]
    report: str
    currency: str

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {
            "folder": str(self.folder),
            "customers": self.customers,
            "train": {"winner": self.training.winner, "targeting": self.training.targeting},
            "promote": self.promotion.as_json(),
            "plan": self.plan.as_json(),
            "launch": self.launch.as_json(),
            "measure": self.measured.as_json(),
            "baselines": self.plan.result["baselines"],
            "truth": self.truth,
            "report": self.report,
        }


def demo(folder: Path, *, customers: int, seed: int, say: Callable[[str], None]) -> DemoReport:
    """Make a lab in `folder`, simulate, train, promote, plan, launch, let customers respond, measure, report.

    Raises ConfigurationError where the folder has a project already.
    """
    say("making a lab")
    scaffold(folder)
    lab = Lab(read_project(folder))
    say(f"simulating {customers:,} customers")
    shop, _ = simulate_into(lab, customers=customers, seed=seed)
    training = train_uplift(lab, MODEL, say=say)
    say("asking the gate")
    promotion = promote(lab, PromotionRequest(MODEL, why="lab demo"))
    plan = plan_campaign(lab, CAMPAIGN, as_of=shop.as_of, say=say)
    say("launching")
    launch = launch_campaign(lab, CAMPAIGN, seed=seed)
    truth = _truth(lab, shop.truth, plan, launch)
    say("waiting 30 simulated days")
    _let_customers_respond(lab, shop, launch, customers=customers, seed=seed)
    say("measuring")
    measured = measure_campaign(lab, CAMPAIGN)
    ways = tuple((name, value) for name, value in truth.items() if name != "campaign")
    pages = write_pages(lab, CAMPAIGN, measured, page.Truth(truth["campaign"], ways))
    return DemoReport(
        folder=lab.folder,
        customers=customers,
        training=training,
        promotion=promotion,
        plan=plan,
        launch=launch,
        measured=measured,
        truth=truth,
        report=str(lab.folder / pages["file"]),
        currency=lab.settings.currency,
    )


def _let_customers_respond(
    lab: Lab, shop: Retailer, launch: LaunchReport, *, customers: int, seed: int
) -> None:
    """Everybody lives through the horizon, those assigned under their arm; the tables grow by it."""
    assignments = pq.read_table(lab.folder / launch.assignments_file)
    after = respond(shop, assignments, at=shop.as_of, horizon_days=HORIZON_DAYS, seed=seed).retailer
    facts = {"customers": customers, "seed": seed, "launched": launch.experiment}
    write_tables(data_folder(lab), after.tables, {**facts, "as_of": after.as_of.isoformat()})


def _truth(lab: Lab, truth: Truth, plan: PlanReport, launch: LaunchReport) -> dict[str, float]:
    """Expected profit over none, as the simulation knows it: of the arms drawn, of the oracle's choices and
    of the usual ways, the last two before the draw and under the same holdout and exploration."""
    rows = plan.rows
    known = plan_truth(truth, rows, campaign_definition(lab, CAMPAIGN).budget)
    shares = Roles(float(plan.result["holdout"]), rows.exploration)

    def before_the_draw(choice: Ints) -> float:
        chances = under_roles(np.eye(len(rows.arms))[choice], known.feasible, shares)
        return expected_total(chances, known.gain)

    return {
        "campaign": known.earns(_drawn(lab, launch, rows)),
        "oracle": before_the_draw(known.best()),
        **{name: before_the_draw(choice) for name, choice in plan.ways.items()},
    }


def _drawn(lab: Lab, launch: LaunchReport, rows: PlannedRows) -> Ints:
    """(n,) the arm that each customer of the plan drew."""
    drawn = pq.read_table(lab.folder / launch.assignments_file)
    position = {name: k for k, name in enumerate(rows.arms)}
    arm = dict(zip(drawn["customer_id"].to_pylist(), drawn["arm"].to_pylist(), strict=True))
    return np.array([position[arm[customer]] for customer in rows.ids.tolist()])
