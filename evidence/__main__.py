"""`python -m evidence run [STUDY…]` makes the numbers; `--check` makes a random part again and compares."""

import argparse
import json
import random
import secrets
import sys
from pathlib import Path

from evidence.record import FOLDER, as_text, differences, numbers_of, record
from evidence.runner import jobs, results, resume, write_whole
from evidence.studies import NAMES, Study, study


def main(words: list[str] | None = None) -> int:
    """0: done, or stale; 1: a promise did not hold, or a number did not come out again."""
    options = _options(words)
    studies = [study(name) for name in options.studies or NAMES]
    if options.check:
        draw = secrets.randbelow(2**32) if options.draw_seed is None else options.draw_seed
        print(f"drawing {options.fraction:.0%} of the seeds with --draw-seed {draw}")
        return max(check(of, options.folder, options.fraction, draw, options.workers) for of in studies)
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


def check(of: Study, folder: Path, fraction: float, draw: int, workers: int) -> int:
    """Run a random part of the recorded seeds again; numbers of unchanged sources must come out the same."""
    path = folder / f"{of.name}.json"
    if not path.exists():
        print(f"{of.name}: no record in {path}; run `python -m evidence run {of.name}`")
        return 1
    document = json.loads(path.read_text(encoding="utf-8"))
    recorded = numbers_of(document)
    stale = document["source_sha256"] != of.source_sha256
    known = [job for job in recorded if job[0] in of.cells]
    some = random.Random(f"{draw} {of.name}").sample(known, max(1, round(fraction * len(known))))
    wrong = 0
    for job, again in results(of, some, workers):
        found = differences(recorded[job], again)
        wrong += bool(found)
        if found and not stale:
            print(f"{of.name}: cell {job[0]}, seed {job[1]} did not come out again: {', '.join(found)}")
    said = f"{len(some) - wrong} of {len(some)} came out again"
    if stale:
        print(f"{of.name}: stale, its sources changed since; {said}. Run `python -m evidence run {of.name}`")
        return 0
    print(f"{of.name}: {said}")
    return 1 if wrong else 0


def _options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evidence", description=__doc__)
    parser.add_argument("command", choices=["run"])
    parser.add_argument("studies", nargs="*", choices=[[], *NAMES], help="all, where none is named")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="run a random part again and compare")
    parser.add_argument("--fraction", type=float, default=0.05, help="how much of it")
    parser.add_argument("--draw-seed", type=int, help="to repeat an earlier check's choice")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
