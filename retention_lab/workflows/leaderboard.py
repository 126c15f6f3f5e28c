"""`lab leaderboard`: the candidates of the latest training side by side, and all versions."""

import json
from typing import Any

from retention_lab.errors import LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.registry import versions
from retention_lab.tracking.search import find_runs
from retention_lab.workflows.project import Lab


def leaderboard(lab: Lab, name: str) -> dict[str, Any]:
    """Candidates of the newest finished training by their cross-fitted loss (of whatever kind: less is
    better), then the registered versions.

    Raises LabError where nothing has been trained under that name.
    """
    store = lab.open_store()
    found = find_runs(store, f"train/{name}", "tags.`lab.role` = 'parent' and attributes.status = 'FINISHED'")
    runs = [run for run in found if run.tags.get("lab.trustworthy") != "false"]  # those fitted nothing
    if not runs:
        refused = f" {len(found)} failed a hard check." if found else ""
        raise LabError(f"No training of '{name}' has finished.{refused}", f"Run `lab train {name}`.")
    result = json.loads(read_artifact(store, runs[0], "result.json"))
    candidates = sorted(result["candidates"], key=lambda one: float(one["cross_fitted_loss"]))
    return {
        "name": name,
        "run_id": runs[0].id,
        "trainings": len(runs),
        "best": result["best"],
        "winner": result["winner"],
        "kind": result["kind"],
        "targeting": result.get("targeting"),
        "chosen_by": result.get("chosen_by"),
        "candidates": candidates,
        "understanding": result.get("understanding"),
        "versions": [
            {
                "version": version.version,
                "aliases": list(version.aliases),
                "learner": version.tags.get("lab.learner"),
                "targeting": version.tags.get("lab.targeting"),
                "run_id": version.run_id,
            }
            for version in versions(store, name)
        ],
    }
