"""Runs studies over their cells and seeds, in processes, and can be interrupted and resumed."""

import json
import math
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from evidence.studies import Numbers, Study, study

Job = tuple[str, int]  # cell, seed
_CHUNK = 4


def jobs(of: Study) -> list[Job]:
    """Every cell with every seed, seeds outermost: a partial run has all cells alike."""
    return [(cell, seed) for seed in of.seeds for cell in of.cells]


def results(
    of: Study, wanted: Sequence[Job], workers: int, seconds: float = math.inf
) -> Iterator[tuple[Job, Numbers]]:
    """Numbers of each job, in the order of the jobs, whatever the number of workers.

    After so many seconds no job is begun, but for the first one.
    """
    until = time.monotonic() + seconds
    if workers <= 1:
        for place, (cell, seed) in enumerate(wanted):
            if place and time.monotonic() > until:
                return
            yield (cell, seed), of.run(of.cells[cell], seed)
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when the workers start: one core each
    context = multiprocessing.get_context("spawn")
    left = deque(wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))
    begun: deque[Future[list[tuple[Job, Numbers]]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        while left or begun:
            while left and len(begun) < 2 * workers:
                begun.append(pool.submit(_run, of.name, left.popleft()))
            yield from begun.popleft().result()
            if time.monotonic() > until:
                left.clear()


def resume(of: Study, partial: Path, wanted: Sequence[Job], workers: int) -> dict[Job, Numbers]:
    """All wanted numbers; what `partial` already holds from the same sources is not run again.

    Each result is a line, written and flushed when it is there; a line cut off by a kill is run again.
    """
    done = _read(partial, of.source_sha256)
    _rewrite(partial, of.source_sha256, done)
    with partial.open("a", encoding="utf-8") as file:
        for job, numbers in results(of, [job for job in wanted if job not in done], workers):
            file.write(json.dumps([*job, numbers]) + "\n")
            file.flush()
            done[job] = numbers
    return {job: done[job] for job in wanted}


def write_whole(path: Path, text: str) -> None:
    """Write beside, then rename: a reader sees the old file or the new one, never a half."""
    beside = path.with_name(path.name + ".tmp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _run(name: str, some: Sequence[Job]) -> list[tuple[Job, Numbers]]:
    of = study(name)
    return [((cell, seed), of.run(of.cells[cell], seed)) for cell, seed in some]


def _read(partial: Path, source: str) -> dict[Job, Numbers]:
    if not partial.exists():
        return {}
    head, *lines = partial.read_text(encoding="utf-8").split("\n")
    if head != source:
        return {}
    done: dict[Job, Numbers] = {}
    for line in lines:
        try:
            cell, seed, numbers = json.loads(line)
        except ValueError:  # the end of the file, or a line that a kill cut off
            continue
        done[cell, seed] = numbers
    return done


def _rewrite(partial: Path, source: str, done: dict[Job, Numbers]) -> None:
    lines = [source, *(json.dumps([*job, numbers]) for job, numbers in done.items())]
    partial.parent.mkdir(parents=True, exist_ok=True)
    write_whole(partial, "\n".join(lines) + "\n")
