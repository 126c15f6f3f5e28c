"""Who is leaving the simulated retailer and why, and what a churn model learnt from its tables alone."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from retention_lab.arrays import Bools, Ints
from retention_lab.config.churn import ChurnDefinition, ChurnLabel, ChurnSplit
from retention_lab.data.connect import Tables, open_tables
from retention_lab.data.snapshot_columns import MARKS
from retention_lab.simulate import Retailer, respond
from retention_lab.simulate.customers import REASONS
from retention_lab.workflows.churn_looks import current_rows, read_churn_looks
from retention_lab.workflows.churn_training import Fitted, fit, split_rows

INACTIVE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Leavers:
    """Customers on their way out: at risk at the retailer's instant (an order in the last 90 days), fading or
    gone by the truth, and without an order in the 90 days that follow if nobody is contacted.

    rows: their snapshot. cause: (n,) position in REASONS of what was planted.
    """

    rows: pa.Table
    cause: Ints


def leaving(*, marked: bool = True) -> ChurnDefinition:
    """A churn model of the blend over six looks, half of the customers held out; without marks, if asked."""
    return ChurnDefinition(
        name="leaving",
        file="leaving.yaml",
        kind="churn",
        label=ChurnLabel(inactive_days=INACTIVE_DAYS),
        models=("blend",),
        validation=ChurnSplit(share=0.5),
        exclude=() if marked else tuple(MARKS),
    )


def trained(shop: Retailer, definition: ChurnDefinition) -> tuple[Fitted, Leavers]:
    """The model as `lab train` fits it, and those leavers whom it has never seen."""
    with TemporaryDirectory() as folder, _opened(shop, Path(folder)) as tables:
        rows = read_churn_looks(tables, definition, None)
        today = current_rows(tables, None)
    parts = split_rows(rows, definition.validation.share, definition.validation.seed)
    unseen = ~np.isin(today["customer_id"].to_numpy(zero_copy_only=False), rows.unit[parts.training])
    return fit(rows, parts, definition, lambda _: None), leavers(shop, today.filter(pa.array(unseen)))


def leavers(shop: Retailer, today: pa.Table) -> Leavers:
    """Those of a snapshot at the retailer's instant who are leaving."""
    place = _places(shop, today["customer_id"])
    away = np.array([phase != "active" for phase in shop.truth.phase.to_pylist()])
    cause = np.array([REASONS.index(reason) for reason in shop.truth.leaving_reason.to_pylist()])
    recency = np.asarray(today["recency_days"].to_numpy(zero_copy_only=False), dtype=np.float64)
    found = (recency <= INACTIVE_DAYS) & (away & ~_comes_back(shop))[place]
    return Leavers(today.filter(pa.array(found)), cause[place][found])


def _opened(shop: Retailer, folder: Path) -> Tables:
    data = folder / "data"
    data.mkdir()
    for name, table in shop.tables.items():
        pq.write_table(table, data / f"{name}.parquet")
    return open_tables("data", folder, now=shop.as_of)


def _comes_back(shop: Retailer) -> Bools:
    """(n,) whether each customer orders in the 90 days after the retailer's instant."""
    nobody = pa.table({"customer_id": pa.array([], pa.string()), "arm": pa.array([], pa.string())})
    rows = respond(shop, nobody, shop.as_of, INACTIVE_DAYS).tables["transactions"]
    until = pa.scalar((shop.as_of + timedelta(days=INACTIVE_DAYS)).replace(tzinfo=None), pa.timestamp("us"))
    bought = rows.filter((pc.field("amount") > 0) & (pc.field("ordered_at") < until))
    came = np.zeros(len(shop.truth.customer_ids), dtype=np.bool_)
    came[_places(shop, bought["customer_id"].drop_null())] = True
    return came


def _places(shop: Retailer, ids: pa.ChunkedArray) -> Ints:
    found = pc.index_in(ids.combine_chunks(), value_set=shop.truth.customer_ids)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)
