"""Whole commands, timed from outside: CPU, wall and peak memory of each run."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians: CPU and wall seconds, peak MiB of the largest process. runs: how many were counted."""

    cpu: float
    wall: float
    peak: float
    runs: int


def cost(
    command: Sequence[str],
    *,
    runs: int = 5,
    before: Callable[[], object] = lambda: None,
    environment: dict[str, str] | None = None,
) -> Cost:
    """Median cost of a command over `runs`, after one that is not counted. `before` is not timed."""
    found = []
    for run in range(runs + 1):
        before()
        once = _once(command, environment or {})
        if run:
            found.append(once)
    cpu, wall, peak = (statistics.median(column) for column in zip(*found, strict=True))
    return Cost(cpu, wall, peak, runs)


def _once(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float, float]:
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **environment}
    )
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: {errors.decode()[-2000:]}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024
