"""A plan on disk: every eligible customer with the probabilities of the arms, and what the plan expects.

One Parquet file, the facts in its metadata: a plan is there as a whole or not at all.
"""

import io
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.row_content import Hashes
from retention_lab.whole_files import write_whole
from retention_lab.workflows.project import Lab

NONE = "none"
_FACTS = "retention_lab.plan"
_PRODUCT = "product_"


@dataclass(frozen=True, slots=True)
class PlannedRows:
    """n eligible customers, K offers.

    intended: (n,) 0 = none. value: (n,) expected net value of the choice (outcome, without money). baseline:
    (n,) expected outcome without an offer. propensity: (n, K + 1), none first. exploration: (n,) shares.
    favoured: (n, K + 1) chances of the arms where exploration favours some. best: (n,) expected value of the
    offer that is worth most. effect: (n, K) by the model. seen: (n,) hashes of all that was known. segment:
    (n,) text. products: (n, P) ids of what a coupon shows. None where a plan has none.
    """

    ids: np.ndarray
    offers: tuple[str, ...]
    intended: Ints
    value: Floats
    baseline: Floats
    propensity: Floats
    exploration: Floats
    favoured: Floats | None = None
    best: Floats | None = None
    effect: Floats | None = None
    seen: Hashes | None = None
    segment: np.ndarray | None = None
    products: np.ndarray | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, none first."""
        return (NONE, *self.offers)

    def to_table(self) -> pa.Table:
        """One row per customer, as the contract names the columns."""
        names = np.array(self.arms, dtype=object)
        columns = {
            "customer_id": pa.array(self.ids.tolist(), pa.string()),
            "intended_arm": pa.array(names[self.intended].tolist(), pa.string()),
            "expected_net_value": pa.array(self.value),
            "expected_without": pa.array(self.baseline),
            "exploration": pa.array(self.exploration),
        }
        shares = {f"p.{name}": pa.array(self.propensity[:, k]) for k, name in enumerate(self.arms)}
        return pa.table(columns | shares | self._further())

    def _further(self) -> dict[str, pa.Array]:
        found: dict[str, pa.Array] = {}
        if self.products is not None:
            found |= product_columns(self.products)
        if self.favoured is not None:
            found |= {f"favoured.{name}": pa.array(self.favoured[:, k]) for k, name in enumerate(self.arms)}
        if self.effect is not None:
            found |= {f"effect.{name}": pa.array(self.effect[:, k]) for k, name in enumerate(self.offers)}
        single = {"best_net_value": self.best, "seen": self.seen, "segment": self.segment}
        return found | {name: pa.array(column) for name, column in single.items() if column is not None}

    @staticmethod
    def from_table(table: pa.Table) -> "PlannedRows":
        """The rows that `to_table` wrote."""
        arms = [name.removeprefix("p.") for name in table.column_names if name.startswith("p.")]
        position = {name: k for k, name in enumerate(arms)}
        intended = [position[name] for name in table["intended_arm"].to_pylist()]
        return PlannedRows(
            ids=np.array(table["customer_id"].to_pylist()),
            offers=tuple(arms[1:]),
            intended=np.array(intended, dtype=np.int64),
            value=table["expected_net_value"].to_numpy(),
            baseline=table["expected_without"].to_numpy(),
            propensity=np.column_stack([table[f"p.{name}"].to_numpy() for name in arms]),
            exploration=table["exploration"].to_numpy(),
            favoured=_matrix(table, [f"favoured.{name}" for name in arms]),
            best=_column(table, "best_net_value"),
            effect=_matrix(table, [f"effect.{name}" for name in arms[1:]]),
            seen=_column(table, "seen"),
            segment=_column(table, "segment"),
            products=_products(table),
        )


def product_columns(products: np.ndarray) -> dict[str, pa.Array]:
    """product_1, product_2, … of (n, P) ids."""
    columns = range(products.shape[1])
    return {f"{_PRODUCT}{place + 1}": pa.array(products[:, place].tolist(), pa.string()) for place in columns}


def _products(table: pa.Table) -> np.ndarray | None:
    names = [name for name in table.column_names if name.startswith(_PRODUCT)]
    if not names:
        return None
    found = np.full((table.num_rows, len(names)), None, dtype=object)
    for place, name in enumerate(names):
        found[:, place] = table[name].to_pylist()
    return found


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A written plan. facts: its JSON result and what a launch needs to know."""

    path: Path
    facts: dict[str, Any]

    @property
    def as_of(self) -> datetime:
        """The date that the plan looks at the customers from; aware."""
        return datetime.fromisoformat(self.facts["as_of"])

    def rows(self) -> PlannedRows:
        """The customers of the plan."""
        return PlannedRows.from_table(pq.read_table(self.path))


def _column(table: pa.Table, name: str) -> Any:
    return table[name].to_numpy() if name in table.column_names else None


def _matrix(table: pa.Table, names: list[str]) -> Floats | None:
    if not set(names) <= set(table.column_names):
        return None
    return np.column_stack([table[name].to_numpy() for name in names])


def write_plan(lab: Lab, name: str, as_of: datetime, rows: PlannedRows, facts: dict[str, Any]) -> Path:
    """Write campaigns/<name>/plan-<date>.parquet."""
    path = plan_path(lab, name, as_of)
    document = json.dumps(facts, ensure_ascii=False, allow_nan=False)
    buffer = io.BytesIO()
    pq.write_table(rows.to_table().replace_schema_metadata({_FACTS: document}), buffer)
    write_whole(path, buffer.getvalue())
    return path


def plan_path(lab: Lab, name: str, as_of: datetime) -> Path:
    """Where a plan of that date lies."""
    return lab.folder / "campaigns" / name / f"plan-{as_of.date().isoformat()}.parquet"


def latest_plan(lab: Lab, name: str) -> PlanFile:
    """The newest plan of a campaign by its date. Raises LabError where there is none."""
    found = sorted((lab.folder / "campaigns" / name).glob("plan-*.parquet"))
    if not found:
        raise LabError(f"There is no plan of '{name}'.", f"Make one: `lab campaign plan {name}`.")
    return read_plan(found[-1])


def read_plan(path: Path) -> PlanFile:
    """A written plan. Raises LabError where the file is damaged, or no plan."""
    try:
        metadata = pq.read_schema(path).metadata or {}
        return PlanFile(path, json.loads(metadata[_FACTS.encode()]))
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise LabError(
            "This is not a plan, or it is damaged.", "Make it again: `lab campaign plan NAME`.", file=path
        ) from error
