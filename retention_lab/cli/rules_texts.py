"""What the commands about rules print for people."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show
from retention_lab.cli.evidence_texts import candidates_table

if TYPE_CHECKING:
    from retention_lab.workflows.evaluate_rules import RulesEvidence
    from retention_lab.workflows.rules_report import RulesReport

__all__ = ["METRICS", "best_text", "evaluate_text", "train_text"]

METRICS = tuple(f"{name}_at_{k}" for name in ("ndcg", "hit", "coverage") for k in range(1, 101))
_SHOWN = 10
_MEANINGS = {
    "held_out_lift": "mean lift of the rules in other baskets",
    "lift_kept": "as a share of the lift where they were found",
    "ndcg": "suggestions: how early what was hidden comes (NDCG)",
    "hit": "suggestions: baskets for which it was suggested",
    "coverage": "suggestions: share of all items ever suggested",
    "novelty": "suggestions: how rare they are, in bits",
    "gain_over_popular": "NDCG beyond suggesting what sells best",
}


def train_text(console: Console, report: "RulesReport") -> None:
    """The strongest rules, whether they hold elsewhere, how suggestions do, and what comes next."""
    console.print(f"{report.name} · run {report.run_id}", markup=False)
    console.print(
        f"{report.baskets:,} baskets, {report.items:,} items: {report.itemsets:,} frequent itemsets, "
        f"{report.rules:,} rules, {report.single:,} of them to one item; {report.significant:,} beyond "
        "chance at a false discovery rate of 5 %."
    )
    if report.looked_up:
        console.print(
            f"Of {report.looked_up:,} rules found without {report.baskets_held_out:,} held-out baskets, "
            f"{report.confirmed:,} hold in these."
        )
    _rules_table(console, report.strongest[:_SHOWN])
    _metrics_table(console, report.metrics)
    title = "Suggestions for held-out baskets with one item hidden [95 %]"
    candidates_table(console, report.candidates, METRICS, title)
    console.print("Checks")
    show.checks(console, report.checks)
    registered = f"Registered as version {report.model_version}, challenger." if report.model_version else ""
    console.print(f"Suggestions are ranked by {_ranking(report.winner)}. {registered}".strip())
    console.print(f"Page: {report.report}", markup=False)


def evaluate_text(console: Console, report: "RulesEvidence") -> None:
    """Whether the rules hold in other baskets, and how suggestions do there."""
    console.print(f"{report.name} version {report.version}, on {report.rows:,} baskets", markup=False)
    if report.basis == "held_out":
        console.print("No other baskets are there: rules of the rest are looked up in those held out.")
    if report.rules:
        console.print(f"{report.confirmed:,} of {report.rules:,} rules hold.")
    _metrics_table(console, report.metrics)
    if report.against is not None:
        rows = [[name, show.interval(one, 4)] for name, one in report.against["difference"].items()]
        title = f"Less version {report.against['version']}"
        show.table(console, ["metric", "difference [95 %]"], rows, title=title)
    show.checks(console, report.checks)


def best_text(console: Console, report: Mapping[str, Any]) -> None:
    """How suggestions are ranked."""
    console.print(f"Suggestions are ranked by {_ranking(report['winner'])}.")


def _ranking(winner: str) -> str:
    return {
        "confidence": "the surest rule",
        "lift": "the strongest lift",
        "popular": "what sells best: no rule does better",
    }[winner]


def _rules_table(console: Console, rules: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        [
            f"{', '.join(one['antecedent'])} → {', '.join(one['consequent'])}",
            f"{one['support']:.4f}",
            f"{one['confidence']:.3f}",
            f"{one['lift']:.2f}",
            "–" if one["held_out_lift"] is None else f"{one['held_out_lift']:.2f}",
            "<0.001" if one["q_value"] < 0.001 else f"{one['q_value']:.3f}",
        ]
        for one in rules
    ]
    if rows:
        header = ["rule", "support", "confidence", "lift", "lift held out", "q"]
        show.table(console, header, rows, title="The strongest rules")


def _metrics_table(console: Console, metrics: Mapping[str, Any]) -> None:
    rows = [
        [_MEANINGS.get(name.partition("_at_")[0], name), show.interval(one, 4)]
        for name, one in metrics.items()
    ]
    show.table(console, ["in baskets that were not mined", "value [95 %]"], rows)
