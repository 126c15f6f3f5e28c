"""`lab campaign export`: the send file of a launch, and its manifest."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from retention_lab.arrays import Bools
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.data.eligibility import audience
from retention_lab.targeting.exports.generic import send_file
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.whole_files import write_all
from retention_lab.workflows.campaign_audience import global_holdout
from retention_lab.workflows.launch_campaign import latest_launch, launched_plan
from retention_lab.workflows.plan_campaign import campaign_definition
from retention_lab.workflows.plan_files import PlanFile, read_plan
from retention_lab.workflows.project import Lab


@dataclass(frozen=True, slots=True)
class ExportReport:
    """A send file. files: path, rows and SHA-256 of each; withheld: customers by reason."""

    to: str
    files: list[dict[str, Any]]
    manifest: str
    withheld: dict[str, int]
    written: bool

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {
            "to": self.to,
            "files": self.files,
            "manifest": self.manifest,
            "withheld": self.withheld,
            "written": self.written,
        }


def export_campaign(
    lab: Lab, name: str, *, experiment: str | None = None, dry_run: bool = False
) -> ExportReport:
    """Write the customers who drew an offer, less those who must not be contacted now.

    Whoever is withheld stays assigned: the analysis is by assignment.
    """
    definition = campaign_definition(lab, name)
    launch = latest_launch(lab, name, experiment)
    assigned = pq.read_table(lab.folder / "data" / "assignments" / f"{launch}.parquet")
    plan = read_plan(launched_plan(lab, name, launch))
    arms = plan.rows().arms
    arm = np.array([arms.index(one) for one in assigned["arm"].to_pylist()], dtype=np.int64)
    ids = np.array(assigned["customer_id"].to_pylist())
    may = (arm == 0) | _may_be_contacted(lab, definition, plan, ids)
    found = send_file(
        launch,
        ids[may].tolist(),
        arm[may],
        np.array(assigned["role"].to_pylist())[may],
        arms[1:],
        _origin(definition, plan, withheld=int((~may).sum())),
        [definition.audience.channel] * len(arms[1:]) if definition.audience.channel else None,
    )
    folder = lab.folder / "campaigns" / name / "send"
    path, manifest = folder / found.name, folder / f"{launch}.manifest.json"
    file = {
        "path": str(path.relative_to(lab.folder)),
        "rows": found.manifest["rows"],
        "sha256": found.manifest["sha256"],
    }
    report = ExportReport(
        to=definition.export.to,
        files=[file],
        manifest=str(manifest.relative_to(lab.folder)),
        withheld={**found.manifest["withheld"], "consent_or_suppression": int((~may).sum())},
        written=not dry_run,
    )
    if not dry_run:
        document = json.dumps(found.manifest, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        write_all([(path, found.data), (manifest, document.encode())], retract=manifest)
        _track(lab, name, launch, plan, report)
    return report


def _may_be_contacted(lab: Lab, definition: CampaignDefinition, plan: PlanFile, ids: np.ndarray) -> Bools:
    """(n,) who consents, is not suppressed and in no global holdout, as of now: all may have changed since
    the launch. A simulated launch may lie ahead of the clock."""
    if definition.audience.flat:
        return np.ones(len(ids), dtype=np.bool_)
    with lab.open_tables() as tables:
        found = audience(
            tables,
            max(datetime.now(UTC), plan.as_of),
            channel=definition.audience.channel,
            min_days_between_assignments=0,
            global_holdout=global_holdout(lab),
        )
    return np.asarray(np.isin(ids, found.rows["customer_id"].to_pylist()), dtype=np.bool_)


def _origin(definition: CampaignDefinition, plan: PlanFile, *, withheld: int) -> dict[str, Any]:
    """What the manifest says about where the choices came from."""
    facts = plan.facts
    return {
        "campaign": definition.name,
        "as_of": facts["as_of"],
        "model": facts["model"],
        "model_version": facts["model_version"],
        "policy": definition.policy.model_dump(mode="json"),
        "budget": facts["budget"],
        "consent_or_suppression": withheld,
        "notes": facts["notes"],
    }


def _track(lab: Lab, name: str, launch: str, plan: PlanFile, report: ExportReport) -> None:
    tags = {
        **run_tags("campaign", name, as_of=plan.as_of),
        "lab.role": "export",
        "lab.experiment": launch,
    }
    with start_run(lab.open_store(), f"campaign/{name}", f"export {launch}", tags) as run:
        run.log_json("result.json", report.as_json())
