"""What all campaigns together do: customers kept out of everything against the rest."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats
from retention_lab.data.connect import Tables
from retention_lab.data.eligibility import GlobalHoldout, in_global_holdout
from retention_lab.data.snapshot import snapshot
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, not_computed
from retention_lab.targeting.incremental import LEAST_WITHOUT, without_covariates
from retention_lab.targeting.skewed import Comparison, total_difference

_COLUMN = "contribution"


@dataclass(frozen=True, slots=True)
class LongTerm:
    """A head, since the holdout began: contribution of the rest less that of customers kept out.

    customers: of the rest. starts, ends: aware. per_head: None with the reason.
    """

    starts: datetime
    ends: datetime
    customers: int
    held_out: int
    per_head: Estimate | None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        per_head = not_computed(self.reason) if self.per_head is None else self.per_head.as_json()
        return {
            "since": self.starts.isoformat(),
            "until": self.ends.isoformat(),
            "customers": self.customers,
            "held_out": self.held_out,
            "contribution_per_head": per_head,
            "detail": "Before the cost of contacts and redemptions. New customers count from their sign-up; "
            "who was held out before this rotation began may still show what was missed then.",
        }


def long_term_effect(tables: Tables, holdout: GlobalHoldout | None) -> LongTerm | None:
    """None where no customers are kept out, or no time has passed since they are.

    A rotation ends its analysis: outcomes from `until` on do not count, since whoever was held out may be
    in campaigns from then. Without a `from` the whole history counts. Everyone counts by the arm that the
    hash gave, contacted or not.
    Raises LabError as `snapshot` does.
    """
    if holdout is None:
        return None
    end = tables.data_end()
    end = end if holdout.until is None else min(end, holdout.until)
    starts = holdout.starts
    if end <= starts:
        return None
    after = snapshot(tables, end, [_COLUMN])
    held = in_global_holdout(after["customer_id"].to_pylist(), holdout)
    few = min(int(held.sum()), int((~held).sum()))
    if few < LEAST_WITHOUT:
        reason = f"{few} customers on one side are too few to compare; {LEAST_WITHOUT} are the least"
        return LongTerm(starts, end, int((~held).sum()), int(held.sum()), None, reason)
    before = _before(tables, starts, after)
    gained = _amounts(after) - before
    found = _per_head(gained, before, held)
    return LongTerm(starts, end, int((~held).sum()), int(held.sum()), found)


def _before(tables: Tables, starts: datetime, after: pa.Table) -> Floats:
    """(n,) contribution up to the start; 0 for who was not known then."""
    if starts <= datetime.min.replace(tzinfo=UTC):
        return np.zeros(after.num_rows)
    try:
        known = snapshot(tables, starts, [_COLUMN])
    except LabError:  # nobody was known yet
        return np.zeros(after.num_rows)
    amount = dict(zip(known["customer_id"].to_pylist(), _amounts(known).tolist(), strict=True))
    return np.array([amount.get(one, 0.0) for one in after["customer_id"].to_pylist()])


def _amounts(table: pa.Table) -> Floats:
    return np.nan_to_num(np.asarray(table[_COLUMN].to_numpy(zero_copy_only=False), dtype=np.float64))


def _per_head(gained: Floats, before: Floats, held: Bools) -> Estimate:
    """Adjusted for what customers had brought before, which the hash does not know."""
    rest, group = ~held, np.zeros(len(held), dtype=np.int64)
    adjusted = without_covariates(gained, before[:, None], rest, group)
    count = float(rest.sum())
    weight = np.where(rest, 1.0, count / held.sum())
    rows = Comparison(adjusted, np.zeros(len(held)), rest, weight, group)
    return total_difference(rows).scaled(1 / count)
