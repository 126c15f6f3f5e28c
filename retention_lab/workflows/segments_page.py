"""The page of trained segments, from what the training found."""

import numpy as np

from retention_lab.customers.fit_segments import FittedSegments
from retention_lab.customers.rates import share
from retention_lab.customers.stability import STABLE, Grouped
from retention_lab.reports.parts import Origin
from retention_lab.reports.segments import GroupsTried, SegmentRow, SegmentsPage, SegmentTrait
from retention_lab.reports.segments_report import render_segments
from retention_lab.workflows.project import Lab
from retention_lab.workflows.segment_rows import SegmentRows
from retention_lab.workflows.segments_report import SegmentsReport

_MOST_POINTS = 900  # of all segments together: more are a cloud in which none is seen, and a heavy page


def segments_page(lab: Lab, found: SegmentsReport, rows: SegmentRows, fitted: FittedSegments) -> str:
    """The page as one HTML file, in the project's language."""
    return render_segments(segments_report(lab, found, rows, fitted), lab.settings.language)


def segments_report(
    lab: Lab, found: SegmentsReport, rows: SegmentRows, fitted: FittedSegments
) -> SegmentsPage:
    """What the page says, as plain values."""
    as_of = None if rows.as_of is None else rows.as_of.date()
    return SegmentsPage(
        name=found.name,
        version=found.model_version,
        method=found.winner,
        customers=found.customers,
        left_out=found.left_out,
        min_cell=lab.settings.privacy.min_cell,
        stable=STABLE,
        chosen=_tried(fitted.chosen),
        tried=tuple(_tried(one) for one in fitted.candidates),
        segments=_segments(found, fitted),
        checks=tuple(found.checks),
        weights=found.chosen_by,
        origin=Origin(model=found.name, run_id=found.run_id, data_as_of=as_of),
    )


def _tried(one: Grouped) -> GroupsTried:
    return GroupsTried(one.groups, one.stability, one.silhouette)


def _segments(found: SegmentsReport, fitted: FittedSegments) -> tuple[SegmentRow, ...]:
    inside = found.customers - found.left_out
    drawn = _drawn(fitted)
    rows = []
    for k, one in enumerate(found.segments):
        own = fitted.points[fitted.labels == k]
        shown = fitted.points[drawn & (fitted.labels == k)]
        rows.append(
            SegmentRow(
                name=one["segment"],
                customers=one["customers"],
                share=share(one["customers"], inside),
                typical=one["features"],
                traits=tuple(
                    SegmentTrait(t.feature, t.level, t.direction == "high") for t in fitted.traits[k]
                ),
                points=tuple(_flat(point) for point in shown),
                centre=_flat(own.mean(axis=0)) if len(own) else None,
            )
        )
    return tuple(rows)


def _drawn(fitted: FittedSegments) -> np.ndarray:
    """(n,) the customers whose points are drawn: evenly spread over the rows."""
    placed = np.flatnonzero(fitted.labels >= 0)
    step = max(1, -(-len(placed) // _MOST_POINTS))
    chosen = np.zeros(len(fitted.labels), dtype=bool)
    chosen[placed[::step]] = True
    return chosen


def _flat(point: np.ndarray) -> tuple[float, float]:
    """The first two coordinates; customers who differ along one axis only lie on a line."""
    return float(point[0]), float(point[1]) if len(point) > 1 else 0.0
