"""Eight processes that train in a fresh project at the same time."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from evidence import crash_examine
from tests.crash.conftest import Lab


@pytest.mark.slow
def test_eight_trainings_at_once_in_a_fresh_project_lose_no_run(project: Path, lab: Lab) -> None:
    processes = [lab("train", "mail", "--json") for _ in range(8)]
    ended = [(process.communicate(timeout=300), process.returncode) for process in processes]
    assert [(errors, code) for (_, errors), code in ended] == [("", 0)] * 8
    results = [json.loads(out)["result"] for (out, _), _ in ended]
    assert sorted(result["model_version"] for result in results) == [str(k) for k in range(1, 9)]
    with closing(sqlite3.connect(project / "mlruns" / "mlflow.db")) as store:
        runs = dict(store.execute("SELECT run_uuid, status FROM runs").fetchall())
        parents = [
            parent for (parent,) in store.execute("SELECT value FROM tags WHERE key = 'mlflow.parentRunId'")
        ]
        (challenger,) = store.execute(
            "SELECT CAST(version AS TEXT) FROM registered_model_aliases WHERE alias = 'challenger'"
        ).fetchall()
        metrics = store.execute("SELECT count(DISTINCT run_uuid) FROM metrics").fetchone()[0]
    assert set(runs.values()) == {"FINISHED"}
    assert sorted(parents) == sorted(result["run_id"] for result in results)  # one candidate each
    assert len(runs) == 16
    assert metrics == 16
    assert challenger[0] in {result["model_version"] for result in results}
    assert not any(crash_examine.faults(project).values())
    assert not crash_examine.staged(project)
