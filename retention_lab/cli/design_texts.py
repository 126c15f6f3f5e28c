"""What `lab experiment design` prints for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from retention_lab.cli import show

if TYPE_CHECKING:
    from retention_lab.abtest.design.choices import Choice
    from retention_lab.workflows.design_experiment import DesignReport

_DIRECTION = {"two_sided": "in either direction", "greater": "upwards", "less": "downwards"}


def design_text(console: Console, report: "DesignReport") -> None:
    """The units and days, what they rest on, how often the test is read, and other choices."""
    design, hypothesis = report.design, report.comparison.hypothesis
    console.print(_headline(report), style="bold", markup=False)
    rows = [[arm, f"{report.shares[arm]:.1%}", f"{units:,}"] for arm, units in report.units.items()]
    show.table(console, ["arm", "share", "units"], rows)
    total, days = f"{sum(design.units):,} units in all", report.chosen.days
    console.print(f"  {total}." if days is None else f"  {total}, {days} days until their windows close.")
    if report.chosen.reason:
        console.print(f"  {report.chosen.reason}", markup=False)
    console.print(f"  {_past(report)}", markup=False)
    console.print(
        f"  False alarms: {_level(report)}, {_DIRECTION[hypothesis.alternative]}. {_looks(report)}",
        markup=False,
    )
    _choices(console, report.table, "Other effects and powers")
    _choices(console, report.by_days, "What each length finds")
    for note in report.notes:
        console.print(f"Note: {note}", markup=False)
    console.print(
        f"Before the test starts, keep this in its definition: plan: {{n_per_arm: {design.n_per_arm}}}"
    )


def _headline(report: "DesignReport") -> str:
    design, null = report.design, report.comparison.hypothesis.null
    effect = f"{design.mde_absolute:+.4g}".replace("-", "−")
    share = f" ({_percent(design.mde_relative)} of {design.baseline:.4g})" if design.mde_relative else ""
    power = f"with a power of {design.power:.0%}"
    if null == 0:
        return f"To find an effect of {effect}{share} on {design.metric} {power}:"
    margin = f"{abs(null):.4g}"
    return f"To show that {design.metric} is worse by less than {margin}, if its effect is {effect}, {power}:"


def _past(report: "DesignReport") -> str:
    past, precision = report.past, report.past.precision
    spread = past.outcome.variances(0.0)[0] ** 0.5
    found = f"From {past.units:,} past units ({report.source}): {past.outcome.baseline:.4g}, sd {spread:.4g}"
    if past.missing:
        found += f", {past.missing:,} more without a value"
    if past.cap is not None:
        found += f", cut at {past.cap:.4g}"
    if precision.explained > 0:
        found += f"; covariates and strata take {precision.explained:.0%} off the variance"
    if precision.cluster_size > 1:
        found += (
            f"; clusters of {precision.cluster_size:.3g} units, alike by "
            f"{precision.intraclass_correlation:.3g}, multiply it to {precision.factor:.3g} times"
        )
    return f"{found}."


def _level(report: "DesignReport") -> str:
    alpha = report.comparison.hypothesis.alpha
    if report.counted == 1:
        return f"{alpha:.2%}"
    return f"{report.level:.2%} over {report.counted} comparisons, {alpha:.2%} for this one"


def _looks(report: "DesignReport") -> str:
    looks = report.comparison.looks
    if looks is None:
        return "The test is read once, at the end."
    count = len(looks.fractions)
    if report.expected is None:
        return "It will be read once, at the end; `sequential: fixed` says so, and may need fewer units."
    return (
        f"Planned with {count} looks, at any of which it may stop: on average after {report.expected:,.0f} "
        "units, if the effect is as planned."
    )


def _choices(console: Console, choices: "Sequence[Choice]", title: str) -> None:
    if not choices:
        return
    rows = [
        [
            f"{one.mde_absolute:+.4g}".replace("-", "−"),
            _percent(one.mde_relative),
            f"{one.power:.0%}",
            "–" if one.units is None else f"{min(one.units):,}",
            "–" if one.days is None else f"{one.days:,}",
        ]
        for one in choices
    ]
    heads = ["effect", "relative", "power", "units in the smallest arm", "days"]
    show.table(console, heads, rows, title=title)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:+.1%}".replace("-", "−")
