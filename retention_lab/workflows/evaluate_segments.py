"""`lab evaluate` of segments: do they still describe the customers of another date or table?"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.metrics import adjusted_rand_score

from retention_lab.arrays import Ints
from retention_lab.checks import Check, check
from retention_lab.customers.fit_segments import agreement, separation
from retention_lab.customers.stability import STABLE
from retention_lab.errors import LabError
from retention_lab.features import encode
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.tracking.store import Store
from retention_lab.workflows.as_trained import overrides_of
from retention_lab.workflows.customer_state import segments_of
from retention_lab.workflows.project import Lab
from retention_lab.workflows.segment_figures import segment_rows
from retention_lab.workflows.segment_rows import read_segment_rows
from retention_lab.workflows.train_segments import segments_definition

SHIFTED = 0.2  # of the population stability index: the field's rule for a shift to be looked into
_LEAST = 1e-4  # an empty segment's share, so that the index stays finite


@dataclass(frozen=True, slots=True)
class SegmentsEvidence:
    """What `lab evaluate` found.

    metrics: agreement with segments refitted on these customers, silhouette, and the population stability
    index of the segments' sizes. against: another version and how far both agree.
    """

    name: str
    kind: str
    version: str
    rows: int
    metrics: dict[str, Any]
    checks: list[Check]
    segments: list[dict[str, Any]]
    against: dict[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {**found, "rows_dropped_as_trained_on": 0}


def evaluate_segments(
    lab: Lab,
    selector: str,
    *,
    table: Path | None = None,
    as_of: datetime | None = None,
    against: str | None = None,
) -> SegmentsEvidence:
    """Evaluate a version on the project's customers at a date, or on another table.

    Segments learn no outcome, so the customers they were made from may judge them too: none are left out.
    Raises LabError where these customers lack a feature, or none of them is in a segment.
    """
    store = lab.open_store()
    loaded = load_version(store, *parse_selector(selector))
    overrides = overrides_of(loaded)
    definition = segments_definition(lab, loaded.name, overrides).model_copy(
        update={"features": loaded.model.segments.schema.names, "target": None}
    )
    rows = read_segment_rows(lab, definition, as_of, table)
    features = encode(rows.table, loaded.model.segments.schema)
    labels = loaded.model.segments.assign(features)
    if not (labels >= 0).any():
        raise LabError("None of these customers is in a segment.", "Check the table, or train again.")
    found = segment_rows(loaded.model.segments.names, labels, features)
    model, details = loaded.model.segments, loaded.model.details
    seed = int(details["seed"])
    steady = agreement(features, model, resamples=int(details["resamples"]), seed=seed)
    width, shift = separation(features, model, seed=seed), _shift(loaded, found)
    return SegmentsEvidence(
        name=loaded.name,
        kind="segments",
        version=loaded.version,
        rows=len(rows),
        metrics={"agreement": steady.as_json(), "silhouette": _plain(width), "size_shift": _plain(shift)},
        checks=[
            check("segments_found_again", "soft", steady.value >= STABLE, steady.value, STABLE),
            check("sizes_as_trained", "soft", shift <= SHIFTED, shift, SHIFTED),
        ],
        segments=found,
        against=None if against is None else _beside(store, against, rows.table, labels),
    )


def _beside(store: Store, against: str, table: pa.Table, labels: Ints) -> dict[str, Any]:
    """Another version, and how far its segments of these customers agree with (n,) labels."""
    rival = load_version(store, *parse_selector(against))
    theirs = np.array([str(x) for x in segments_of(rival.model, table, against)])
    return {
        "version": rival.version,
        "difference": {"agreement": _plain(adjusted_rand_score(labels, theirs))},
    }


def _shift(loaded: Loaded, found: list[dict[str, Any]]) -> float:
    """Population stability index of the segments' shares, now against training."""
    then = np.array([loaded.model.details["shares"][one["segment"]] for one in found])
    now = np.array([one["share"]["value"] for one in found])
    then, now = np.maximum(then, _LEAST), np.maximum(now, _LEAST)
    return float(np.sum((now - then) * np.log(now / then)))


def _plain(value: float | None) -> dict[str, Any]:
    known = None if value is None else float(value)
    return {"value": known, "ci_low": None, "ci_high": None, "p_value": None}
