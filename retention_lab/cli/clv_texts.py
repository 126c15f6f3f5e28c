"""What the commands about value models print for people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show
from retention_lab.cli.evidence_texts import candidates_table, p_value, uses_text

if TYPE_CHECKING:
    from retention_lab.clv.explain import Change, Outlook, Part
    from retention_lab.workflows.clv_report import ClvEvaluateReport, ClvTrainReport
    from retention_lab.workflows.explain_clv import ClvExplanation

__all__ = ["METRICS", "best_text", "evaluate_text", "explain_text", "train_text"]

METRICS = ("mae", "bias", "gini")  # side by side; the page and the JSON have the others
_FORECASTS = ("expected_purchases", "probability_alive", "clv")
_FACTS = {
    "repeats": "purchases after the first",
    "idle_days": "days since the last one",
    "tenure_days": "days since the first one",
    "value": "mean value of a purchase",
    "rhythm": "how they were spread",
}


def train_text(console: Console, report: "ClvTrainReport") -> None:
    """The choice, every candidate beside the baselines on the holdout, checks, and what comes next."""
    console.print(f"{report.name} · run {report.run_id}", markup=False)
    earlier = [[one["model"], f"{one['cross_fitted_loss']:.3f}"] for one in report.candidates]
    title = "Error on earlier cuts of the calibration, over that of everybody's own rate"
    show.table(console, ["candidate", "error / same rate"], earlier, title=title)
    candidates_table(
        console,
        [*report.candidates, *report.baselines],
        METRICS,
        f"Purchases of {report.customers:,} customers from {report.calibration_end} to {report.holdout_end}",
    )
    console.print(uses_text(report.held_out["uses"]))
    console.print("Checks")
    show.checks(console, report.checks)
    console.print()
    kept = "not registered, as you asked"
    if report.model_version:
        kept = f"registered as version {report.model_version} (challenger). Next: lab promote {report.name}"
    console.print(f"'{report.winner}' has the least error on the earlier cuts: it is {kept}.", markup=False)
    console.print(f"Page: {report.report}", markup=False)


def evaluate_text(console: Console, report: "ClvEvaluateReport") -> None:
    """Metrics with intervals beside the baseline's, and the paired difference."""
    console.print(
        f"{report.name} version {report.version}, on {report.rows:,} customers and what they bought after "
        f"{report.calibration_end}, until {report.holdout_end}",
        markup=False,
    )
    rows = []
    for name, found in report.evidence.items():
        same = report.baseline.get(name)
        beside = "" if same is None else show.interval(same.as_json(), 4)
        rows.append([name, show.interval(found.as_json(), 4), p_value(found.p_value), beside])
    show.table(console, ["metric", "value [interval]", "p", "same rate"], rows)
    if report.against is not None:
        paired = [
            [name, show.interval(one.as_json(), 4), p_value(one.p_value)]
            for name, one in report.difference.items()
        ]
        title = f"Difference to version {report.against}, customer by customer"
        show.table(console, ["metric", "difference [interval]", "p"], paired, title=title)
    console.print(uses_text(report.uses))


def best_text(console: Console, report: Mapping[str, Any]) -> None:
    """Which candidate was chosen."""
    console.print(
        f"Least error on earlier cuts of the calibration: {report['best']}. It is what was registered.",
        markup=False,
    )


def explain_text(console: Console, report: "ClvExplanation") -> None:
    """The forecasts, what each fact adds to them, and what would change them."""
    console.print(
        f"{report.name} version {report.version} ({report.learner}) · customer {report.customer} · "
        f"the {report.horizon_days} days after {report.as_of}",
        markup=False,
    )
    found = report.reasons
    shown = [name for name in _FORECASTS if getattr(found.now, name) is not None]
    heads = ["", "here", "typical", *(name.replace("_", " ") for name in shown)]
    rows = [["customers of all ranks", "", "", *_cells(found.base, shown)]]
    rows += [_part_row(part, shown) for part in found.parts]
    rows.append(["this customer", "", "", *_cells(found.now, shown)])
    show.table(console, heads, rows, title="What each fact adds")
    after = [[_change_name(change), *_cells(change.then, shown)] for change in found.changes]
    title = "The forecasts from then on, over as many days"
    show.table(console, ["if there is", *heads[3:]], after, title=title)


def _part_row(part: "Part", shown: list[str]) -> list[str]:
    digits = 2 if part.fact == "value" else 0
    facts = ["" if value is None else show.number(value, digits) for value in (part.value, part.typical)]
    return [_FACTS[part.fact], *facts, *_cells(part.adds, shown, signed=True)]


def _change_name(change: "Change") -> str:
    return "an order on the next day" if change.what == "order" else f"no order for {change.days} days"


def _cells(outlook: "Outlook", shown: list[str], *, signed: bool = False) -> list[str]:
    """Purchases and chances to three digits, money to two."""
    found = []
    for name in shown:
        value = getattr(outlook, name)
        text = show.number(value, 2 if name == "clv" else 3)
        found.append(f"+{text}" if signed and value > 0 else text)
    return found
