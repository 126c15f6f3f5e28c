"""The A/B engine on ten million users: one pass beside a bare query for the same numbers, and tea-tasting.

    make EXTRAS=dev,bench install; python -m benchmarks abtest

Each figure is of a process of its own with one thread: user CPU seconds and peak memory of the analysis, data
generation and imports left out. Five metrics: two means with a covariate, a share, a ratio, a ratio with its
own earlier values as covariate.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TITLE = "A/B statistics of ten million users"
NOTE = """One thread, user CPU seconds and peak MiB beyond the imports: medians of three runs, each in a
process of its own, reading one Parquet file. Five metrics: two means with a covariate, a share, a ratio, a
ratio with its own earlier values as covariate; x 20: each column twenty times over under other names, a
hundred metrics. The bare query asks DuckDB for means, variances and covariances of the same columns by
arm."""
BESIDE = ("tea-tasting", "polars", "pandas")
ROWS = 10_000_000
RUNS = 3
COLUMNS = ("revenue", "margin", "orders", "sessions", "revenue_before", "margin_before", "orders_before",
           "sessions_before", "bought")  # fmt: skip
COPIES = 20

_HEAD = """
import json, os, sys
path, copies = sys.argv[1], int(sys.argv[2])
def mib():  # of this program alone: ru_maxrss also counts the process that started it
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
"""
_TAIL = """
before, start = mib(), os.times().user
run()
print(json.dumps({"seconds": os.times().user - start, "mib": mib() - before}))
"""
_NAMES = "names = ['' if k == 0 else f'_{k}' for k in range(copies)]\n"

OURS = """
from retention_lab.abtest import specification
from retention_lab.abtest.analyze import analyze
from retention_lab.data.unit_table import open_unit_file
from retention_lab.data.unit_summary import summarise_table
from pathlib import Path
metrics = []
for s in names:
    metrics += [
        {"name": f"revenue{s}", "type": "mean", "column": f"revenue{s}", "covariates":
        [f"revenue_before{s}"]}, {"name": f"margin{s}", "type": "mean", "column": f"margin{s}", "covariates":
        [f"margin_before{s}"]}, {"name": f"bought{s}", "type": "proportion", "column": f"bought{s}"},
        {"name": f"rpo{s}", "type": "ratio", "numerator": f"revenue{s}", "denominator": f"orders{s}"},
        {"name": f"ops{s}", "type": "ratio", "numerator": f"orders{s}", "denominator": f"sessions{s}",
         "before": {"numerator": f"orders_before{s}", "denominator": f"sessions_before{s}"}},
    ]
spec = specification({"arm": "arm", "control": "0", "metrics": metrics, "analysis": {"sequential": "fixed"}})
def run():
    with open_unit_file(Path(path), threads=1) as table:
        summary = summarise_table(table, spec)
    analyze(summary, spec)
"""
BARE = """
import duckdb
parts = []
for s in names:
    pairs = [("revenue", "revenue_before"), ("margin", "margin_before"), ("revenue", "orders"), ("orders",
    "sessions"),
             ("orders", "orders_before"), ("orders", "sessions_before"), ("sessions", "orders_before"),
             ("sessions", "sessions_before"), ("orders_before", "sessions_before")]
    singles = ["revenue", "margin", "orders", "sessions", "bought", "revenue_before", "margin_before",
               "orders_before", "sessions_before"]
    parts += [f"avg({c}{s}), var_samp({c}{s})" for c in singles]
    parts += [f"covar_samp({a}{s}, {b}{s})" for a, b in pairs]
sql = f"SELECT arm, count(*), {', '.join(parts)} FROM read_parquet('{path}') GROUP BY arm"
connection = duckdb.connect(config={"threads": 1})
def run():
    connection.execute(sql).fetchall()
"""
_TEA = """
import tea_tasting as tt
metrics = {}
for s in names:
    metrics |= {
        f"revenue{s}": tt.Mean(f"revenue{s}", f"revenue_before{s}"),
        f"margin{s}": tt.Mean(f"margin{s}", f"margin_before{s}"),
        f"bought{s}": tt.Mean(f"bought{s}"),
        f"rpo{s}": tt.RatioOfMeans(f"revenue{s}", f"orders{s}"),
        f"ops{s}": tt.RatioOfMeans(f"orders{s}", f"sessions{s}", f"orders_before{s}", f"sessions_before{s}"),
    }
test = tt.Experiment(metrics, variant="arm")
"""
DUCKDB = (
    _TEA
    + """
import ibis
def run():
    connection = ibis.duckdb.connect(threads=1)
    test.analyze(connection.read_parquet(path))
"""
)
POLARS = (
    _TEA
    + """
import polars as pl
def run():
    test.analyze(pl.scan_parquet(path))
"""
)
PANDAS = (
    _TEA
    + """
import pandas as pd
def run():
    test.analyze(pd.read_parquet(path))
"""
)
HANDS = {
    "bare DuckDB query": BARE,
    "one pass and analysis": OURS,
    "tea-tasting, DuckDB": DUCKDB,
    "tea-tasting, polars": POLARS,
    "tea-tasting, pandas": PANDAS,
}
ALONE = ("bare DuckDB query", "one pass and analysis")  # the others would need more memory than there is


def table() -> list[list[str]]:
    """Rows of what, seconds, ratio to the bare query, MiB; the first row is the head."""
    rows = [["10,000,000 users", "user CPU s", "to the bare query", "peak MiB beyond imports"]]
    with tempfile.TemporaryDirectory() as folder:
        for copies, hands in ((1, tuple(HANDS)), (COPIES, ALONE)):
            path = Path(folder) / f"users{copies}.parquet"
            write(path, ROWS, copies)
            found = {name: [_once(HANDS[name], path, copies) for _ in range(RUNS)] for name in hands}
            print(copies, found, file=sys.stderr, flush=True)
            bare = statistics.median(one["seconds"] for one in found[ALONE[0]])
            for name, runs in found.items():
                seconds = statistics.median(one["seconds"] for one in runs)
                mib = statistics.median(one["mib"] for one in runs)
                size = "" if copies == 1 else f", {5 * copies} metrics"
                rows.append([name + size, f"{seconds:.2f}", f"{seconds / bare:.2f}", f"{mib:.0f}"])
    return rows


def write(path: Path, rows: int, copies: int) -> None:
    """Users in two arms, whose earlier numbers foretell later ones; written in parts."""
    rng = np.random.default_rng(240)
    writer = None
    parts = 10 * copies  # what is written at once stays as small with many columns
    for _ in range(parts):
        n = rows // parts
        columns: dict[str, np.ndarray] = {"arm": rng.integers(0, 2, n).astype(np.int8)}
        for k in range(copies):
            suffix = "" if k == 0 else f"_{k}"
            level = rng.gamma(2.0, 1.0, n)
            for name in COLUMNS:
                if name == "bought":
                    values = (rng.random(n) < 0.1).astype(np.int8)
                elif name.startswith(("orders", "sessions")):
                    values = (rng.poisson(level) + 1).astype(np.int32)
                else:
                    values = level * rng.gamma(2.0, 5.0, n)
                columns[name + suffix] = values
        part = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    if writer is not None:
        writer.close()


def _once(hand: str, path: Path, copies: int) -> dict[str, float]:
    script = _HEAD + _NAMES + hand + _TAIL
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, "-c", script, str(path), str(copies)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    answer = done.stdout[done.stdout.rindex("{") :]  # behind a progress bar, maybe
    found: dict[str, float] = json.loads(answer)
    return found
