"""What the evidence of a model's champion covers: campaigns for everybody, or only under a budget."""

import json
from typing import Literal

from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.journal import EVIDENCE, promotions
from retention_lab.tracking.registry import champion
from retention_lab.tracking.search import get_run
from retention_lab.workflows.project import Lab

Use = Literal["everyone", "budget", "both"]


def champion_use(lab: Lab, name: str) -> Use | None:
    """By the gate at its promotion; None where there is no champion, or it came in outside the gate."""
    store = lab.open_store()
    in_use = champion(store, name)
    entries = promotions(store, name) if in_use else []
    entry = next((one for one in entries if in_use and one.after == in_use.version), None)
    if entry is None or entry.action != "promote":
        return None
    evidence = json.loads(read_artifact(store, get_run(store, entry.run_id), EVIDENCE))
    found: dict[str, list[bool]] = {}
    for check in evidence["gate"]:
        found.setdefault(check["name"].partition(".")[0], []).append(check["passed"] is True)
    if "constant" in found:  # one offer for everybody serves both
        return "both"
    everyone, budget = all(found.get("G1", [False])), all(found.get("G2", [False]))
    if everyone and budget:
        return "both"
    return "everyone" if everyone else "budget"
