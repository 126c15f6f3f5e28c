"""Assignment of ten million units: nanoseconds of CPU time for each, from ids as they come to arms."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.abtest.assign import HashDesign, assign
from retention_lab.abtest.hashes import hash_bucket
from retention_lab.abtest.strata import strata
from retention_lab.abtest.stratified import StratifiedDesign, assign_within_strata
from retention_lab.abtest.unique_units import unique_units
from retention_lab.arrays import Floats

TITLE = "Assignment to arms"
NOTE = (
    "One thread, user and system CPU time: medians after one run that is not counted. Each starts from ids "
    "as they come, checks that none is missing, and ends with numpy arrays."
)
ROWS = 10_000_000
_RUNS = 3
_SHARES = (0.5, 0.3, 0.2)


def table() -> list[list[str]]:
    """Rows of what, nanoseconds of CPU time for each unit, runs; the first row is the head."""
    numbers = np.arange(ROWS)
    text = pa.array(numbers).cast(pa.string())
    long, listed = pc.utf8_lpad(text, 36, "0"), text.to_pylist()
    score = np.random.default_rng(1).normal(size=ROWS)
    measured: dict[str, Callable[[], object]] = {
        "hash version 1, Arrow text of up to 8 characters": partial(hash_bucket, text, "exp", 1),
        "hash version 2, Arrow text of up to 8 characters": partial(hash_bucket, text, "exp", 2),
        "hash version 3, Arrow text of up to 8 characters": partial(hash_bucket, text, "exp", 3),
        "hash version 2, Arrow text of 36 characters": partial(hash_bucket, long, "exp", 2),
        "hash version 3, Arrow text of 36 characters": partial(hash_bucket, long, "exp", 3),
        "hash version 2, whole numbers (numpy int64)": partial(hash_bucket, numbers, "exp", 2),
        "hash version 2, list of str": partial(hash_bucket, listed, "exp", 2),
        "a check that no unit comes twice, Arrow text": partial(unique_units, text),
        "hash design: that check, version 2, arms": partial(assign, text, HashDesign("exp", _SHARES)),
        "stratified design: that check, 100 blocks of a score, arms": partial(_stratified, text, score),
    }
    rows = [[f"{ROWS:,} units, one thread", "ns per unit", "runs"]]
    return rows + [[name, f"{_nanoseconds(run):.0f}", str(_RUNS)] for name, run in measured.items()]


def _stratified(ids: Any, score: Floats) -> object:
    return assign_within_strata(ids, strata({"score": score}, 100), StratifiedDesign("exp", _SHARES))


def _nanoseconds(run: Callable[[], object]) -> float:
    """Median CPU time of a unit over the runs, after one that is not counted."""
    found = []
    for _ in range(_RUNS + 1):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return statistics.median(found[1:]) / ROWS * 1e9
