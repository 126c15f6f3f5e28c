"""What `lab experiment simulate` prints for people."""

from typing import TYPE_CHECKING

from rich.console import Console

from retention_lab.cli import show

if TYPE_CHECKING:
    from retention_lab.abtest.simulation.report import MetricSimulation, Rate
    from retention_lab.workflows.simulate_experiment import SimulationReport

_METHODS = {
    "always_valid": "always valid",
    "group_sequential": "group sequential",
    "fixed": "as if each were the only one",
}


def simulation_text(console: Console, report: "SimulationReport") -> None:
    """A sentence for each metric, and tables of what was found without an effect and with one."""
    found = report.simulation
    shares = ", ".join(f"{arm} {share:.0%}" for arm, share in found.shares.items())
    console.print(
        f"{found.replications:,} tests of {found.units:,} units without an effect ({shares}).",
        style="bold",
        markup=False,
    )
    for note in report.notes:
        console.print(f"  {note}", markup=False)
    for one in found.metrics:
        console.print(f"  {one.sentence}", markup=False)
    there = [one for one in found.metrics if one.reason is None]
    heads = ["metric, arm", "false positives", "coverage", "effect", "power"]
    show.table(console, heads, [_row(one) for one in there], title="at the end")
    heads = [f"metric, arm, {found.looks} looks", "false positives", "power"]
    show.table(console, heads, [row for one in there for row in _looks(one)], title="stopped at any look")


def _row(one: "MetricSimulation") -> list[str]:
    return [
        f"{one.metric}, {one.arm}",
        _banded(one.false_positives),
        _banded(one.coverage),
        show.number(one.effect),
        _share(one.power),
    ]


def _looks(one: "MetricSimulation") -> list[list[str]]:
    return [
        [
            f"{one.metric}, {one.arm}, {_METHODS[method]}",
            f"{rates.false_positives.value:.2%}",
            _share(rates.power),
        ]
        for method, rates in (one.by_looks or {}).items()
    ]


def _banded(rate: "Rate | None") -> str:
    """A rate, and what chance allows where the promise is kept."""
    return "–" if rate is None else f"{rate.value:.2%} ({rate.low:.2%} to {rate.high:.2%})"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
