"""What the commands about forecasts print for people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show
from retention_lab.cli.evidence_texts import candidates_table, p_value, uses_text

if TYPE_CHECKING:
    from retention_lab.workflows.demand_report import DemandEvaluateReport, DemandTrainReport

__all__ = ["METRICS", "best_text", "evaluate_text", "train_text"]

METRICS = ("mase", "mase_gain", "covered")  # side by side; the page and the JSON have the others


def train_text(console: Console, report: "DemandTrainReport") -> None:
    """The choice, every candidate on the periods that judge, campaigns, checks, and what comes next."""
    console.print(f"{report.name} · run {report.run_id}", markup=False)
    earlier = [[one["model"], f"{one['cross_fitted_loss']:.3f}"] for one in report.candidates]
    title = "Scaled error (MASE) on the periods that choose"
    show.table(console, ["candidate", "MASE"], earlier, title=title)
    candidates_table(
        console,
        report.candidates,
        METRICS,
        f"{report.series:,} series, {report.horizon} {report.period}s ahead, from {report.learned_until} to "
        f"{report.judged_until}; mase_gain is against {report.baseline}",
    )
    console.print(uses_text(report.held_out["uses"]))
    _campaign(console, report.campaign)
    console.print("Checks")
    show.checks(console, report.checks)
    console.print()
    if not report.beats_baseline:
        console.print(
            f"No surely smaller error than {report.baseline}: a plan may as well take that.", markup=False
        )
    kept = "not registered, as you asked"
    if report.model_version:
        kept = f"registered as version {report.model_version} (challenger). Next: lab promote {report.name}"
    console.print(f"'{report.winner}' has the least error on earlier periods: it is {kept}.", markup=False)
    console.print(f"Page: {report.report}. Forecasts: {report.forecast}", markup=False)


def evaluate_text(console: Console, report: "DemandEvaluateReport") -> None:
    """Metrics with intervals, and the paired difference."""
    console.print(
        f"{report.name} version {report.version}, {report.rows:,} forecasts from {report.learned_until} to "
        f"{report.judged_until}; mase_gain is against {report.baseline}",
        markup=False,
    )
    rows = [
        [name, show.interval(found.as_json(), 4), p_value(found.p_value)]
        for name, found in report.evidence.items()
    ]
    show.table(console, ["metric", "value [interval]", "p"], rows)
    if report.against is not None:
        paired = [
            [name, show.interval(one.as_json(), 4), p_value(one.p_value)]
            for name, one in report.difference.items()
        ]
        title = f"Difference to version {report.against}, forecast by forecast"
        show.table(console, ["metric", "difference [interval]", "p"], paired, title=title)
    show.checks(console, report.checks)
    console.print(uses_text(report.uses))


def best_text(console: Console, report: Mapping[str, Any]) -> None:
    """Which candidate was chosen."""
    console.print(
        f"Least error on the periods before those that judge: {report['best']}. It is what was registered.",
        markup=False,
    )


def _campaign(console: Console, found: Mapping[str, Any]) -> None:
    """What goes with campaigns, and what they cause: never one in the place of the other."""
    if found["model"] is None:
        console.print(f"Campaigns: {found['reason']}", markup=False)
    else:
        of = "ahead" if found["ahead"] else "looked back on"
        with_campaign, without = (sum(found[key]) for key in ("with_campaign", "without_campaign"))
        console.print(
            f"Campaigns in the periods {of}, by '{found['model']}': {show.number(with_campaign, 0)} with "
            f"them, {show.number(without, 0)} without. That is what went together before, not what "
            "campaigns cause.",
            markup=False,
        )
    measured = found["measured"]
    if measured["per_contact"]["value"] is not None:
        console.print(
            f"Caused by one contact within {measured['days']} days, by the holdouts of "
            f"{measured['contacts']:,} contacts: {show.interval(measured['per_contact'], 3)}.",
            markup=False,
        )
