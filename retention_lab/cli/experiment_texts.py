"""What the commands about A/B tests print for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from retention_lab.abtest.comparison import Comparison
from retention_lab.cli import show

if TYPE_CHECKING:
    from retention_lab.workflows.analyze_experiment import AnalysisReport
    from retention_lab.workflows.check_experiment import CheckReport
    from retention_lab.workflows.list_experiments import ListedExperiment

_VERDICTS = {
    "ship": "Ship",
    "stop": "Stop",
    "keep_running": "Keep running",
    "do_not_trust": "Do not trust this test",
}


def analysis_text(console: Console, report: "AnalysisReport") -> None:
    """The verdict, the checks before any result, and a table of effects; segments where there are any."""
    found = report.analysis
    decision = found.decision
    console.print(f"{_verdict(decision.verdict, decision.arm)}.", style="bold", markup=False)
    for reason in (*decision.reasons, *report.notes):
        console.print(f"  {reason}", markup=False)
    show.checks(console, found.trust.checks)
    _effects(console, found.metrics)
    if found.segments:
        for column in dict.fromkeys(one.segment for one in found.segments):
            own = [one for one in found.segments if one.segment == column]
            _effects(console, own, title=f"by {column}")
    for one in found.interactions:
        if one.p_value is not None and one.p_value < 0.05:
            console.print(
                f"  {one.metric} in {one.arm}: effects differ by {one.segment} (p {one.p_value:.2g}, "
                "not corrected).",
                markup=False,
            )
    for comparison in (*found.metrics, *found.segments):
        if comparison.reason is not None:
            console.print(f"  {_name(comparison)}: {comparison.reason}", markup=False)
    console.print(f"Page: {report.report}", markup=False)


def check_text(console: Console, report: "CheckReport") -> None:
    """The verdict, the units of each arm, and the checks."""
    failed = [one["name"] for one in report.trust.checks if one["passed"] is False]
    verdict = "Nothing speaks against this test."
    if not report.trust.trustworthy:
        verdict = f"{_VERDICTS['do_not_trust']}."
    elif failed:
        verdict = f"This test may be believed, but look at: {', '.join(failed)}."
    console.print(verdict, style="bold", markup=False)
    for note in report.notes:
        console.print(f"  {note}", markup=False)
    ratio = report.trust.sample_ratio
    planned = {} if ratio is None else ratio.planned
    total = sum(report.units.values())
    rows = [
        [arm, f"{units:,}", f"{units / total:.2%}", f"{planned[arm]:.2%}" if arm in planned else "–"]
        for arm, units in report.units.items()
    ]
    show.table(console, ["arm", "units", "share", "planned"], rows)
    show.checks(console, report.trust.checks)


def list_text(console: Console, experiments: "Sequence[ListedExperiment]") -> None:
    """One line a test; what stands in the way of one is said below."""
    if not experiments:
        console.print("There are no A/B tests yet: `lab new abtest NAME --table FILE` writes one.")
        return
    rows = []
    for one in experiments:
        last = one.last
        verdict = "–" if last is None else _verdict(last.verdict, last.arm)
        when = "–" if last is None else f"{last.at:%Y-%m-%d %H:%M} UTC"
        rows.append([one.name, one.reads or "?", ", ".join(one.primary) or "–", verdict, when])
    show.table(console, ["test", "reads", "decided by", "last verdict", "analyzed"], rows, right=False)
    for one in experiments:
        if one.reason is not None:
            console.print(f"  {one.name}: {one.reason}", markup=False)
        elif one.last is not None and one.last.stale:
            console.print(f"  {one.name}: its definition has changed since.", markup=False)


def _verdict(verdict: str, arm: str | None) -> str:
    return f"{_VERDICTS[verdict]} {arm}" if arm and verdict == "ship" else _VERDICTS[verdict]


def _effects(console: Console, comparisons: Sequence[Comparison], title: str = "") -> None:
    rows, believed = [], any(one.posterior is not None for one in comparisons)
    for one in comparisons:
        found = one.as_json()
        rows.append(
            [
                _name(one),
                show.number(found["mean_control"]),
                show.number(found["mean_arm"]),
                _interval(found),
                _percent(found),
                _p(found["p_value"], found["log10_p"]),
                _p(found["p_value_adjusted"], None),
                *(_believed(one) if believed else ()),
            ]
        )
    heads = ["metric, arm", "control", "arm", "effect [interval]", "relative", "p", "adjusted"]
    heads += ["better", "loss"] if believed else []
    show.table(console, heads, rows, title=title)


def _believed(one: Comparison) -> tuple[str, str]:
    """How likely the arm is the better one, and what choosing it is expected to cost where it is not."""
    if one.posterior is None:
        return "–", "–"
    return f"{one.posterior.chance_to_win:.1%}", show.number(one.posterior.loss_if_shipped)


def _name(one: Comparison) -> str:
    level = f", {one.level}" if one.level is not None else ""
    return f"{one.metric}, {one.arm}{level}"


def _percent(found: dict[str, float | None]) -> str:
    value = found["relative"]
    if value is None:
        return "–"
    low, high = found["relative_ci_low"], found["relative_ci_high"]
    if low is None or high is None:
        return f"{value:+.1%}"
    return f"{value:+.1%} [{low:+.1%}, {high:+.1%}]".replace("-", "−")


def _p(value: float | None, log10_p: float | None) -> str:
    if value is None:
        return "–"
    if value < 1e-4:
        return "<.0001" if log10_p is None or log10_p > -300 else f"10^{log10_p:.0f}"
    return f"{value:.4f}"


def _interval(found: dict[str, float | None]) -> str:
    low, high = show.number(found["ci_low"]), show.number(found["ci_high"])
    return f"{show.number(found['effect'])} [{low}, {high}]"
