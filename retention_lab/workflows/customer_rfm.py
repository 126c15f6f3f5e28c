"""`lab customers rfm`: scores in quintiles, the grid, and the named cells."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats
from retention_lab.customers.rates import share
from retention_lab.customers.rfm import CELLS, SCORES, RfmCuts, RfmScores, cell_name, fit_rfm, grid_counts
from retention_lab.customers.rfm import COLUMNS as RFM_COLUMNS
from retention_lab.data.write import write_table
from retention_lab.workflows.customer_state import CustomerState, customer_state
from retention_lab.workflows.project import Lab


@dataclass(frozen=True, slots=True)
class RfmView:
    """Everybody's scores at a date; customers without an order have none."""

    state: CustomerState
    cuts: RfmCuts
    scores: RfmScores

    @property
    def buyers(self) -> int:
        """Customers with scores."""
        return int((self.scores.recency > 0).sum())

    @property
    def grid(self) -> np.ndarray:
        """(5, 5) customers by recency and frequency score."""
        return grid_counts(self.scores)

    def table(self) -> pa.Table:
        """One row per customer: id, the three scores, the three as one number, and the cell."""
        scored = pa.array(self.scores.recency == 0)
        columns = {
            "recency_score": self.scores.recency,
            "frequency_score": self.scores.frequency,
            "money_score": self.scores.money,
            "rfm": self.scores.code,
        }
        cells = pa.array([None if i < 0 else CELLS[i] for i in self.scores.cell], pa.string())
        found = {name: pa.array(values, mask=np.asarray(scored)) for name, values in columns.items()}
        return pa.table({"customer_id": self.state.rows.column("customer_id"), **found, "cell": cells})

    def cells(self) -> list[dict[str, Any]]:
        """The named cells, the best first: customers, revenue, and their shares of all buyers'."""
        revenue = self.state.purchases.revenue
        total = float(np.sum(revenue[self.scores.cell >= 0]))
        return [
            {
                "cell": name,
                **_figures(self.scores.cell == i, revenue, self.buyers),
                "revenue_share": _part(float(np.sum(revenue[self.scores.cell == i])), total),
            }
            for i, name in enumerate(CELLS)
        ]

    def as_json(self) -> dict[str, Any]:
        """The document of the contract: a row per pair of recency and frequency score."""
        revenue, scores = self.state.purchases.revenue, self.scores
        return {
            "as_of": self.state.as_of.isoformat(),
            "customers": len(self.state),
            "without_orders": len(self.state) - self.buyers,
            "cuts": {
                "recency_days": (-self.cuts.recency[::-1]).tolist(),
                "orders": self.cuts.frequency.tolist(),
                "revenue": self.cuts.money.tolist(),
            },
            "rows": [
                {
                    "recency": r,
                    "frequency": f,
                    "cell": cell_name(r, f),
                    **_figures((scores.recency == r) & (scores.frequency == f), revenue, self.buyers),
                }
                for r in range(SCORES, 0, -1)
                for f in range(SCORES, 0, -1)
            ],
            "cells": self.cells(),
        }


def customer_rfm(lab: Lab, as_of: datetime | None = None, out: Path | None = None) -> RfmView:
    """Score everybody at a date; `out` gets a row per customer.

    Raises LabError with fewer than five customers who bought.
    """
    with lab.open_tables() as tables:
        state = customer_state(lab, tables, as_of, RFM_COLUMNS)
    view = rfm_view(state)
    if out is not None:
        write_table(out, view.table())
    return view


def rfm_view(state: CustomerState) -> RfmView:
    """The scores of customers whose state is at hand."""
    cuts = fit_rfm(state.purchases)
    return RfmView(state, cuts, cuts.scores(state.purchases))


def _figures(inside: np.ndarray, revenue: Floats, buyers: int) -> dict[str, Any]:
    count = int(inside.sum())
    money = float(np.sum(revenue[inside]))
    return {
        "customers": count,
        "share": share(count, buyers).as_json(),
        "revenue": money,
        "mean_revenue": money / count if count else None,
    }


def _part(value: float, total: float) -> float | None:
    """None where returns have eaten all revenue: a share of nothing says nothing."""
    return value / total if total > 0 else None
