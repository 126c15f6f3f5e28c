"""`lab campaign launch`: the draw, written once."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.loading import definition_sha256
from retention_lab.data.assignments import launch_name, write_launch
from retention_lab.errors import LabError, did_you_mean
from retention_lab.targeting.draw import EXPLORATION, HOLDOUT, Draw, Roles, draw
from retention_lab.tracking.registry import alias_version
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.tracking.store import Store
from retention_lab.whole_files import write_whole
from retention_lab.workflows.plan_campaign import campaign_definition
from retention_lab.workflows.plan_files import PlanFile, PlannedRows, latest_plan, read_plan
from retention_lab.workflows.plan_freshness import refuse_changed
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
    its model is no longer in use, it has been launched already, another launch took its customers since, or
    the data or consents that it was made from have changed.
    """
    definition = campaign_definition(lab, name)
    plan = latest_plan(lab, name)
    store = lab.open_store()
    _refuse_stale(store, definition, plan)
    rows = plan.rows()
    _refuse_launched(lab, name, plan)
    _refuse_taken(lab, definition, plan, rows.ids)
    refuse_changed(lab, store, definition, plan, rows)
    experiment = launch_name(lab.folder, name, plan.as_of.date())
    number = secrets.randbelow(2**63) if seed is None else seed
    shares = Roles(float(plan.facts["holdout"]), rows.exploration, rows.favoured)
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
    written = launches(lab, name)
    if not written:
        raise LabError(f"'{name}' has not been launched yet.", f"Launch it: `lab campaign launch {name}`.")
    if experiment is None:
        return written[-1]
    if experiment not in written:
        raise LabError(f"'{name}' has no launch '{experiment}'.", did_you_mean(experiment, written))
    return experiment


def launches(lab: Lab, name: str) -> list[str]:
    """The launches of a campaign, the oldest first."""
    found = [path.stem for path in (lab.folder / "campaigns" / name / "launched").glob("*.parquet")]
    return sorted((one for one in found if _assignments(lab, one).exists()), key=_order)


def launch_of(lab: Lab, name: str, plan: PlanFile) -> str | None:
    """The launch that was drawn from this very plan, None where there is none."""
    content = plan.path.read_bytes()
    drawn = (one for one in launches(lab, name) if launched_plan(lab, name, one).read_bytes() == content)
    return next(drawn, None)


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
    if reference.selector.startswith("@"):
        now = alias_version(store, reference.name, reference.selector[1:])
        if (now.version if now else None) != facts["model_version"]:
            raise LabError(
                f"Another version is {reference.selector[1:]} since the plan was made.", again, file=plan.path
            )


def _refuse_launched(lab: Lab, name: str, plan: PlanFile) -> None:
    launch = launch_of(lab, name, plan)
    if launch is not None:
        raise LabError(
            f"This plan was launched already, as {launch}: its customers are assigned.",
            f"Export it (`lab campaign export {name}`), or plan again for others.",
            file=plan.path,
        )


def _refuse_taken(lab: Lab, definition: CampaignDefinition, plan: PlanFile, ids: np.ndarray) -> None:
    """A customer is in one open campaign at a time; eligibility was asked when the plan was made, not now.

    Rows of a flat file are customers of that campaign alone, and without an id nobody is recognised.
    """
    flat = definition.audience.flat
    if flat and definition.audience.id is None:
        return
    span = timedelta(days=definition.min_days_between_assignments)
    for path in sorted((lab.folder / "data" / "assignments").glob("*.parquet")):
        origins = list((lab.folder / "campaigns").glob(f"*/launched/{path.name}"))
        same_ids = any(one.parent.parent.name == definition.name for one in origins)
        if not same_ids and (flat or any(read_plan(one).facts["flat"] for one in origins)):
            continue
        written = pq.read_table(path, columns=["customer_id", "assigned_at"])
        near = np.array(
            [abs(at - plan.as_of) < span for at in written["assigned_at"].to_pylist()], dtype=bool
        )
        taken = int(np.isin(ids, written["customer_id"].to_numpy()[near]).sum())
        if taken:
            raise LabError(
                f"{taken} of the plan's {len(ids)} customers were assigned in {path.stem}, which is still "
                "open: in two campaigns at once, neither could be measured.",
                f"Plan again: `lab campaign plan {definition.name}`.",
                file=plan.path,
            )


def _assignments(lab: Lab, experiment: str) -> Path:
    return lab.folder / "data" / "assignments" / f"{experiment}.parquet"


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
