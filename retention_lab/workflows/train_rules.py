"""`lab train` of rules: mined from all baskets, and judged by mining some and looking up in the others."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.checks import Check, check
from retention_lab.config.loading import definition_sha256
from retention_lab.config.rules import RulesDefinition
from retention_lab.estimate import Estimate
from retention_lab.recommend.mine_rules import MinedRules
from retention_lab.recommend.rule_evidence import DISCOVERY, RuleEvidence
from retention_lab.recommend.rule_scorer import RuleScorer
from retention_lab.recommend.suggestions import fit_suggester
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.model_files import ModelFiles
from retention_lab.tracking.models import register as register_version
from retention_lab.tracking.registry import CHALLENGER
from retention_lab.tracking.runs import Run, run_tags, start_run
from retention_lab.whole_files import write_whole
from retention_lab.workflows.as_trained import definition_of, definition_text, overrides_tag
from retention_lab.workflows.project import Lab
from retention_lab.workflows.rule_evidence import (
    Tried,
    best_of,
    gain_over_popular,
    item_shares,
    looked_up,
    mine,
    rule_row,
    shown_rules,
    try_rankings,
)
from retention_lab.workflows.rule_rows import RuleRows, read_rule_rows
from retention_lab.workflows.rules_page import rules_page
from retention_lab.workflows.rules_report import RulesReport

LOADER = "retention_lab.recommend.rule_scorer:from_files"
REQUIREMENTS = ("numba", "numpy", "pyarrow", "scipy")
_STRONGEST = 20


def train_rules(
    lab: Lab,
    name: str,
    *,
    as_of: datetime | None = None,
    overrides: Sequence[str] = (),
    register: bool = True,
    say: Callable[[str], None],
) -> RulesReport:
    """Train a definition; the rules are registered as challenger.

    Raises LabError where the definition or its data do not allow the question.
    """
    definition = rules_definition(lab, name, overrides)
    say("reading the baskets")
    rows = read_rule_rows(lab, definition, as_of)
    tags = run_tags(
        "rules",
        name,
        as_of=rows.as_of,
        definition_sha256=definition_sha256(definition),
        data_sha256=rows.sha256,
        git_commit=git_commit(lab.folder),
    )
    with start_run(lab.open_store(), f"train/{name}", name, {**tags, "lab.role": "parent"}) as run:
        job = _Job(lab, run, definition, overrides, rows, tags)
        say("mining")
        found = _mined(job)
        say("tracking")
        return _keep(job, found, register=register)


def rules_definition(lab: Lab, name: str, overrides: Sequence[str] = ()) -> RulesDefinition:
    """The definition of rules. Raises ConfigurationError for any other kind."""
    return definition_of(lab, name, "rules", RulesDefinition, overrides)


@dataclass(frozen=True, slots=True)
class _Job:
    """What is trained on which rows, in which run; tags: those that the candidates' runs carry too."""

    lab: Lab
    run: Run
    definition: RulesDefinition
    overrides: Sequence[str]
    rows: RuleRows
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Mined:
    """rules: of all baskets. evidence: of those from the baskets that are not held out, in those that are.

    shown: the rules as a table, with their lift in held-out baskets. seconds: mining and trying, together.
    """

    rules: MinedRules
    evidence: RuleEvidence | None
    shown: pa.Table
    candidates: tuple[Tried, ...]
    best: Tried
    gain: Estimate
    seconds: float


def _mined(job: _Job) -> _Mined:
    start = time.perf_counter()
    rows, definition = job.rows, job.definition
    part, other = rows.baskets.take(~rows.held_out), rows.baskets.take(rows.held_out)
    of_part = mine(definition, part)
    candidates = try_rankings(of_part, part, other, definition)
    evidence = looked_up(of_part, other)
    rules = mine(definition, rows.baskets)
    best = best_of(candidates)
    return _Mined(
        rules=rules,
        evidence=evidence,
        shown=shown_rules(rules, of_part, evidence),
        candidates=candidates,
        best=best,
        gain=gain_over_popular(best, candidates),
        seconds=time.perf_counter() - start,
    )


def _keep(job: _Job, found: _Mined, *, register: bool) -> RulesReport:
    rules, evidence = found.rules, found.evidence
    size = (rules.sets >= 0).sum(axis=1)
    report = RulesReport(
        name=job.definition.name,
        kind="rules",
        winner=found.best.ranking,
        best=found.best.ranking,
        targeting="better" if found.gain.low > 0 else "none_better",
        run_id=job.run.id,
        model_version=_register(job, found) if register else None,
        checks=_checks(job, found),
        metrics={name: one.as_json() for name, one in _estimates(found).items()},
        candidates=[_track(job, one, found.seconds) for one in found.candidates],
        baskets=len(job.rows),
        baskets_held_out=int(job.rows.held_out.sum()),
        items=len(rules.items),
        itemsets=len(rules.count),
        rules=len(rules.whole),
        single=int((size[rules.right] == 1).sum()),
        significant=_significant(found),
        looked_up=0 if evidence is None else len(evidence.confirmed),
        confirmed=0 if evidence is None else int(evidence.confirmed.sum()),
        strongest=[rule_row(row) for row in found.shown.slice(0, _STRONGEST).to_pylist()],
        report=f"reports/{job.definition.name}.html",
    )
    page = rules_page(job.lab, report, found.shown, found.candidates, job.rows.as_of)
    write_whole(job.lab.folder / report.report, page.encode())
    job.run.log_text("report.html", page)
    job.run.log_estimates("valid", _estimates(found))
    job.run.log_params(_params(job))
    job.run.log_text("definition.yaml", definition_text(job.definition.file, job.overrides))
    job.run.log_json("result.json", report.as_json())
    return report


def _estimates(found: _Mined) -> dict[str, Estimate]:
    """What held-out baskets say: of the rules where any were looked up, and of the suggestions."""
    of_rules = (
        {}
        if found.evidence is None
        else {"held_out_lift": found.evidence.mean_lift, "lift_kept": found.evidence.lift_kept}
    )
    return {**of_rules, **found.best.estimates, f"gain_over_popular_at_{found.best.metrics.k}": found.gain}


def _significant(found: _Mined) -> int:
    return int((found.shown["q_value"].to_numpy() <= DISCOVERY).sum())


def _checks(job: _Job, found: _Mined) -> list[Check]:
    rules, evidence = len(found.rules.whole), found.evidence
    fewest = int(found.rules.count[found.rules.whole].min()) if rules else 0
    least = job.lab.settings.privacy.min_cell
    share = None if evidence is None else float(np.mean(evidence.confirmed))
    return [
        check("rules_found", "soft", rules > 0, rules, 1, _none_found(job) if not rules else ""),
        check(
            "rules_hold_elsewhere",
            "soft",
            None if share is None else share >= 0.5,
            share,
            0.5,
            ""
            if share is None
            else f"{share:.0%} of the rules mined without the held-out baskets hold in these.",
        ),
        check(
            "rules_of_enough_baskets",
            "soft",
            fewest >= least if rules else None,
            fewest,
            least,
            f"The rarest rule rests on {fewest} baskets." if rules else "",
        ),
        check(
            "suggestions_better_than_best_sellers",
            "soft",
            found.gain.low > 0,
            found.gain.value,
            0,
            _gain_text(found),
        ),
    ]


def _none_found(job: _Job) -> str:
    return (
        f"No items come together in {job.definition.min_support:g} of the baskets, or never so surely: lower "
        "`min_support` or `min_confidence`."
    )


def _gain_text(found: _Mined) -> str:
    if found.gain.low > 0:
        return "Suggestions by rules find more of what was hidden than the best sellers do."
    return "Suggesting what sells best does as well."


def _track(job: _Job, one: Tried, seconds: float) -> dict[str, Any]:
    parent, tags = job.run, {**job.tags, "lab.role": "candidate"}
    metrics = {name: estimate.as_json() for name, estimate in one.estimates.items()}
    with start_run(parent.store, parent.experiment, one.ranking, tags, parent) as run:
        run.log_params({"ranking": one.ranking, "k": one.metrics.k})
        run.log_metrics({"seconds": seconds})
        run.log_estimates("valid", one.estimates)
        run.log_json("result.json", metrics)
    return {
        "model": one.ranking,
        "run_id": run.id,
        "metrics": metrics,
        "seconds": seconds,
        "cross_fitted_loss": 1 - float(np.mean(one.metrics.values["ndcg"])),
    }


def _params(job: _Job) -> dict[str, object]:
    names = ("min_support", "min_confidence", "max_length", "held_out", "suggestions", "seed")
    return {**{name: getattr(job.definition, name) for name in names}, "baskets": len(job.rows)}


def _register(job: _Job, found: _Mined) -> str:
    rows = job.rows
    details = {
        "as_of": None if rows.as_of is None else rows.as_of.isoformat(),
        "suggestions": job.definition.suggestions,
        "gain_over_popular": found.gain.as_json(),
    }
    suggester = fit_suggester(found.rules, item_shares(rows.baskets), found.best.ranking)
    scorer = RuleScorer(found.rules, suggester, rows.basket_column, rows.item_column, found.shown, details)
    columns = (rows.basket_column, rows.item_column)
    model = ModelFiles(
        loader=LOADER,
        files=scorer.to_files(),
        inputs=pa.schema([pa.field(name, pa.string()) for name in columns]),
        outputs=scorer.output_schema(),
        params={"k": job.definition.suggestions},
        requirements=REQUIREMENTS,
    )
    tags = {
        "lab.kind": "rules",
        "lab.learner": found.best.ranking,
        "lab.data_sha256": rows.sha256,
        **overrides_tag(job.overrides),
    }
    return register_version(job.run, job.definition.name, model, tags, alias=CHALLENGER)
