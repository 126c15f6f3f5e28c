"""`python -m evidence run [STUDY…]` makes the numbers; `--check` makes a random part again and compares."""

import argparse
import json
import math
import random
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from evidence.record import FOLDER, as_text, differences, numbers_of, record
from evidence.runner import jobs, results, resume, write_whole
from evidence.studies import NAMES, UNRECORDED, Study, study


def main(words: list[str] | None = None) -> int:
    """0: done, or stale; 1: a promise did not hold, or a number did not come out again."""
    options = _options(words)
    studies = [study(name) for name in options.studies or NAMES]
    if options.check:
        draw = secrets.randbelow(2**32) if options.draw_seed is None else options.draw_seed
        print(f"drawing {options.fraction:.0%} of the seeds with --draw-seed {draw}", flush=True)
        return max(
            check(of, options.folder, options.fraction, draw, options.workers, seconds)
            for of, seconds in _shares(studies, 60 * options.minutes)
        )
    return max(run(of, options.folder, options.workers) for of in studies)


def run(of: Study, folder: Path, workers: int) -> int:
    """Run a study whole, or go on where it was interrupted, and write its record."""
    partial = folder / f"{of.name}.jsonl.tmp"
    document = record(of, resume(of, partial, jobs(of), workers))
    write_whole(folder / f"{of.name}.json", as_text(document))
    partial.unlink()
    for cell, each in document["cells"].items():
        print(f"{of.name} {cell}: {json.dumps(each['summary'])}")
    return 0 if document["pass"] else 1


def check(
    of: Study, folder: Path, fraction: float, draw: int, workers: int, seconds: float = math.inf
) -> int:
    """Run a random part of the recorded seeds again, as far as `seconds` allow.

    Numbers of unchanged sources must come out the same; verdicts, of a study that has them, of any sources.
    """
    path = folder / f"{of.name}.json"
    if not path.exists():
        print(f"{of.name}: no record in {path}; run `python -m evidence run {of.name}`")
        return 1
    document = json.loads(path.read_text(encoding="utf-8"))
    recorded = numbers_of(document)
    stale = document["source_sha256"] != of.source_sha256
    binding = bool(of.verdicts) or not stale
    known = [job for job in recorded if job[0] in of.cells]
    some = random.Random(f"{draw} {of.name}").sample(known, max(1, round(fraction * len(known))))
    done = wrong = 0
    for job, again in results(of, some, workers, seconds):
        found = differences(recorded[job], again, of.verdicts)
        done, wrong = done + 1, wrong + bool(found)
        if found and binding:
            print(f"{of.name}: cell {job[0]}, seed {job[1]} did not come out again: {', '.join(found)}")
    said = f"{done - wrong} of {done} came out again"
    if done < len(some):
        said += f" (of {len(some)} drawn, in the time there was)"
    if stale:
        said = f"stale, its sources changed since; {said}. Run `python -m evidence run {of.name}`"
    print(f"{of.name}: {said}", flush=True)
    return 1 if wrong and binding else 0


def _shares(studies: Sequence[Study], seconds: float) -> Iterator[tuple[Study, float]]:
    """Each study with an equal share of the time that is left when its turn comes."""
    until = time.monotonic() + seconds
    for place, of in enumerate(studies):
        yield of, max(0.0, until - time.monotonic()) / (len(studies) - place)


def _options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evidence", description=__doc__)
    parser.add_argument("command", choices=["run"])
    parser.add_argument(
        "studies", nargs="*", choices=[[], *NAMES, *UNRECORDED], help="all, where none is named"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="run a random part again and compare")
    parser.add_argument("--fraction", type=float, default=0.05, help="how much of it")
    parser.add_argument("--minutes", type=float, default=5.0, help="begin nothing of a check after so many")
    parser.add_argument("--draw-seed", type=int, help="to repeat an earlier check's choice")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
