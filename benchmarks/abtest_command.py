"""`lab experiment analyze` as a whole beside a bare script that opens the same store and logs the same run;
and what the analysis itself takes once statistics are stored."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.processes import cost
from retention_lab.abtest.analyze import analyze
from retention_lab.abtest.specification import specification
from retention_lab.abtest.stored import from_files, to_files
from retention_lab.abtest.summarise import summarise

TITLE = "lab experiment analyze"
NOTE = """One test of 20 metrics and 20,000 units in two arms. Whole commands, each a process of its own,
medians of five runs after one that is not counted; the bare script imports MLflow, opens the same store and
logs a run with the same metrics, tags and files. Milliseconds of the analysis alone: median of 50."""
LAB = [sys.executable, "-m", "retention_lab"]
METRICS = 20
BARE = """
import os, sys, json, mlflow
from pathlib import Path
folder = Path(sys.argv[1])
logged = json.loads((folder / "logged.json").read_text())
client = mlflow.MlflowClient(f"sqlite:///{folder}/mlruns/mlflow.db")
found = client.get_experiment_by_name("bare")
place = str(folder / "bare")
experiment = found.experiment_id if found else client.create_experiment("bare", artifact_location=place)
run = client.create_run(experiment, tags=logged["tags"], run_name="bare")
from mlflow.entities import Metric
client.log_batch(run.info.run_id, metrics=[Metric(k, v, 0, 0) for k, v in logged["metrics"].items()])
for name, text in logged["files"].items():
    path = folder / name
    path.write_text(text)
    client.log_artifact(run.info.run_id, str(path))
client.set_terminated(run.info.run_id)
"""


# a process of its own: a store that was opened leaves threads behind, which take turns with what is timed
_ALONE = [sys.executable, "-c", "from benchmarks.abtest_command import alone; print(alone())"]


def table() -> list[list[str]]:
    """Rows of what, CPU s, wall s, ratio to the bare script; the first row is the head."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        _project(folder)
        command = cost([*LAB, "experiment", "analyze", "wide", "--project", text])
        _logged(folder)
        bare = cost([sys.executable, "-c", BARE, text])
        milliseconds = float(subprocess.run(_ALONE, capture_output=True, text=True, check=True).stdout)
        return [
            ["what", "CPU s", "wall s", "to the bare script"],
            [
                "lab experiment analyze",
                f"{command.cpu:.2f}",
                f"{command.wall:.2f}",
                f"{command.cpu / bare.cpu:.2f}",
            ],
            ["bare script", f"{bare.cpu:.2f}", f"{bare.wall:.2f}", "1.00"],
            ["20 metrics from stored statistics", f"{milliseconds / 1000:.4f}", "", ""],
        ]


def _definition() -> dict[str, object]:
    metrics = [{"name": f"m{k}", "type": "mean", "column": f"m{k}"} for k in range(METRICS)]
    metrics[0]["role"] = "primary"
    return {"unit": "unit", "arm": "arm", "control": "a", "planned_shares": {"a": 0.5, "b": 0.5},
            "metrics": metrics, "analysis": {"sequential": "fixed"}}  # fmt: skip


def _units() -> pa.Table:
    rng = np.random.default_rng(1)
    n = 20_000
    columns: dict[str, object] = {"unit": np.arange(n), "arm": rng.choice(["a", "b"], n)}
    columns |= {f"m{k}": rng.gamma(2, 5, n) for k in range(METRICS)}
    return pa.table(columns)


def _project(folder: Path) -> None:
    for name in ("experiments", "campaigns", "data"):
        (folder / name).mkdir()
    (folder / "lab.yaml").write_text("name: bench\ncurrency: EUR\n", encoding="utf-8")
    pq.write_table(_units(), folder / "data" / "wide.parquet")
    definition = {"kind": "abtest", "table": "data/wide.parquet", **_definition()}
    (folder / "experiments" / "wide.yaml").write_text(json.dumps(definition), encoding="utf-8")


def _logged(folder: Path) -> None:
    """What the command logs, for the bare script to log too."""
    from retention_lab.tracking.artifacts import read_artifact
    from retention_lab.tracking.search import find_runs
    from retention_lab.tracking.store import open_store

    store = open_store(folder)
    run = find_runs(store, "abtest/wide")[0]
    files = {"result.json": read_artifact(store, run, "result.json").decode()}
    for path in sorted(Path(run.artifact_uri.removeprefix("file://")).rglob("*.html")):
        files[path.name] = path.read_text(encoding="utf-8")
    logged = {"tags": dict(run.tags), "metrics": dict(run.metrics), "files": files}
    logged["tags"] = {k: v for k, v in logged["tags"].items() if not k.startswith("mlflow.")}
    (folder / "logged.json").write_text(json.dumps(logged), encoding="utf-8")


def alone() -> float:
    """Milliseconds from stored statistics to the result, in this process."""
    spec = specification(_definition())
    files = to_files(summarise(_units(), spec))
    found = []
    for _ in range(50):
        start = time.perf_counter()
        analyze(from_files(files), spec).as_json()
        found.append((time.perf_counter() - start) * 1000)
    return statistics.median(found)
