"""What a launch caused among customers that were known apart before its draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Ints
from retention_lab.estimate import Estimate, not_computed
from retention_lab.targeting.by_group import by_decile, by_group, by_intended_offer
from retention_lab.targeting.incremental import CampaignRows, GroupResult
from retention_lab.workflows.plan_files import PlannedRows


@dataclass(frozen=True, slots=True)
class Groups:
    """intended: by the policy's choice, none first; segments: by a column as the plan saw it; deciles: of the
    expected value of the best offer, highest first. Empty where there is nothing to tell apart."""

    intended: tuple[GroupResult, ...] = ()
    segments: tuple[GroupResult, ...] = ()
    deciles: tuple[GroupResult, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Three lists, each under the name of what tells its groups apart."""
        return {
            "per_intended_offer": _shown("offer", self.intended),
            "per_segment": _shown("segment", self.segments),
            "per_decile": _shown("decile", self.deciles),
        }


def measured_groups(rows: CampaignRows, table: pa.Table, planned: PlannedRows) -> Groups:
    """The groups of a planned launch. table: of `experiment_rows`, in the order of the rows."""
    order = planned_order(table, planned)
    segment, best = planned.segment, planned.best
    return Groups(
        intended=by_intended_offer(rows, planned.offers),
        segments=() if segment is None else _by_segment(rows, segment[order]),
        deciles=() if best is None else by_decile(rows, best[order]),
    )


def planned_order(table: pa.Table, planned: PlannedRows) -> Ints:
    """(n,) for every measured row, its row in the plan."""
    place = {customer: i for i, customer in enumerate(planned.ids.tolist())}
    return np.array([place[customer] for customer in table["customer_id"].to_pylist()], dtype=np.int64)


def _by_segment(rows: CampaignRows, segment: np.ndarray) -> tuple[GroupResult, ...]:
    names, code = np.unique(segment, return_inverse=True)
    return by_group(rows, np.asarray(code, dtype=np.int64), names.tolist())


def _shown(name: str, groups: Sequence[GroupResult]) -> list[dict[str, Any]]:
    def estimate(found: Estimate | None, reason: str | None) -> dict[str, Any]:
        return not_computed(reason or "") if found is None else found.as_json()

    return [
        {
            name: one.name,
            "n": one.rows,
            "incremental_contribution": estimate(one.incremental_contribution, one.reason),
            "cost": one.cost.as_json(),
            "profit": estimate(one.profit, one.reason),
        }
        for one in groups
    ]
