"""Does a kill -9 at any moment leave the project sound?

Fixed before any seed was run: five commands (train, promote, plan, launch, export), seeds 0 to 9 in each,
every one shown. A kill is what the system does to a process without a word: no handler runs, nothing is
closed.

One seed: a small project in the state in which the command is next, copied; the command; kill -9; the
examination of what is left; `lab store reap`; `lab store doctor`; the same command again; another
examination. The moment, by the seed's remainder of five: 0 and 1, uniform over the command's work, as
measured before; 2 and 3, within 20 milliseconds of a file's appearance (one that the command writes, drawn
by the seed); 4, uniform over the whole run of a process of its own, imports included. In odd seeds of
export, an older send file is in place. Where the command ended before its kill, the seed is killed again,
uniformly over the time that it took.

What is counted, after the kill and again at the end: files that cannot be read to their end (JSON, Parquet,
HTML, arrays), a database that fails SQLite's integrity or reference check, launches whose rows or
probabilities are not those of their plan, send files that do not match their manifest, a champion that is
not the one the journal names (after `reap`, which settles it). Then whether `reap`, `doctor` and the next
command did what they should, whether the command's effect is there once, and what is left of runs still open
and staged files.

The moment differs from machine to machine, and what is found at it too; the counts must not: they are the
whole comparison of a check, on changed sources as well. The promise holds where every count is zero in all
seeds.
"""

import atexit
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from evidence import crash_examine
from evidence.crash_host import Ended, Host, plain_environment
from evidence.crash_project import CAMPAIGN, MODEL, make_export_older, write_project
from evidence.studies import Columns, Numbers

WORDS = {
    "train": ("train", MODEL),
    "promote": ("promote", MODEL),
    "plan": ("campaign", "plan", CAMPAIGN),
    "launch": ("campaign", "launch", CAMPAIGN),
    "export": ("campaign", "export", CAMPAIGN),
}
# what appears on the disk while a command writes; a kill follows one of them
APPEARS = {
    "train": ("mlruns/artifacts/train/*/*/artifacts/models", "reports/.*.writing", "mlruns/**/.*.part"),
    "promote": ("mlruns/artifacts/promote/*/*", "mlruns/artifacts/promote/*/*/artifacts/*.json"),
    "plan": ("campaigns/*/.*.writing", "campaigns/*/plan-*.parquet", "mlruns/artifacts/campaign/*/*"),
    "launch": (
        "campaigns/*/launched/.*.writing",
        "data/propensities/.*.writing",
        "data/assignments/.*.writing",
        "data/propensities/*.parquet",
        "data/assignments/*.parquet",
    ),
    "export": ("campaigns/*/send/.*.writing", "campaigns/*/send/*.csv", "campaigns/*/send/*.json"),
}
CELLS = {command: {"command": command} for command in WORDS}
SEEDS = range(10)
ABOUT = (
    "evidence.crash_project",
    "evidence.crash_host",
    "evidence.crash_examine",
    "retention_lab.data.write",
    "retention_lab.data.assignments",
    "retention_lab.tracking",
    "retention_lab.workflows.train_uplift",
    "retention_lab.workflows.promote",
    "retention_lab.workflows.plan_campaign",
    "retention_lab.workflows.plan_files",
    "retention_lab.workflows.launch_campaign",
    "retention_lab.workflows.export_campaign",
)
_AFTER_KILL = ("unreadable_files", "damaged_database", "partial_launches", "unmatched_exports")
_AT_END = (*_AFTER_KILL, "champion_without_journal")
VERDICTS = (
    *(f"after_kill_{name}" for name in _AFTER_KILL),
    *(f"at_end_{name}" for name in _AT_END),
    "reap_failed",
    "doctor_failed",
    "next_failed",
    "effect_not_once",
    "champion_without_journal_after_reap",
    "runs_left_open",
    "staged_files_left",
)


@dataclass(frozen=True, slots=True)
class Yard:
    """Projects in the state before each command, and what the command's work takes there, in seconds."""

    host: Host
    folder: Path
    seconds: Mapping[str, float]

    def project(self, command: str, target: Path) -> Path:
        """A copy of the project in which the command is next."""
        shutil.copytree(self.folder / command, target)
        if (target / "mlruns").exists():  # MLflow keeps absolute paths
            done = self.host.run(target, ["store", "relocate", "--json"])
            if done.code != 0:
                raise RuntimeError(f"the copied project cannot be used: {done.out}{done.errors}")
        return target


@dataclass(frozen=True, slots=True)
class Moment:
    """after: seconds from the start, or from when a file that matches `at` appears."""

    after: float
    at: str | None = None
    own_process: bool = False


@cache
def yard() -> Yard:
    """Made at first use in a process, by running each command once."""
    temporary = TemporaryDirectory(prefix="retention-lab-kills-")
    host, folder = Host(), Path(temporary.name)
    atexit.register(temporary.cleanup)
    atexit.register(host.close)
    project, seconds = folder / "project", {}
    write_project(project)
    for command, words in WORDS.items():
        shutil.copytree(project, folder / command)
        done = host.run(project, [*words, "--json"])
        if done.code != 0:
            raise RuntimeError(f"lab {' '.join(words)} failed: {done.out}{done.errors}")
        seconds[command] = done.seconds
    return Yard(host, folder, seconds)


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    command = str(cell["command"])
    older = command == "export" and seed % 2 == 1
    found = kill(command, moment(command, seed), older_export=older)
    for again in range(1, 6):  # the machine was quicker than when the work was measured
        if found["killed"]:
            break
        share = np.random.default_rng([seed, again, *command.encode()]).uniform()
        found = kill(command, Moment(float(share * found["moment_seconds"])), older_export=older)
    return found


def moment(command: str, seed: int) -> Moment:
    """When the seed wants the command killed."""
    rng = np.random.default_rng([seed, *command.encode()])
    work, kind = yard().seconds[command], seed % 5
    if kind < 2:
        return Moment(float(rng.uniform(0, work)))
    if kind < 4:
        at = str(rng.choice(APPEARS[command]))
        return Moment(float(rng.choice([0.0, rng.uniform(0, 0.02)])), at)
    return Moment(float(rng.uniform(0, yard().host.import_seconds + work)), own_process=True)


def kill(command: str, when: Moment, *, older_export: bool = False) -> Numbers:
    """Run the command in a copy of its project, kill it, and examine what is left and whether one can go on.

    older_export: a send file of another day is in place.
    """
    with TemporaryDirectory(prefix="retention-lab-kill-") as temporary:
        folder = yard().project(command, Path(temporary) / "project")
        if older_export:
            _export_before(folder)
        if when.own_process:
            ended = _kill_own_process(folder, command, when.after)
        else:
            at = (when.at,) if when.at else ()
            ended = yard().host.run(folder, WORDS[command], kill_after=when.after, at=at)
        return {
            "killed": float(ended.killed),
            "moment_seconds": ended.moment,
            "work_seconds": yard().seconds[command],
            **_aftermath(folder, command),
        }


def summary(columns: Columns) -> dict[str, Any]:
    broken = {name: float(columns[name].sum()) for name in VERDICTS}
    killed = columns["killed"] == 1
    return {
        "kills": int(killed.sum()),
        "ended_before_the_kill": int((~killed).sum()),
        "effect_was_there": int(columns["effect_there"][killed].sum()),
        "runs_left_for_reap": float(columns["runs_found_open"].sum()),
        "staged_files_found": float(columns["staged_files_found"].sum()),
        "pass": bool(not any(broken.values()) and killed.any()),
        **broken,
    }


def _kill_own_process(folder: Path, command: str, after: float) -> Ended:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "retention_lab", *WORDS[command]],
        cwd=folder,
        env=plain_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    moment = time.monotonic() - began
    return Ended(process.wait(), moment, moment, "", "")


def _aftermath(folder: Path, command: str) -> Numbers:
    """Examine, close what is open, go on as a user would, examine again."""
    host = yard().host
    found = crash_examine.faults(folder)
    effect, was_open = _effect(folder, command), crash_examine.running(folder)
    staged = len(crash_examine.staged(folder))
    reaped = host.run(folder, ["store", "reap", "--json"])
    unsure = crash_examine.faults(folder)["champion_without_journal"]
    examined = host.run(folder, ["store", "doctor", "--json"])
    following = host.run(folder, [*WORDS[command], "--json"])
    at_end = crash_examine.faults(folder)
    return {
        "effect_there": float(effect),
        "runs_found_open": float(was_open),
        "staged_files_found": float(staged),
        **{f"after_kill_{name}": found[name] for name in _AFTER_KILL},
        **{f"at_end_{name}": at_end[name] for name in _AT_END},
        "reap_failed": float(reaped.code != 0),
        "doctor_failed": float(not _all_well(examined)),
        "next_failed": float(not _went_on(following, effect=effect)),
        "effect_not_once": float(not _once(folder, command)),
        "champion_without_journal_after_reap": unsure,
        "runs_left_open": float(crash_examine.running(folder)),
        "staged_files_left": float(len(crash_examine.staged(folder))),
    }


def _effect(folder: Path, command: str) -> bool:
    """Whether a command that may be done once only has done it."""
    if command == "launch":
        return bool(crash_examine.launches(folder))
    return command == "promote" and crash_examine.champion(folder) is not None


def _went_on(following: Ended, *, effect: bool) -> bool:
    """Done; or refused (exit 3) because the killed command had done it: no challenger is left to promote."""
    if effect:
        said = json.loads(following.out)["error"]["message"]
        return following.code == 3 and ("already" in said or "challenger" in said)
    return following.code == 0


def _once(folder: Path, command: str) -> bool:
    """One launch, one champion, one plan, one send file with its manifest, versions of one more training."""
    campaign = folder / "campaigns" / CAMPAIGN
    return {
        "train": lambda: (folder / "reports" / f"{MODEL}.html").exists(),
        "promote": lambda: crash_examine.champion(folder) == "1",
        "plan": lambda: len([*campaign.glob("plan-*.parquet")]) == 1,
        "launch": lambda: len(crash_examine.launches(folder)) == 1,
        "export": lambda: len([*(campaign / "send").glob("*.manifest.json")]) == 1,
    }[command]()


def _all_well(examined: Ended) -> bool:
    """Every check of `lab store doctor`, the soft ones among them: no open run, no unjournalled champion."""
    return examined.code == 0 and all(check["passed"] for check in examined.result()["checks"])


def _export_before(folder: Path) -> None:
    done = yard().host.run(folder, WORDS["export"])
    if done.code != 0:
        raise RuntimeError(f"the first export failed: {done.errors}")
    make_export_older(folder)
