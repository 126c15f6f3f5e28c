"""`lab evaluate` of rules: do they hold in baskets that they were not mined from?"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np

from retention_lab.checks import Check, check
from retention_lab.config.rules import RulesDefinition
from retention_lab.errors import LabError
from retention_lab.recommend.baskets import Baskets
from retention_lab.recommend.hidden_items import hide_one
from retention_lab.recommend.list_evidence import paired_difference
from retention_lab.recommend.mine_rules import MinedRules
from retention_lab.recommend.rule_scorer import RuleScorer
from retention_lab.recommend.suggestions import Suggester, fit_suggester
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.workflows.as_trained import overrides_of
from retention_lab.workflows.project import Lab
from retention_lab.workflows.rule_evidence import item_shares, looked_up, mine, tried
from retention_lab.workflows.rule_rows import RuleRows, after, read_rule_rows
from retention_lab.workflows.train_rules import rules_definition

Basis = Literal["other_baskets", "held_out"]


@dataclass(frozen=True, slots=True)
class RulesEvidence:
    """What `lab evaluate` found.

    basis: other_baskets, which the version was not mined from; or held_out, where there are none: then the
    same mining of the other baskets was looked up in those that training held out. rules: how many were
    looked up, confirmed: those that hold there.
    """

    name: str
    kind: str
    version: str
    basis: Basis
    rows: int
    rows_dropped_as_trained_on: int
    rules: int
    confirmed: int
    metrics: dict[str, Any]
    checks: list[Check]
    against: dict[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {name: getattr(self, name) for name in self.__slots__}


def evaluate_rules(
    lab: Lab,
    selector: str,
    *,
    table: Path | None = None,
    as_of: datetime | None = None,
    against: str | None = None,
) -> RulesEvidence:
    """Evaluate a version on a file's baskets, on orders since it was trained, or on those held out then.

    Raises LabError where these baskets lack a column, or fewer than two hold several items.
    """
    store = lab.open_store()
    loaded = load_version(store, *parse_selector(selector))
    definition = rules_definition(lab, loaded.name, overrides_of(loaded))
    rows = read_rule_rows(lab, definition, as_of, table)
    asked = _asked(loaded, definition, rows, table)
    k = definition.suggestions
    hidden = hide_one(asked.baskets, seed=definition.seed)
    ours = tried(asked.suggester, hidden, k)
    plain = tried(_popular(asked), hidden, k)
    gain = paired_difference(ours.metrics, plain.metrics)[f"ndcg_at_{k}"]
    found = looked_up(asked.rules, asked.baskets)
    other = None
    if against is not None:
        _require_other_baskets(asked)
        rival = load_version(store, *parse_selector(against))
        theirs = tried(_scorer(rival, against).suggester, hidden, k)
        gaps = paired_difference(ours.metrics, theirs.metrics)
        other = {
            "version": rival.version,
            "difference": {name: one.as_json() for name, one in gaps.items()},
        }
    estimates = {**ours.estimates, f"gain_over_popular_at_{k}": gain}
    if found is not None:
        estimates = {"held_out_lift": found.mean_lift, "lift_kept": found.lift_kept, **estimates}
    share = None if found is None else float(np.mean(found.confirmed))
    return RulesEvidence(
        name=loaded.name,
        kind="rules",
        version=loaded.version,
        basis=asked.basis,
        rows=len(asked.baskets),
        rows_dropped_as_trained_on=len(rows) - len(asked.baskets),
        rules=0 if found is None else len(found.confirmed),
        confirmed=0 if found is None else int(found.confirmed.sum()),
        metrics={name: one.as_json() for name, one in estimates.items()},
        checks=[
            check("rules_hold_elsewhere", "soft", None if share is None else share >= 0.5, share, 0.5),
            check("suggestions_better_than_best_sellers", "soft", gain.low > 0, gain.value, 0),
        ],
        against=other,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which rules are looked up in which baskets."""

    basis: Basis
    rules: MinedRules
    suggester: Suggester
    baskets: Baskets


def _asked(loaded: Loaded, definition: RulesDefinition, rows: RuleRows, table: Path | None) -> _Asked:
    scorer = _scorer(loaded, loaded.name)
    if table is not None:
        return _Asked("other_baskets", scorer.rules, scorer.suggester, rows.baskets)
    trained = scorer.details["as_of"]
    if rows.as_of is not None and trained is not None and rows.as_of > datetime.fromisoformat(trained):
        baskets = after(rows, datetime.fromisoformat(trained))
        return _Asked("other_baskets", scorer.rules, scorer.suggester, baskets)
    part, other = rows.baskets.take(~rows.held_out), rows.baskets.take(rows.held_out)
    rules = mine(definition, part)
    return _Asked("held_out", rules, fit_suggester(rules, item_shares(part), scorer.suggester.ranking), other)


def _require_other_baskets(asked: _Asked) -> None:
    if asked.basis == "held_out":
        raise LabError(
            "Both versions were mined from these baskets, so neither can be judged beside the other on them.",
            "Name others with --table, or a later date with --as-of.",
            key="against",
        )


def _popular(asked: _Asked) -> Suggester:
    return fit_suggester(asked.rules, asked.suggester.share, "popular")


def _scorer(loaded: Loaded, selector: str) -> RuleScorer:
    if not isinstance(loaded.model, RuleScorer):
        raise LabError(f"'{selector}' is no version of rules.", "Name one with --against.")
    return loaded.model
