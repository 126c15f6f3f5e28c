"""What the commands about uplift models print for people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show
from retention_lab.cli.evidence_texts import candidates_table, p_value, uses_text
from retention_lab.cli.understanding_texts import explain_text, understanding_text

if TYPE_CHECKING:
    from retention_lab.workflows.evaluate_uplift import EvaluateReport
    from retention_lab.workflows.uplift_report import UpliftReport

__all__ = ["METRICS", "best_text", "evaluate_text", "explain_text", "train_text"]

METRICS = ("policy_value", "qini")  # side by side; the page and the JSON have the others


def train_text(console: Console, report: "UpliftReport") -> None:
    """Arms, average effects, candidates, the verdict, and what comes next."""
    console.print(f"{report.name} · run {report.run_id}", markup=False)
    _arms(console, report)
    if report.effects:
        rows = [
            [one.arm, one.outcome, show.interval(one.effect.as_json()), p_value(one.effect.p_value)]
            for one in report.effects
        ]
        show.table(
            console, ["arm", "outcome", "average effect [interval]", "p"], rows, title=_effects_title(report)
        )
    if report.candidates:
        candidates_table(
            console, report.candidates, METRICS, f"Candidates on {report.held_out['rows']:,} held-out rows"
        )
        console.print(uses_text(report.held_out["uses"]))
    understood = None if report.understanding is None else report.understanding.as_json()
    understanding_text(console, understood, report.targeting)
    console.print("Checks")
    show.checks(console, [*report.checks, *((understood or {}).get("refutations") or ())])
    if report.gate:
        console.print(f"Gate, of the candidate '{report.best}' (promotion needs all of G1, or all of G2)")
        show.checks(console, report.gate)
    console.print()
    console.print(_verdict(report), markup=False)
    if report.report:
        console.print(f"Page: {report.report}", markup=False)


def evaluate_text(console: Console, report: "EvaluateReport") -> None:
    """Metrics with intervals, the paired difference, checks."""
    console.print(
        f"{report.name} version {report.version}, on {report.rows:,} rows that it has never seen "
        f"({report.dropped:,} left out as trained on)",
        markup=False,
    )
    found = report.evidence.as_json()
    rows = [[name, show.interval(one, 5), p_value(one.get("p_value"))] for name, one in found.items()]
    show.table(console, ["metric", "value [interval]", "p"], rows)
    if report.against is not None:
        paired = [
            [name, show.interval(one.as_json(), 5), p_value(one.p_value)]
            for name, one in report.difference.items()
        ]
        title = f"Difference to version {report.against}, on the same rows"
        show.table(console, ["metric", "difference [interval]", "p"], paired, title=title)
    console.print(uses_text(report.uses))
    show.checks(console, report.checks)


def best_text(console: Console, report: Mapping[str, Any]) -> None:
    """Which candidate has the best evidence, and what moves its effects."""
    console.print(
        f"Best cross-fitted evidence: {report['best']}. "
        f"Registered: {report['winner']} ({report['targeting']}).",
        markup=False,
    )
    understanding_text(console, report["understanding"], report["targeting"])


def _arms(console: Console, report: "UpliftReport") -> None:
    outcomes = list(report.arms[0]["outcome_mean"])
    rows = [
        [one["arm"], f"{one['rows']:,}", f"{one['share']:.1%}"]
        + [show.number(one["outcome_mean"][outcome]) for outcome in outcomes]
        for one in report.arms
    ]
    show.table(console, ["arm", "rows", "share", *(f"mean {one}" for one in outcomes)], rows)


def _verdict(report: "UpliftReport") -> str:
    if not report.trusted:
        return "A hard check failed: nothing was fitted, nothing was registered."
    version = f"as version {report.model_version} (challenger)" if report.model_version else ""
    kept = f"registered {version}" if version else "not registered, as you asked"
    step = f" Next: lab promote {report.name}" if version else ""
    evidence = f"'{report.best}' has the best cross-fitted evidence of the candidates"
    if report.targeting == "better":
        return f"{evidence}, and {_beaten(report)}: it is {kept}.{step}"
    arm = report.registered["constant_arm"] if report.registered else None
    return (
        f"{evidence}, but it does not beat treating everyone alike (none_better). "
        f"'{arm}' for everybody, the best-supported single offer, is {kept} instead.{step}"
    )


def _beaten(report: "UpliftReport") -> str:
    """What the model beat: one choice for all (G1), or only random choice at equal spend (G2)."""
    if all(one["passed"] for one in report.gate if one["name"].startswith("G1.")):
        return "beats treating everyone alike"
    return (
        "beats random choice where the money reaches only a part of the customers "
        "(not one choice for all, where it reaches everybody)"
    )


def _effects_title(report: "UpliftReport") -> str:
    if report.causal_basis == "assumed":
        return "Average effects, adjusted (causal only if the features hold all that drove the choice)"
    return "Average effects"
