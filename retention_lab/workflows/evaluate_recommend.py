"""`lab evaluate` of a recommender: its lists beside what customers took after it had learned."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Ints
from retention_lab.config.loading import definition_sha256
from retention_lab.config.recommend import RecommendDefinition
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.recommend.cuts import Cut
from retention_lab.recommend.interactions import NO_ITEM, Interactions
from retention_lab.recommend.learners import Known, fit_learner
from retention_lab.recommend.list_evidence import (
    UserMetrics,
    evidence_by_warmth,
    list_evidence,
    paired_difference,
    user_metrics,
)
from retention_lab.recommend.scorer import RecommendScorer
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_uses
from retention_lab.workflows.project import Lab
from retention_lab.workflows.recommend_report import RecommendEvaluateReport
from retention_lab.workflows.recommend_rows import RecommendRows, read_rows
from retention_lab.workflows.recommend_training import (
    JUDGED,
    Held,
    baseline_name,
    cut_of,
    held_out,
    judged_users,
)
from retention_lab.workflows.train_recommend import judged_part, trained_definition


@dataclass(frozen=True, slots=True)
class Later:
    """What came after some versions had learned, and whom it concerns."""

    held: Held
    cut: Cut
    rows: RecommendRows
    part: str
    definition: RecommendDefinition


def evaluate_recommend(
    lab: Lab,
    selector: str,
    *,
    table: Path | None = None,
    as_of: datetime | None = None,
    against: str | None = None,
) -> RecommendEvaluateReport:
    """Evaluate a version on what customers took after it had learned, and track that as a run.

    Beside another version, both are judged on what came after the later of the two.
    Raises LabError where nothing came after it.
    """
    store = lab.open_store()
    loaded = load_version(store, *parse_selector(selector))
    other = None if against is None else load_version(store, *parse_selector(against))
    at = None if as_of is None else lab.start_of(as_of)
    later = what_came_later(lab, [loaded, *([other] if other else [])], table=table, as_of=at)
    tags = run_tags(
        "recommend",
        loaded.name,
        as_of=at,
        definition_sha256=definition_sha256(later.definition),
        data_sha256=later.rows.sha256,
        git_commit=git_commit(lab.folder),
    )
    own = {"lab.role": "evaluation", HELD_OUT_TAG: later.part, "lab.model_version": loaded.version}
    with start_run(
        store, f"evaluate/{loaded.name}", f"{loaded.name}/{loaded.version}", {**tags, **own}
    ) as run:
        uses = held_out_uses(store, loaded.name, later.part)
        report = _report(loaded, other, later, uses, run.id)
        run.log_estimates("valid", dict(report.evidence))
        run.log_json("result.json", report.as_json())
    return report


def what_came_later(
    lab: Lab, versions: list[Loaded], *, table: Path | None = None, as_of: datetime | None = None
) -> Later:
    """What customers took after all of these versions had learned.

    A version of a cut by time is judged on all that is newer; of another cut, on the rows that its own
    definition held out, as long as they are the same.
    Raises LabError where there is nothing, or it cannot be told what a version has seen.
    """
    definition = trained_definition(lab, versions[0])
    rows = read_rows(lab, definition, as_of, table)
    cut = _after(rows, versions) if definition.split.time is not None else _same(rows, definition, versions)
    held = held_out(rows.data, cut, rows.content)
    return Later(held, cut, rows, judged_part(lab, held), definition)


def version_metrics(scorer: RecommendScorer, held: Held, k: int = JUDGED) -> UserMetrics:
    """The metrics of a version's lists, user by user; what it never knew stands in none of them."""
    return user_metrics(_lists(scorer, held, k), held.wanted, held.shelf)


def baseline_metrics(held: Held, k: int = JUDGED) -> UserMetrics:
    """Those of what sold best before the cut."""
    model = fit_learner(baseline_name(held.train), Known(held.train))
    return held.metrics(model, k)


def known_to(scorer: RecommendScorer, history: Interactions) -> Interactions:
    """The rows of items that a version knows, in its codes."""
    item = _places(history.items, scorer.items)[history.item]
    return replace(history.take(item >= 0), item=item[item >= 0], items=scorer.items)


def judged_gain(ours: UserMetrics, theirs: UserMetrics) -> dict[str, Estimate]:
    """Paired differences over users with a history (everybody where there are no two)."""
    chosen = judged_users(ours.warm)
    return paired_difference(ours.among(chosen), theirs.among(chosen))


def _report(
    loaded: Loaded, other: Loaded | None, later: Later, uses: int, run_id: str
) -> RecommendEvaluateReport:
    held, scorer = later.held, loaded.model
    ours, theirs = version_metrics(scorer, held), baseline_metrics(held)
    chosen = judged_users(held.wanted.warm)
    evidence: dict[str, Estimate] = {}
    for k in dict.fromkeys((JUDGED, *later.definition.k)):
        evidence |= list_evidence(version_metrics(scorer, held, k).among(chosen), held.shelf)
    difference = {} if other is None else judged_gain(ours, version_metrics(other.model, held))
    return RecommendEvaluateReport(
        name=loaded.name,
        version=loaded.version,
        rows=len(held.wanted.user),
        evidence=evidence,
        warmth=evidence_by_warmth(ours, held.shelf),
        baseline=list_evidence(theirs.among(chosen), held.shelf),
        gain=judged_gain(ours, theirs),
        against=None if other is None else other.version,
        difference=difference,
        cut=later.cut.name,
        uses=uses,
        run_id=run_id,
    )


def _lists(scorer: RecommendScorer, held: Held, k: int) -> Ints:
    """(u, k) in the codes of the rows, which may know other items than the version does."""
    back = _places(scorer.items, held.history.items)
    lists = scorer.lists(known_to(scorer, held.history), k, back >= 0).item
    return np.where(lists >= 0, np.append(back, NO_ITEM)[lists], NO_ITEM)


def _places(items: Sequence[str], among: Sequence[str]) -> Ints:
    """(items,) where each stands among others, -1 where it does not."""
    found = pc.index_in(pa.array(items, pa.string()), value_set=pa.array(among, pa.string()))
    return np.asarray(pc.fill_null(found, NO_ITEM).to_numpy(), dtype=np.int64)


def _after(rows: RecommendRows, versions: list[Loaded]) -> Cut:
    """All that is newer than what any of the versions learned from."""
    ends = [version.model.seen_until for version in versions]
    if any(end is None for end in ends):
        raise LabError(
            "A version did not learn from times, so what is newer than it is not known.",
            "Compare versions of one kind of split.",
        )
    time, end = rows.data.timed(), max(ends)
    later = np.asarray(time > end, dtype=np.bool_)
    if not later.any():
        raise LabError(
            f"Nothing is newer than what the version has seen, until {np.datetime64(int(end), 'D')}.",
            "Evaluate when newer rows are there (--table), or train with an earlier cut.",
        )
    return Cut(f"after {np.datetime64(int(end), 'D')}", ~later, later)


def _same(rows: RecommendRows, definition: RecommendDefinition, versions: list[Loaded]) -> Cut:
    """The rows that the definition holds out of the very table that the versions were trained on."""
    if any(version.tags.get("lab.data_sha256") != rows.sha256 for version in versions):
        raise LabError(
            "The rows have changed since, and a cut within users cannot be found again among others.",
            "Train again, or split by time: what is newer than a version judges it.",
            key="split",
        )
    return cut_of(rows.data, definition.split, definition.seed)
