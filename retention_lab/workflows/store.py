"""`lab store …`: is the tracking store sound, and what did killed processes leave in it?"""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retention_lab.checks import Check, Severity, check, hard_failures
from retention_lab.errors import LabError
from retention_lab.tracking import journal, registry, relocate
from retention_lab.tracking.database import connect, schema_revision
from retention_lab.tracking.models import read_files
from retention_lab.tracking.process import is_gone
from retention_lab.tracking.reap import reap as close_dead_runs
from retention_lab.tracking.search import RunRecord, find_all_runs
from retention_lab.tracking.store import Store, open_store
from retention_lab.tracking.template import installed_revision


@dataclass(frozen=True, slots=True)
class StoreReport:
    """What `lab store doctor` found: the address without its password, runs by status, and checks."""

    address: str
    runs: dict[str, int]
    versions: int
    checks: list[Check]

    @property
    def passed(self) -> bool:
        """Whether no hard check failed."""
        return not hard_failures(self.checks)

    def as_json(self) -> dict[str, Any]:
        """The document that `--json` prints."""
        return {
            "address": self.address,
            "passed": self.passed,
            "runs": self.runs,
            "versions": self.versions,
            "checks": self.checks,
        }


@dataclass(frozen=True, slots=True)
class ReapReport:
    """What `lab store reap` closed, and the open runs that it left: of living processes, or of elsewhere."""

    closed: list[dict[str, str]]
    settled: int
    alive: list[dict[str, str]]
    unknown: list[dict[str, str]]

    def as_json(self) -> dict[str, Any]:
        """The document that `--json` prints."""
        return {
            "closed": self.closed,
            "settled_promotions": self.settled,
            "alive": self.alive,
            "unknown": self.unknown,
        }


def doctor(folder: Path, uri: str | None = None) -> StoreReport:
    """Examine the store of the project in `folder`: its file, its runs, every version's files, its champions.

    Raises StoreError where it cannot be opened at all.
    """
    store = open_store(folder, uri)
    runs = find_all_runs(store)
    versions = [version for name in registry.model_names(store) for version in registry.versions(store, name)]
    checks = [*_database_checks(store), _stale_runs(runs), _files(store, versions), _champions(store)]
    return StoreReport(store.address, dict(Counter(run.status for run in runs)), len(versions), checks)


def reap(folder: Path, uri: str | None = None) -> ReapReport:
    """Close as KILLED the runs that processes of this machine left open when they died."""
    found = close_dead_runs(open_store(folder, uri))
    return ReapReport(_shown(found.closed), found.settled, _shown(found.alive), _shown(found.unknown))


def relocate_store(folder: Path, uri: str | None = None) -> int:
    """Let the store of a project that was moved find its files again; how many paths were changed."""
    return relocate.relocate(open_store(folder, uri))


def _database_checks(store: Store) -> list[Check]:
    if store.database is None:
        return [_check("database", "soft", None, None, "a server's own: not examined from here")]
    with closing(connect(store.database)) as connection:
        integrity = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
        dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
        mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    revision = schema_revision(store.database)
    former = relocate.former_roots(store)
    return [
        _check("integrity", "hard", integrity == "ok", integrity, "restore the database from a backup"),
        _check("references", "soft", not dangling, len(dangling), "rows name others that do not exist"),
        _check("write_ahead_log", "soft", mode == "wal", mode, "several processes would wait for each other"),
        _check("schema", "hard", revision == installed_revision(), revision, "upgrade MLflow"),
        _check("location", "hard", not former, len(former), "the project was moved: `lab store relocate`"),
    ]


def _stale_runs(runs: list[RunRecord]) -> Check:
    stale = [run.id for run in runs if run.status == "RUNNING" and is_gone(run.tags) is True]
    return _check("stale_runs", "soft", not stale, len(stale), "their processes are gone: `lab store reap`")


def _files(store: Store, versions: list[registry.Version]) -> Check:
    broken = []
    for version in versions:
        try:
            read_files(store, version)
        except LabError as error:
            broken.append(f"{version.name}/{version.version}: {error.found}")
    return _check("model_files", "hard", not broken, len(broken), "; ".join(broken))


def _champions(store: Store) -> Check:
    moved = [name for name in registry.model_names(store) if not journal.champion_is_gated(store, name)]
    detail = f"moved outside `lab promote`: {', '.join(moved)}" if moved else ""
    return _check("champions", "soft", not moved, len(moved), detail)


def _check(
    name: str, severity: Severity, passed: bool | None, value: float | str | None, remedy: str
) -> Check:
    return check(name, severity, passed, value, detail="" if passed else remedy)


def _shown(runs: tuple[RunRecord, ...]) -> list[dict[str, str]]:
    return [{"run_id": run.id, "experiment": run.experiment, "name": run.name} for run in runs]
