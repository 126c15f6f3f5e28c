"""The commands of the thin loop: start-up, the demo, training on a real file, the tracking store."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import Cost, cost

TITLE = "The loop"
NOTE = "Whole commands, each a process of its own. Medians after one run that is not counted."
LAB = [sys.executable, "-m", "retention_lab"]
BARE_STORE = (
    "import os, mlflow; c = mlflow.MlflowClient('sqlite:///' + os.environ['STORE'] + '/mlflow.db'); "
    "c.create_experiment('x', artifact_location=os.environ['STORE'])"
)
OUR_STORE = (
    "import os, pathlib; from retention_lab.tracking.runs import experiment_id; "
    "from retention_lab.tracking.store import open_store; "
    "experiment_id(open_store(pathlib.Path(os.environ['STORE'])), 'x')"
)
ROOT = Path(__file__).resolve().parents[1]


def table() -> list[list[str]]:
    """Rows of name, CPU s, wall s, peak MiB, runs; the first row is the head."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        rows = [["what", "CPU s", "wall s", "peak MiB", "runs"]]
        rows.append(_row("python -c 'import typer'", cost([sys.executable, "-c", "import typer"])))
        rows.append(_row("lab --help", cost([*LAB, "--help"])))
        rows.append(_row("python -c 'import mlflow'", cost([sys.executable, "-c", "import mlflow"], runs=3)))
        rows += _stores(folder / "store")
        rows.append(_demo(folder / "demo"))
        rows += _hillstrom(folder / "hillstrom")
    return rows


def _stores(folder: Path) -> list[list[str]]:
    def fresh() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    named = {"a fresh store, bare MLflow": BARE_STORE, "a fresh store, from the template": OUR_STORE}
    return [
        _row(
            name,
            cost([sys.executable, "-c", code], runs=3, before=fresh, environment={"STORE": str(folder)}),
        )
        for name, code in named.items()
    ]


def _demo(folder: Path) -> list[str]:
    command = [*LAB, "demo", str(folder)]
    found = cost(command, runs=3, before=lambda: shutil.rmtree(folder, ignore_errors=True))
    return _row("lab demo (20,000 customers)", found)


def _hillstrom(folder: Path) -> list[list[str]]:
    data = Path(os.environ.get("RETENTION_LAB_DATA", ROOT.parent / "shared" / "data"))
    if not (data / "hillstrom" / "hillstrom.csv.gz").exists():
        print(
            "left out: lab train hillstrom (set RETENTION_LAB_DATA to the folder that has hillstrom.csv.gz)"
        )
        return []
    shutil.copytree(ROOT / "experiments", folder / "experiments")
    shutil.copytree(ROOT / "campaigns", folder / "campaigns")
    shutil.copy(ROOT / "lab.yaml", folder)
    command = [*LAB, "train", "hillstrom", "--project", str(folder)]
    return [
        _row(
            "lab train hillstrom (64,000 rows, 3 arms)",
            cost(command, runs=3, environment={"RETENTION_LAB_DATA": str(data)}),
        )
    ]


def _row(name: str, found: Cost) -> list[str]:
    return [name, f"{found.cpu:.2f}", f"{found.wall:.2f}", f"{found.peak:.0f}", str(found.runs)]
