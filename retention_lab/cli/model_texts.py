"""What the commands about models print for people, whatever the kind of model."""

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show
from retention_lab.cli.evidence_texts import candidates_table

if TYPE_CHECKING:
    from retention_lab.workflows.promote import PromoteReport

# For each kind of model: METRICS, train_text, evaluate_text, best_text, and explain_text where it explains.
_TEXTS = {
    "uplift": "retention_lab.cli.uplift_texts",
    "churn": "retention_lab.cli.churn_texts",
    "clv": "retention_lab.cli.clv_texts",
    "segments": "retention_lab.cli.segments_texts",
    "demand": "retention_lab.cli.demand_texts",
    "rules": "retention_lab.cli.rules_texts",
    "recommend": "retention_lab.cli.recommend_texts",
    "feedback": "retention_lab.cli.feedback_texts",
}


def texts_of(kind: str) -> Any:
    """The module that says for people what a model of that kind found."""
    return importlib.import_module(_TEXTS[kind])


def leaderboard_text(console: Console, report: Mapping[str, Any]) -> None:
    """Candidates by their cross-fitted loss, then the versions."""
    texts, title = texts_of(report["kind"]), f"{report['name']}: candidates of the latest training"
    candidates_table(console, report["candidates"], texts.METRICS, title)
    texts.best_text(console, report)
    rows = [
        [one["version"], ", ".join(one["aliases"]), one["learner"] or "", one["targeting"] or ""]
        for one in report["versions"]
    ]
    show.table(console, ["version", "alias", "learner", "targeting"], rows, right=False)


def promote_text(console: Console, report: "PromoteReport") -> None:
    """The gate's checks and what happened."""
    console.print(f"{report.name} version {report.version}, judged on {report.rows:,} rows", markup=False)
    show.checks(console, report.gate)
    if report.promoted:
        before = f", in place of version {report.previous}" if report.previous else ""
        console.print(f"Promoted: version {report.version} is champion{before}.")
    elif report.passed:
        console.print("The gate passes. Nothing was changed (--dry-run).")
    else:
        console.print("Not promoted: the evidence does not carry it.")
