"""`lab campaign launch`: the draw, written once."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.loading import definition_sha256
from retention_lab.data.assignments import launch_name, write_launch
from retention_lab.data.write import write_whole
from retention_lab.errors import LabError, did_you_mean
from retention_lab.targeting.draw import EXPLORATION, HOLDOUT, Draw, Roles, draw
from retention_lab.tracking.registry import champion
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.tracking.store import Store
from retention_lab.workflows.plan_campaign import campaign_definition
from retention_lab.workflows.plan_files import PlanFile, PlannedRows, latest_plan
from retention_lab.workflows.project import Lab


@dataclass(frozen=True, slots=True)
class LaunchReport:
    """A launch. holdout, exploration: customers in those roles."""

    experiment: str
    assigned: dict[str, int]
    holdout: int
    exploration: int
    assignments_file: str
    run_id: str

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {
            "experiment": self.experiment,
            "assigned": self.assigned,
            "holdout": self.holdout,
            "exploration": self.exploration,
            "assignments_file": self.assignments_file,
            "run_id": self.run_id,
        }


def launch_campaign(lab: Lab, name: str, *, seed: int | None = None) -> LaunchReport:
    """Draw the arms of the latest plan and write the assignments, all or none.

    seed: None draws one that nobody knew before. Raises LabError where the plan is not today's definition's,
    its model is no longer the champion, or it has been launched already.
    """
    definition = campaign_definition(lab, name)
    plan = latest_plan(lab, name)
    store = lab.open_store()
    _refuse_stale(store, definition, plan)
    rows = plan.rows()
    experiment = _free_name(lab, name, plan)
    number = secrets.randbelow(2**63) if seed is None else seed
    shares = Roles(float(plan.facts["holdout"]), rows.exploration)
    drawn = draw(
        rows.ids.tolist(), rows.intended, rows.propensity[:, 1:] > 0, shares, f"{experiment}/{number}"
    )
    tags = {
        **run_tags("campaign", name, as_of=plan.as_of),
        "lab.role": "launch",
        "lab.experiment": experiment,
    }
    with start_run(store, f"campaign/{name}", f"launch {experiment}", tags) as run:
        run.log_params({"seed": number, "plan": plan.path.name})
        # kept before the assignments: where they are, the plan that made them is too
        write_whole(launched_plan(lab, name, experiment), plan.path.read_bytes())
        file = write_launch(lab.folder, experiment, *_tables(experiment, plan, rows, drawn))
        report = _report(experiment, rows, drawn, str(file.relative_to(lab.folder)), run.id)
        run.log_json("result.json", report.as_json())
    return report


def launched_plan(lab: Lab, name: str, experiment: str) -> Path:
    """The plan that a launch drew from."""
    return lab.folder / "campaigns" / name / "launched" / f"{experiment}.parquet"


def latest_launch(lab: Lab, name: str, experiment: str | None = None) -> str:
    """A launch of the campaign by its name, or the latest. Raises LabError where there is none."""
    found = [path.stem for path in (lab.folder / "campaigns" / name / "launched").glob("*.parquet")]
    written = [one for one in found if (lab.folder / "data" / "assignments" / f"{one}.parquet").exists()]
    written.sort(key=_order)
    if not written:
        raise LabError(f"'{name}' has not been launched yet.", f"Launch it: `lab campaign launch {name}`.")
    if experiment is None:
        return written[-1]
    if experiment not in written:
        raise LabError(f"'{name}' has no launch '{experiment}'.", did_you_mean(experiment, written))
    return experiment


def _order(experiment: str) -> tuple[str, int]:
    """By date, then by number: winback-2026-03-01-2 comes after winback-2026-03-01."""
    found = re.fullmatch(r".*-(\d{4}-\d{2}-\d{2})(?:-(\d+))?", experiment)
    return (found[1], int(found[2] or 1)) if found else (experiment, 1)


def _refuse_stale(store: Store, definition: CampaignDefinition, plan: PlanFile) -> None:
    facts = plan.facts
    again = f"Plan again: `lab campaign plan {definition.name}`."
    if facts["definition_sha256"] != definition_sha256(definition):
        raise LabError(
            "The campaign's definition has changed since the plan was made (or it was planned with --set).",
            again,
            file=plan.path,
        )
    reference = definition.policy.model
    if reference.selector == "@champion":
        now = champion(store, reference.name)
        if (now.version if now else None) != facts["model_version"]:
            raise LabError("Another version is champion since the plan was made.", again, file=plan.path)


def _free_name(lab: Lab, name: str, plan: PlanFile) -> str:
    """The launch's name. Raises LabError where this very plan was launched already."""
    content = plan.path.read_bytes()
    for path in (lab.folder / "campaigns" / name / "launched").glob("*.parquet"):
        done = (lab.folder / "data" / "assignments" / path.name).exists()
        if done and path.read_bytes() == content:
            raise LabError(
                f"This plan was launched already, as {path.stem}: its customers are assigned.",
                f"Export it (`lab campaign export {name}`), or plan again for others.",
                file=plan.path,
            )
    return launch_name(lab.folder, name, plan.as_of.date())


def _tables(experiment: str, plan: PlanFile, rows: PlannedRows, drawn: Draw) -> tuple[pa.Table, pa.Table]:
    names = np.array(rows.arms, dtype=object)
    count, at = len(rows.ids), np.arange(len(rows.ids))
    ids = pa.array(rows.ids.tolist(), pa.string())
    assigned_at = plan.as_of.astimezone(UTC).replace(tzinfo=None)
    assignments = pa.table(
        {
            "experiment": pa.array([experiment] * count),
            "customer_id": ids,
            "arm": pa.array(names[drawn.arm].tolist()),
            "propensity": pa.array(drawn.propensity[at, drawn.arm]),
            "assigned_at": pa.array([assigned_at] * count, pa.timestamp("us")),
            "role": pa.array(drawn.role.tolist()),
            "intended_arm": pa.array(names[drawn.intended].tolist()),
        }
    )
    feasible = drawn.propensity > 0
    row, arm = np.nonzero(feasible)
    propensities = pa.table(
        {
            "experiment": pa.array([experiment] * len(row)),
            "customer_id": ids.take(pa.array(row)),
            "arm": pa.array(names[arm].tolist()),
            "propensity": pa.array(drawn.propensity[row, arm]),
        }
    )
    return assignments, propensities


def _report(experiment: str, rows: PlannedRows, drawn: Draw, file: str, run_id: str) -> LaunchReport:
    counts = np.bincount(drawn.arm, minlength=len(rows.arms))
    return LaunchReport(
        experiment=experiment,
        assigned=dict(zip(rows.arms, counts.tolist(), strict=True)),
        holdout=int((drawn.role == HOLDOUT).sum()),
        exploration=int((drawn.role == EXPLORATION).sum()),
        assignments_file=file,
        run_id=run_id,
    )
