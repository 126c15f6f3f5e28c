"""Basket rules of 100,000 baskets of 200 items beside mlxtend's FP-growth and Apriori.

    make EXTRAS=dev,bench install; python -m benchmarks basket_rules

Each figure is of a process of its own with one thread: CPU seconds of the mining, and peak memory; reading
the file, imports and, once on a machine, compiling are left out. Everybody finds the same itemsets and rules,
or the benchmark stops.
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

TITLE = "Basket rules of 100,000 baskets"
NOTE = """One thread, CPU seconds and peak MiB of the process: medians of three runs, each in a process of its
own, compiled before. 100,000 baskets, 200 items, nine in a basket on average; support .003, confidence .25,
at most four items in a rule. From a table: a row for each item of each basket, ids as numbers; coded: as the
package keeps baskets. mlxtend gets its own form, a frame of true and false, ready-made; its Apriori runs
with low_memory, which takes a tenth of the time here, and not 12 GB. Significance, which mlxtend does not
compute, is in the package's time."""
BESIDE = ("mlxtend", "pandas")
BASKETS, ITEMS = 100_000, 200
RUNS = 3

_HEAD = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
path = sys.argv[1]
def cpu():
    used = os.times()
    return used.user + used.system
def mib():  # of this program alone: ru_maxrss also counts the process that started it
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
"""
_TAIL = """
before, start = mib(), cpu()
itemsets, rules = run()
print(json.dumps({"seconds": cpu() - start, "mib": mib(), "more": mib() - before,
                  "itemsets": itemsets, "rules": rules}))
"""
_OURS = """
import pyarrow.parquet as pq
from retention_lab.recommend import as_baskets, mine_rules
mine_rules([["a", "b"], ["a", "b"], ["c"]], 0.1, 0.1).rules  # compiled, or read from the cache
given = pq.read_table(path)
"""
_MINE = """
def run():
    found = mine_rules(given, 0.003, 0.25, 4)
    return len(found.itemsets), len(found.rules)
"""
_THEIRS = """
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from mlxtend.frequent_patterns import apriori, association_rules, fpgrowth
table = pq.read_table(path)
held = np.zeros((100_000, 200), dtype=bool)
held[table["basket"].to_numpy(), table["item"].to_numpy()] = True
frame = pd.DataFrame(held, columns=[str(i) for i in range(200)])
del table
def mined(by, **more):
    found = by(frame, min_support=0.003, max_len=4, use_colnames=True, **more)
    return len(found), len(association_rules(found, metric="confidence", min_threshold=0.25))
"""
HANDS = {
    "retention-lab, from a table": _OURS + _MINE,
    "retention-lab, coded": _OURS + "given = as_baskets(given)\n" + _MINE,
    "mlxtend fpgrowth": _THEIRS + "def run():\n    return mined(fpgrowth)\n",
    "mlxtend apriori, low_memory": _THEIRS + "def run():\n    return mined(apriori, low_memory=True)\n",
}


def table() -> list[list[str]]:
    """Rows of what, CPU seconds, ratio, MiB, itemsets and rules; the first row is the head."""
    rows = [["miner", "CPU s", "times ours", "peak MiB", "beyond imports and data", "itemsets", "rules"]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "baskets.parquet"
        write(path)
        found = {name: [_once(hand, path) for _ in range(RUNS)] for name, hand in HANDS.items()}
    print(found, file=sys.stderr, flush=True)
    if len({(one["itemsets"], one["rules"]) for runs in found.values() for one in runs}) > 1:
        raise SystemExit(f"The miners do not agree: {found}")
    ours = _median(found["retention-lab, from a table"], "seconds")
    for name, runs in found.items():
        seconds = _median(runs, "seconds")
        sizes = (_median(runs, "mib"), _median(runs, "more"), runs[0]["itemsets"], runs[0]["rules"])
        rows.append([name, f"{seconds:.2f}", f"{seconds / ours:.1f}", *(f"{size:,.0f}" for size in sizes)])
    return rows


def write(path: Path) -> None:
    """Items of uneven popularity, and thirty sets of three that come together."""
    rng = np.random.default_rng(0)
    likely = 1 / np.arange(1, ITEMS + 1) ** 0.8
    held = rng.random((BASKETS, ITEMS)) < likely / likely.sum() * 8
    for _ in range(30):
        together, who = rng.choice(ITEMS, 3, replace=False), np.flatnonzero(rng.random(BASKETS) < 0.02)
        held[np.ix_(who, together)] |= rng.random((len(who), 3)) < 0.8
    basket, item = np.nonzero(held)
    pq.write_table(pa.table({"basket": basket, "item": item}), path)


def _median(runs: list[dict[str, float]], name: str) -> float:
    return statistics.median(one[name] for one in runs)


def _once(hand: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-c", _HEAD + hand + _TAIL, str(path)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found
