"""What a killed command left: read from the files themselves, by none of the code that wrote them."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from evidence.crash_project import CAMPAIGN, MODEL

Numbers = dict[str, float]


def faults(folder: Path) -> Numbers:
    """How many things are broken in a project, by kind; every number is 0 in a sound one."""
    return {
        "unreadable_files": float(sum(not _readable(path) for path in _files(folder))),
        "damaged_database": float(not database_sound(folder)),
        "partial_launches": float(sum(not _launch_whole(folder, path) for path in launches(folder))),
        "unmatched_exports": float(sum(not _export_matches(path) for path in _manifests(folder))),
        "champion_without_journal": float(champion(folder) != _journalled(folder)),
    }


def staged(folder: Path) -> list[Path]:
    """Files that were staged and never came to their place."""
    return [*folder.rglob("*.part"), *folder.rglob("*.part-*"), *folder.rglob("*.writing")]


def launches(folder: Path) -> list[Path]:
    """The assignments of each launch."""
    return sorted((folder / "data" / "assignments").glob("*.parquet"))


def running(folder: Path) -> int:
    """How many runs say that they are still at work."""
    return len(_ask(folder, "SELECT run_uuid FROM runs WHERE status = 'RUNNING'"))


def database_sound(folder: Path) -> bool:
    """SQLite's own examination, references included; a store that was not made yet is sound."""
    if not (folder / "mlruns" / "mlflow.db").exists():
        return True
    integrity = _ask(folder, "PRAGMA integrity_check")
    return integrity == [("ok",)] and not _ask(folder, "PRAGMA foreign_key_check")


def champion(folder: Path) -> str | None:
    """The version that the alias names."""
    found = _ask(
        folder,
        "SELECT CAST(version AS TEXT) FROM registered_model_aliases WHERE name = ? AND alias = 'champion'",
        MODEL,
    )
    return str(found[0][0]) if found else None


def _journalled(folder: Path) -> str | None:
    """The version that the last finished entry of the journal moved the alias to."""
    found = _ask(
        folder,
        "SELECT moved.value FROM runs JOIN experiments USING (experiment_id)"
        " JOIN tags moved ON moved.run_uuid = runs.run_uuid AND moved.key = 'lab.to'"
        " JOIN tags place ON place.run_uuid = runs.run_uuid AND place.key = 'lab.sequence'"
        " WHERE experiments.name = ? AND runs.status = 'FINISHED'"
        " ORDER BY CAST(place.value AS INTEGER) DESC LIMIT 1",
        f"promote/{MODEL}",
    )
    return str(found[0][0]) if found else None


def _files(folder: Path) -> Iterator[Path]:
    """Every file that a reader could come across: what is staged is hidden from all of them."""
    for path in folder.rglob("*"):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _readable(path: Path) -> bool:
    try:
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".parquet":
            pq.read_table(path)
        elif path.suffix == ".html":
            return path.read_text(encoding="utf-8").rstrip().endswith("</html>")
        elif path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                return all(arrays[name] is not None for name in arrays.files)
        elif path.name not in ("mlflow.db-wal", "mlflow.db-shm"):  # empty between writers
            return path.stat().st_size > 0
    except (OSError, ValueError, pa.ArrowException):
        return False
    return True


def _launch_whole(folder: Path, path: Path) -> bool:
    """Everybody of the plan has one row, and exactly the plan's probabilities, the drawn arm's among them."""
    plan_file = folder / "campaigns" / CAMPAIGN / "launched" / path.name
    shares_file = folder / "data" / "propensities" / path.name
    if not (plan_file.exists() and shares_file.exists()):
        return False
    plan, drawn, shares = pq.read_table(plan_file), pq.read_table(path), pq.read_table(shares_file)
    arms = [name.removeprefix("p.") for name in plan.column_names if name.startswith("p.")]
    planned = np.column_stack([plan[f"p.{arm}"].to_numpy() for arm in arms])
    place = {customer: row for row, customer in enumerate(plan["customer_id"].to_pylist())}
    if sorted(place) != sorted(drawn["customer_id"].to_pylist()):
        return False
    logged = np.zeros(planned.shape)
    for customer, arm, p in zip(*(shares[name].to_pylist() for name in _SHARES), strict=True):
        logged[place[customer], arms.index(arm)] = p
    own = np.array(
        [
            logged[place[customer], arms.index(arm)]
            for customer, arm in zip(drawn["customer_id"].to_pylist(), drawn["arm"].to_pylist(), strict=True)
        ]
    )
    return bool(
        np.allclose(logged, planned, rtol=0, atol=1e-12)
        and np.allclose(logged.sum(axis=1), 1, rtol=0, atol=1e-9)
        and np.allclose(own, drawn["propensity"].to_numpy(), rtol=0, atol=1e-12)
        and (own > 0).all()
    )


_SHARES = ("customer_id", "arm", "propensity")


def _manifests(folder: Path) -> list[Path]:
    return sorted((folder / "campaigns" / CAMPAIGN / "send").glob("*.manifest.json"))


def _export_matches(manifest: Path) -> bool:
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    return all(_file_matches(manifest.with_name(one["file"]), one) for one in facts["files"])


def _file_matches(send: Path, said: dict[str, Any]) -> bool:
    if not send.exists():
        return False
    data = send.read_bytes()
    return sha256(data).hexdigest() == said["sha256"] and len(data.splitlines()) - 1 == said["rows"]


def _ask(folder: Path, question: str, *values: str) -> list[tuple[object, ...]]:
    database = folder / "mlruns" / "mlflow.db"
    if not database.exists():
        return []
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        return connection.execute(question, values).fetchall()
