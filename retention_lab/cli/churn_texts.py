"""What the commands about churn models print for people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show
from retention_lab.cli.evidence_texts import candidates_table, p_value, uses_text

if TYPE_CHECKING:
    from retention_lab.workflows.churn_report import ChurnReport
    from retention_lab.workflows.evaluate_churn import ChurnEvaluation
    from retention_lab.workflows.explain_churn import ChurnExplanation

METRICS = ("profit", "auc", "log_loss", "calibration_error")  # the page and the JSON have the others
_MOST = 3  # features of a reason


def train_text(console: Console, report: "ChurnReport") -> None:
    """Candidates, tiers, drivers, checks, and what comes next."""
    console.print(f"{report.name} · run {report.run_id}", markup=False)
    if report.candidates:
        title = f"Candidates on {report.held_out['rows']:,} held-out rows"
        candidates_table(console, report.candidates, METRICS, title)
        console.print(uses_text(report.held_out["uses"]))
    if report.tiers:
        _tiers(console, report)
    if report.drivers:
        some = ", ".join(one.feature for one in report.drivers[:5])
        console.print(f"What moves the risk most: {some}", markup=False)
    console.print("Checks")
    show.checks(console, report.checks)
    console.print()
    console.print(_verdict(report), markup=False)
    if report.report:
        console.print(f"Page: {report.report}", markup=False)


def evaluate_text(console: Console, report: "ChurnEvaluation") -> None:
    """Measures with intervals, the paired difference, checks."""
    console.print(
        f"{report.name} version {report.version}, on {report.rows:,} rows that it has never seen "
        f"({report.dropped:,} left out as trained on)",
        markup=False,
    )
    found = {name: one.as_json() for name, one in report.evidence.estimates.items()}
    rows = [[name, show.interval(one, 5), _p(name, one)] for name, one in found.items()]
    show.table(console, ["measure", "value [interval]", "p"], rows)
    if report.against is not None:
        paired = [
            [name, show.interval(one.as_json(), 5), p_value(one.p_value)]
            for name, one in report.difference.items()
        ]
        title = f"Difference to version {report.against}, on the same rows"
        show.table(console, ["measure", "difference [interval]", "p"], paired, title=title)
    console.print(uses_text(report.uses))
    show.checks(console, report.checks)


def best_text(console: Console, report: Mapping[str, Any]) -> None:
    """Which candidate was registered, and by what it was chosen."""
    by = "profit" if report.get("chosen_by", "profit") == "profit" else "log loss"
    console.print(f"Best cross-fitted {by}: {report['best']}, which was registered.", markup=False)


def explain_text(console: Console, report: "ChurnExplanation") -> None:
    """The risk, its reasons, and what would lower it."""
    stake = "" if report.at_stake is None else f" · {show.number(report.at_stake)} at stake"
    console.print(
        f"{report.name} version {report.version} ({report.learner}) · customer {report.customer} · "
        f"probability of leaving {report.probability:.3f}, tier {report.tier}{stake}",
        markup=False,
    )
    console.print("Reasons, in log-odds of leaving (above 0 raises the risk)")
    for reason in report.reasons:
        parts = ", ".join(f"{part.feature} {part.log_odds:+.2f}" for part in reason.parts[:_MOST])
        console.print(f"  {reason.log_odds:+.2f}  {reason.group}: {parts}", markup=False)
    found = report.counterfactual
    if found is None:
        console.print(str(report.why_none), markup=False)
        return
    console.print(
        f"The smallest change below tier {report.tier} ({found.risk_now:.3f} -> {found.risk_then:.3f}):",
        markup=False,
    )
    for change in found.changes:
        console.print(f"  {change.feature}: {_said(change.now)} -> {_said(change.then)}", markup=False)


def _said(value: float | str | None) -> str:
    if value is None:
        return "missing"
    return value if isinstance(value, str) else show.number(value)


def _p(name: str, one: Mapping[str, Any]) -> str:
    """Only profit has something to be tested against: contacting nobody."""
    return p_value(one["p_value"]) if name == "profit" else "–"


def _tiers(console: Console, report: "ChurnReport") -> None:
    unit = "loss" if report.in_money else "leavers"
    rows = [
        [
            one.name,
            f"{one.customers:,}",
            f"{one.probability:.1%}",
            f"{one.left:.1%}",
            show.number(one.expected_loss, 0),
            "–" if one.observed_loss is None else show.interval(one.observed_loss.as_json(), 0),
        ]
        for one in report.tiers
    ]
    heads = ["tier", "customers", "predicted", "left", f"expected {unit}", f"observed {unit} [interval]"]
    show.table(console, heads, rows, title="Tiers of the held-out customers")


def _verdict(report: "ChurnReport") -> str:
    if not report.trusted:
        return "A hard check failed: nothing was fitted, nothing was registered."
    by = "earns most, cross-fitted" if report.chosen_by == "profit" else "has the least cross-fitted log loss"
    kept = (
        f"registered as version {report.model_version} (challenger). Next: lab promote {report.name}"
        if report.model_version
        else "not registered, as you asked."
    )
    return f"'{report.winner}' {by} (calibration: {report.calibration}): {kept}"
