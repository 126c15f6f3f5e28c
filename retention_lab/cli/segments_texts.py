"""What the commands about segments print for people."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show
from retention_lab.cli.evidence_texts import candidates_table

if TYPE_CHECKING:
    from retention_lab.workflows.evaluate_segments import SegmentsEvidence
    from retention_lab.workflows.segments_report import SegmentsReport

__all__ = ["METRICS", "best_text", "evaluate_text", "segments_table", "train_text"]

METRICS = ("stability",)
_FEATURES = 4  # beside each segment; the page and the JSON have them all


def train_text(console: Console, report: "SegmentsReport") -> None:
    """The segments, how well each number of groups is found again, and what comes next."""
    console.print(f"{report.name} · run {report.run_id}", markup=False)
    segments_table(console, report.segments)
    if report.left_out:
        console.print(f"{report.left_out:,} of {report.customers:,} customers are in no segment.")
    title = "How well they are found again in resamples: adjusted Rand index [middle 95 %]"
    candidates_table(console, report.candidates, METRICS, title)
    if report.chosen_by is not None:
        rows = [[name, show.number(weight, 2)] for name, weight in report.chosen_by.items()]
        show.table(console, ["feature", "weight"], rows, title="Features that LASSO kept for the target")
    console.print("Checks")
    show.checks(console, report.checks)
    registered = f"Registered as version {report.model_version}, challenger." if report.model_version else ""
    console.print(f"Taken: {report.best}. {registered}".strip(), markup=False)
    console.print(f"Page: {report.report}", markup=False)


def evaluate_text(console: Console, report: "SegmentsEvidence") -> None:
    """Whether the segments still fit, and how large they are now."""
    console.print(f"{report.name} version {report.version}, on {report.rows:,} customers", markup=False)
    segments_table(console, report.segments)
    meanings = {
        "agreement": "agreement with segments made anew from these customers",
        "silhouette": "silhouette: how far apart they lie",
        "size_shift": "shift of their sizes since training (population stability index)",
    }
    rows = [[meanings[name], _value(one)] for name, one in report.metrics.items()]
    show.table(console, ["metric", "value [interval]"], rows)
    if report.against is not None:
        agree = show.number(report.against["difference"]["agreement"]["value"], 3)
        console.print(f"Agreement with version {report.against['version']}: {agree}")
    show.checks(console, report.checks)


def best_text(console: Console, report: Mapping[str, Any]) -> None:
    """Which number of groups was taken."""
    console.print(
        f"Taken: {report['best']}: of those found again (.8 and more), the most that lie apart as well.",
        markup=False,
    )


def segments_table(console: Console, segments: Sequence[Mapping[str, Any]]) -> None:
    """A line a segment: customers, share, and what they are like on average."""
    features = list(segments[0]["features"])[:_FEATURES] if segments else []
    rows = [
        [
            one["segment"],
            f"{one['customers']:,}",
            "–" if one["share"] is None else f"{one['share']['value']:.1%}",
            *(_typical(one["features"][name]) for name in features),
        ]
        for one in segments
    ]
    show.table(console, ["segment", "customers", "share", *features], rows)


def _typical(value: float | str | None) -> str:
    return value if isinstance(value, str) else show.number(value, 2)


def _value(one: Mapping[str, Any]) -> str:
    if one["value"] is None or one["ci_low"] is None:
        return show.number(one["value"], 3)
    return show.interval(one, 3)
