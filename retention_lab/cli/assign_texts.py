"""What `lab experiment assign` prints for people."""

from typing import TYPE_CHECKING

from rich.console import Console

from retention_lab.cli import show

if TYPE_CHECKING:
    from retention_lab.workflows.assign_experiment import AssignReport

_LEFT_OUT = {
    "global_holdout": "in the global holdout",
    "layer": "outside the test's slice of its layer",
    "open_campaign": "in an open campaign or test",
    "coverage": "not covered",
}
_UNLIKELY = 0.001


def assign_text(console: Console, report: "AssignReport") -> None:
    """Units and shares by arm, who stays outside, how arms were drawn, and where they are."""
    drawn, ratio = report.drawn, report.ratio
    inside = int(drawn.inside.sum())
    console.print(
        f"{report.experiment}: {inside:,} of {len(drawn.ids):,} units are in.", style="bold", markup=False
    )
    rows = [
        [arm, f"{units:,}", f"{units / inside:.2%}", f"{ratio.planned[arm]:.2%}"]
        for arm, units in drawn.counts.items()
    ]
    show.table(console, ["arm", "units", "share", "planned"], rows)
    left = ", ".join(f"{count:,} {_LEFT_OUT[reason]}" for reason, count in drawn.left_out.items())
    if left:
        console.print(f"  Left out: {left}.")
    if report.strata is not None:
        console.print(f"  Drawn within {report.strata:,} strata, salt {report.salt!r}.", markup=False)
    else:
        console.print(f"  Drawn by {report.method}, salt {report.salt!r}.", markup=False)
    odd = "" if ratio.p_value >= _UNLIKELY else ": unlikely for a fair draw, look at the ids"
    console.print(f"  Sample ratio: p = {ratio.p_value:.4f}{odd}.")
    if report.strata is not None:
        console.print(
            "  Analyze it with the same strata (`strata:` in the definition), or intervals are too wide."
        )
    if report.run_id is not None:
        console.print(
            "  An arm is no permission to contact: neither consent nor suppressions were looked at."
        )
    for file in report.files:
        console.print(f"Wrote {file}", markup=False)
    if not report.files:
        console.print("Nothing was written.")
