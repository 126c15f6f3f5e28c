"""What the commands about recommenders print for people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show
from retention_lab.cli.evidence_texts import candidates_table, p_value, uses_text

if TYPE_CHECKING:
    from retention_lab.workflows.explain_recommend import RecommendExplanation
    from retention_lab.workflows.recommend_report import RecommendEvaluateReport, RecommendTrainReport

__all__ = ["METRICS", "best_text", "evaluate_text", "explain_text", "train_text"]

METRICS = ("ndcg_at_10", "recall_at_10", "coverage_at_10")  # side by side; the page and the JSON have more


def train_text(console: Console, report: "RecommendTrainReport") -> None:
    """The choice, every candidate beside the baseline on the holdout, checks, and what comes next."""
    console.print(f"{report.name} · run {report.run_id}", markup=False)
    inner = [[one["model"], f"{-one['cross_fitted_loss']:.4f}"] for one in report.candidates]
    show.table(console, ["candidate", "NDCG of ten"], inner, title="On an inner cut, which chooses")
    named = {one["model"] for one in report.candidates}
    beside = [one for one in report.baselines if one["model"] not in named]
    candidates_table(
        console,
        [*report.candidates, *beside],
        METRICS,
        f"Customers with a history, after the cut '{report.cut}'",
    )
    console.print(uses_text(report.held_out["uses"]))
    console.print("Checks")
    show.checks(console, report.checks)
    console.print()
    kept = "not registered, as you asked"
    if report.model_version:
        kept = f"registered as version {report.model_version} (challenger). Next: lab promote {report.name}"
    console.print(f"'{report.winner}' was best on the inner cut: it is {kept}.", markup=False)
    console.print(f"Page: {report.report}", markup=False)


def evaluate_text(console: Console, report: "RecommendEvaluateReport") -> None:
    """Metrics with intervals, the paired gain over what sells best, and over another version."""
    console.print(
        f"{report.name} version {report.version}, on what {report.rows:,} customers took: {report.cut}",
        markup=False,
    )
    rows = []
    for name, found in report.evidence.items():
        base = report.baseline.get(name)
        beside = "" if base is None else show.interval(base.as_json(), 4)
        rows.append([name, show.interval(found.as_json(), 4), beside])
    show.table(console, ["metric", "value [interval]", "what sells best"], rows)
    _paired(console, report.gain, "Gain over what sells best, customer by customer")
    if report.against is not None:
        _paired(console, report.difference, f"Difference to version {report.against}, customer by customer")
    console.print(uses_text(report.uses))


def best_text(console: Console, report: Mapping[str, Any]) -> None:
    """Which candidate was chosen."""
    console.print(f"Best on the inner cut: {report['best']}. It is what was registered.", markup=False)


def explain_text(console: Console, report: "RecommendExplanation") -> None:
    """The list, and what the customer bought that speaks for each item."""
    console.print(
        f"{report.name} version {report.version} ({report.learner}) · customer {report.customer} · "
        f"{report.had} products so far",
        markup=False,
    )
    for rank, one in enumerate(report.offers, start=1):
        why = ", ".join(f"{item} ({share:.0%})" for item, share in one.because)
        because = f": because of {why}" if why else ""
        console.print(f"  {rank:2}. {one.item}{because}", markup=False)
    if not report.reasoned:
        console.print("This kind of model cannot say which purchases speak for an item.", markup=False)


def _paired(console: Console, found: Mapping[str, Any], title: str) -> None:
    rows = [[name, show.interval(one.as_json(), 4), p_value(one.p_value)] for name, one in found.items()]
    show.table(console, ["metric", "difference [interval]", "p"], rows, title=title)
