"""How time and memory of the stack grow with the rows: population (b) with 1, 3 and 10 million."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.uplift_data import unequal_arms

TITLE = "Uplift on many rows"
NOTE = "Population (b); one process a size, one thread. Memory is its peak beyond what the data loaded takes."
ROWS = (1_000_000, 3_000_000, 10_000_000)
TRAIN = """
import json, os, sys
import numpy as np
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.selection import fit_candidate

def mib():  # of this program alone: ru_maxrss also counts the process that started it
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024

small = np.random.default_rng(0)
warm = UpliftSample(small.normal(size=(5000, 3)), small.integers(0, 2, 5000), small.normal(size=5000))
fit_candidate("stack", prepare(warm))  # compiled, imported
folder = sys.argv[1] + "/"
features, arm, outcome, chance = (np.load(folder + f"{name}.npy") for name in ("x", "arm", "y", "p"))
before, start = mib(), os.times().user
fit_candidate("stack", prepare(UpliftSample(features, arm, outcome, chance)))
print(json.dumps({"seconds": os.times().user - start, "data": before, "beyond": mib() - before}))
"""


def table() -> list[list[str]]:
    """One row per number of rows; memory is the process's peak beyond what it held with the data loaded."""
    rows = [["rows", "CPU s", "CPU s a million", "MiB with the data", "MiB beyond"]]
    for count in ROWS:
        found = _once(count)
        a_million = found["seconds"] / count * 1e6
        rows.append(
            [
                f"{count:,}",
                f"{found['seconds']:.1f}",
                f"{a_million:.1f}",
                f"{found['data']:.0f}",
                f"{found['beyond']:.0f}",
            ]
        )
    return rows


def _once(rows: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        _write(rows, Path(folder))
        command = [sys.executable, "-c", TRAIN, folder]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _write(rows: int, folder: Path) -> None:
    drawn = unequal_arms(rows, seed=0)
    arrays = {"x": drawn.features, "arm": drawn.arm, "y": drawn.outcome, "p": drawn.propensity}
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values)
