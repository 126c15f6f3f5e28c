"""The journal of promotions: who moved `champion`, when, from which version to which, on what evidence.

An entry is a run of the experiment `promote/<name>`, so that a project's own store and a server hold it
alike. The run is begun, with its evidence, before the alias moves, and finished after; a process killed in
between leaves a run that is still open, and where the alias stands then says whether it moved (`settle`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from retention_lab.errors import LabError
from retention_lab.tracking.names import check_name
from retention_lab.tracking.process import is_gone
from retention_lab.tracking.registry import (
    CHALLENGER,
    CHAMPION,
    SHA256_TAG,
    Version,
    alias_version,
    champion,
    delete_alias,
    get_version,
    set_alias,
)
from retention_lab.tracking.runs import begin_run, run_tags
from retention_lab.tracking.search import find_runs
from retention_lab.tracking.store import Store, store_errors

EVIDENCE = "evidence.json"


@dataclass(frozen=True, slots=True)
class Promotion:
    """One entry. before: None where there was no champion. files_sha256: of the version moved to.

    at: milliseconds since 1970. state: FINISHED where the alias was moved, RUNNING while it is being moved.
    """

    run_id: str
    name: str
    action: str
    who: str
    why: str
    before: str | None
    after: str
    files_sha256: str
    at: int
    state: str


def move_champion(
    store: Store,
    name: str,
    version: str,
    *,
    who: str,
    why: str,
    evidence: Mapping[str, Any],
    action: str = "promote",
) -> Promotion:
    """Make `version` the champion, and journal it. action: promote or rollback.

    Takes the alias `challenger` from it. Raises LabError where there is no such version.
    """
    with store.lock():
        _settle(store, name)
        target = get_version(store, name, version)
        before = champion(store, name)
        tags = {
            **run_tags(action, name),
            "lab.who": who,
            "lab.why": why,
            "lab.from": "" if before is None else before.version,
            "lab.to": target.version,
            SHA256_TAG: target.files_sha256,
            "lab.sequence": str(1 + max((entry.sequence for entry in _entries(store, name)), default=0)),
        }
        run = begin_run(store, _experiment(name), f"{action} {name}/{version}", tags)
        run.log_json(EVIDENCE, evidence)
        set_alias(store, name, CHAMPION, target.version)
        if CHALLENGER in target.aliases:
            delete_alias(store, name, CHALLENGER)
        with store_errors(store):
            store.client.set_terminated(run.id, "FINISHED")
        return next(entry.promotion for entry in _entries(store, name) if entry.promotion.run_id == run.id)


def promotions(store: Store, name: str) -> list[Promotion]:
    """The moves of `champion` that happened, the newest first; what a killed process left is settled."""
    settle(store, name)
    return [entry.promotion for entry in _entries(store, name) if entry.promotion.state == "FINISHED"]


def champion_is_gated(store: Store, name: str) -> bool:
    """Whether the champion is the version, with the very files, that the last journalled move named.

    False where someone moved the alias by other means, also where there is a journal but no champion any
    more; True where there is neither.
    """
    in_use = champion(store, name)
    last = next(iter(promotions(store, name)), None)
    if in_use is None or last is None:
        return in_use is None and last is None
    return in_use.version == last.after and in_use.files_sha256 == last.files_sha256


def previous_champion(store: Store, name: str) -> Version:
    """The version that was champion before the present one, for `lab rollback`.

    Raises LabError where the journal knows of none.
    """
    last = next(iter(promotions(store, name)), None)
    if last is None or last.before is None:
        raise LabError(
            f"The journal knows no champion of {name} before {'the present one' if last else 'now'}.",
            f"Choose a version with `lab promote {name} --version V`.",
        )
    return get_version(store, name, last.before)


def settle(store: Store, name: str) -> int:
    """Decide every entry that a killed process left open, by where the alias stands; how many there were."""
    if not any(entry.promotion.state == "RUNNING" for entry in _entries(store, name)):
        return 0
    with store.lock():
        return _settle(store, name)


@dataclass(frozen=True, slots=True)
class _Entry:
    promotion: Promotion
    sequence: int
    tags: Mapping[str, str]


def _experiment(name: str) -> str:
    return f"promote/{check_name(name)}"


def _entries(store: Store, name: str) -> list[_Entry]:
    """All entries but those that came to nothing, the newest first."""
    entries = []
    for run in find_runs(store, _experiment(name)):
        if run.status not in ("RUNNING", "FINISHED") or "lab.to" not in run.tags:
            continue
        tags = run.tags
        promotion = Promotion(
            run_id=run.id,
            name=name,
            action=tags["lab.kind"],
            who=tags["lab.who"],
            why=tags["lab.why"],
            before=tags["lab.from"] or None,
            after=tags["lab.to"],
            files_sha256=tags.get(SHA256_TAG, ""),
            at=run.started,
            state=run.status,
        )
        entries.append(_Entry(promotion, int(tags["lab.sequence"]), tags))
    # the sequence, not the clock: it may have been set back
    return sorted(entries, key=lambda entry: (entry.sequence, entry.promotion.at), reverse=True)


def _settle(store: Store, name: str) -> int:
    settled = 0
    for entry in _entries(store, name):
        if entry.promotion.state != "RUNNING" or is_gone(entry.tags) is not True:
            continue
        in_use = alias_version(store, name, CHAMPION)
        moved = in_use is not None and in_use.version == entry.promotion.after
        if moved and in_use is not None and CHALLENGER in in_use.aliases:
            delete_alias(store, name, CHALLENGER)
        with store_errors(store):
            store.client.set_tag(entry.promotion.run_id, "lab.settled", "moved" if moved else "not moved")
            store.client.set_terminated(entry.promotion.run_id, "FINISHED" if moved else "KILLED")
        settled += 1
    return settled
