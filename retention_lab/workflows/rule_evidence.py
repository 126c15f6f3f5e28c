"""What held-out baskets say of rules and of suggestions, shared by training and evaluation."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats
from retention_lab.config.rules import RulesDefinition
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.recommend.baskets import Baskets
from retention_lab.recommend.hidden_items import Hidden, hide_one, suggestion_metrics
from retention_lab.recommend.list_evidence import UserMetrics, list_evidence, paired_difference
from retention_lab.recommend.mine_rules import MinedRules, mine_rules
from retention_lab.recommend.rule_evidence import RuleEvidence, rule_evidence
from retention_lab.recommend.suggestions import RANKINGS, Ranking, Suggester, fit_suggester

METRIC = "ndcg"  # by which a ranking is chosen
SHOWN = ("ndcg", "hit", "coverage", "novelty")  # one item is hidden: hit is recall, and MAP follows NDCG


@dataclass(frozen=True, slots=True)
class Tried:
    """A way to rank suggestions, and how it did on the baskets that lost an item."""

    ranking: Ranking
    metrics: UserMetrics
    estimates: Mapping[str, Estimate]


def mine(definition: RulesDefinition, baskets: Baskets) -> MinedRules:
    """The rules that the definition asks for."""
    return mine_rules(baskets, definition.min_support, definition.min_confidence, definition.max_length)


def item_shares(baskets: Baskets) -> Floats:
    """(items,) share of the baskets that hold each item."""
    return np.asarray(baskets.matrix().sum(axis=0) / len(baskets), dtype=np.float64)


def try_rankings(
    rules: MinedRules, mined: Baskets, other: Baskets, definition: RulesDefinition
) -> tuple[Tried, ...]:
    """Every way to rank suggestions from the rules, on the other baskets with one item hidden in each."""
    hidden, share = hide_one(other, seed=definition.seed), item_shares(mined)
    return tuple(
        tried(fit_suggester(rules, share, ranking), hidden, definition.suggestions) for ranking in RANKINGS
    )


def tried(suggester: Suggester, hidden: Hidden, k: int) -> Tried:
    """How a way to suggest does."""
    metrics, shelf = suggestion_metrics(suggester, hidden, k)
    found = list_evidence(metrics, shelf)
    return Tried(suggester.ranking, metrics, {f"{name}_at_{k}": found[f"{name}_at_{k}"] for name in SHOWN})


def best_of(candidates: Sequence[Tried]) -> Tried:
    """The one whose suggestions find what was hidden, and find it first."""
    return max(candidates, key=lambda one: float(np.mean(one.metrics.values[METRIC])))


def gain_over_popular(best: Tried, candidates: Sequence[Tried]) -> Estimate:
    """The best one's NDCG less that of what sells anyway, on the same baskets."""
    popular = next(one for one in candidates if one.ranking == "popular")
    k = best.metrics.k
    return paired_difference(best.metrics, popular.metrics)[f"{METRIC}_at_{k}"]


def looked_up(rules: MinedRules, other: Baskets) -> RuleEvidence | None:
    """How the rules do in other baskets; None where there is none to look up, or too few baskets."""
    try:
        return rule_evidence(rules, other)
    except LabError:
        return None


def shown_rules(rules: MinedRules, part: MinedRules, found: RuleEvidence | None) -> pa.Table:
    """The rules, and where the same mining of `part` of the baskets finds them too, their lift in the rest.

    Columns added: held_out_lift, its interval, and whether it is confirmed; null where it was not looked up.
    """
    table = rules.rules
    known = {} if found is None else {pair: i for i, pair in enumerate(_sides(part))}
    place = [known.get(pair) for pair in _sides(rules)]
    columns: dict[str, list[Any]] = {
        "held_out_lift": [], "held_out_low": [], "held_out_high": [], "confirmed": []
    }  # fmt: skip
    low, high = ((), ()) if found is None else found.other.lift_interval()
    for i in place:
        absent = i is None or found is None or math.isnan(found.other.lift[i])
        values = (
            (None,) * 4
            if absent or found is None or i is None
            else (float(found.other.lift[i]), float(low[i]), float(high[i]), bool(found.confirmed[i]))
        )
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    kinds = (pa.float64(), pa.float64(), pa.float64(), pa.bool_())
    for (name, cells), kind in zip(columns.items(), kinds, strict=True):
        table = table.append_column(name, pa.array(cells, kind))
    return table


def rule_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A rule for JSON: what is infinite is null."""
    plain = {name: None if _endless(value) else value for name, value in row.items()}
    return {**plain, "antecedent": list(row["antecedent"]), "consequent": list(row["consequent"])}


def _endless(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _sides(rules: MinedRules) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    sets = [tuple(code for code in row if code >= 0) for row in rules.sets.tolist()]
    return [(sets[a], sets[c]) for a, c in zip(rules.left, rules.right, strict=True)]
