"""`lab campaign export`: the send files of a launch, and their manifest."""

import json
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from retention_lab import catalog
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.data.connect import Tables
from retention_lab.targeting.exports.format import Format
from retention_lab.targeting.exports.send import Launched, Sending, send_files
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.whole_files import write_all
from retention_lab.workflows.campaign_contacts import Reach, reach
from retention_lab.workflows.launch_campaign import latest_launch, launched_plan
from retention_lab.workflows.plan_campaign import campaign_definition
from retention_lab.workflows.plan_files import PlanFile, read_plan
from retention_lab.workflows.project import Lab
from retention_lab.workflows.recommend_rules import agreed


@dataclass(frozen=True, slots=True)
class ExportReport:
    """Send files. files: path, rows and SHA-256 of each; withheld: customers by reason."""

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
    plan = read_plan(launched_plan(lab, name, launch))
    found = _sending(lab, definition, launch, plan)
    folder = lab.folder / "campaigns" / name / "send"
    manifest = folder / f"{launch}.manifest.json"
    report = ExportReport(
        to=definition.export.to,
        files=[
            {"path": str((folder / one.name).relative_to(lab.folder)), "rows": one.rows, "sha256": one.sha256}
            for one in found.files
        ],
        manifest=str(manifest.relative_to(lab.folder)),
        withheld=found.withheld,
        written=not dry_run,
    )
    if not dry_run:
        _write(folder, manifest, found)
        _track(lab, name, launch, plan, report)
    return report


def _sending(lab: Lab, definition: CampaignDefinition, launch: str, plan: PlanFile) -> Sending:
    """The files as the assignments, and consent, suppressions and addresses of now, have them."""
    assigned = pq.read_table(lab.folder / "data" / "assignments" / f"{launch}.parquet")
    arms = plan.rows().arms
    arm = np.array([arms.index(one) for one in assigned["arm"].to_pylist()], dtype=np.int64)
    ids = np.array(assigned["customer_id"].to_pylist())
    # a simulated launch may lie ahead of the clock
    now = max(datetime.now(UTC), plan.as_of)
    with nullcontext() if definition.audience.flat else lab.open_tables() as tables:
        reached = reach(lab, definition, tables, (ids, arm, arms[1:]), now)
        products = _products(plan, tables, ids)
    launched = Launched(
        experiment=launch,
        customers=ids.tolist(),
        arm=arm,
        role=np.array(assigned["role"].to_pylist()),
        may=reached.may,
        offers=arms[1:],
        channels=reached.channels,
        products=products,
    )
    form: Format = catalog.resolve(catalog.EXPORTS[definition.export.to])
    return send_files(launched, reached.contacts, form, _origin(definition, plan, reached))


def _products(plan: PlanFile, tables: Tables | None, ids: np.ndarray) -> list[list[str | None]]:
    """The planned products of the launch's customers; of nobody who no longer agrees to be profiled."""
    content, rows = plan.facts.get("content"), plan.rows()
    if content is None or tables is None or rows.products is None:
        return []
    place = {customer: i for i, customer in enumerate(rows.ids.tolist())}
    found = rows.products[[place[customer] for customer in ids.tolist()]]
    agree = agreed(tables, ids.tolist()) if content["asks_consent"] else None
    if agree is not None:
        found[~agree] = None
    products: list[list[str | None]] = found.tolist()
    return products


def _write(folder: Path, manifest: Path, found: Sending) -> None:
    """The files, the manifest last; files of an earlier export of this launch go, and so do its customers."""
    document = json.dumps(found.manifest, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    names = {one.name for one in found.files}
    for old in folder.glob(f"{found.manifest['experiment']}.*csv"):
        if old.name not in names:
            old.unlink()
    files = [(folder / one.name, one.data) for one in found.files]
    write_all([*files, (manifest, document.encode())], retract=manifest)


def _origin(definition: CampaignDefinition, plan: PlanFile, reached: Reach) -> dict[str, Any]:
    """What the manifest says about where the choices came from."""
    facts = plan.facts
    return {
        "to": definition.export.to,
        "campaign": definition.name,
        "as_of": facts["as_of"],
        "model": facts["model"],
        "model_version": facts["model_version"],
        "policy": definition.policy.model_dump(mode="json"),
        "budget": facts["budget"],
        "content": facts.get("content"),
        "notes": list(dict.fromkeys([*facts["notes"], *reached.notes])),
    }


def _track(lab: Lab, name: str, launch: str, plan: PlanFile, report: ExportReport) -> None:
    tags = {
        **run_tags("campaign", name, as_of=plan.as_of),
        "lab.role": "export",
        "lab.experiment": launch,
    }
    with start_run(lab.open_store(), f"campaign/{name}", f"export {launch}", tags) as run:
        run.log_json("result.json", report.as_json())
