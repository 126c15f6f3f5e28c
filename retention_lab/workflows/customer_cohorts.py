"""`lab customers cohorts`: customers by the month of their first order, followed month by month."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from retention_lab.customers.cohorts import CohortMonths, Cohorts, cohorts
from retention_lab.data.connect import Tables
from retention_lab.data.customer_view import cohort_months, last_month
from retention_lab.errors import LabError
from retention_lab.workflows.campaign_audience import default_as_of
from retention_lab.workflows.project import Lab


@dataclass(frozen=True, slots=True)
class CohortView:
    """The cohorts at a date (aware)."""

    as_of: datetime
    cohorts: Cohorts

    def retention(self) -> list[dict[str, Any]]:
        """Retention after so many whole months, over all cohorts seen so long."""
        found = []
        for months in range(1, self.cohorts.customers.shape[1]):
            try:
                after = self.cohorts.retention_after(months)
            except LabError:
                break  # no cohort has been seen longer
            seen = self.cohorts.complete[:, months]
            of = int(self.cohorts.sizes[seen].sum())
            found.append({"months_since": months, "customers": of, "retention": after.as_json()})
        return found

    def as_json(self) -> dict[str, Any]:
        """The document of the contract: a row per cohort and month."""
        return {
            "as_of": self.as_of.isoformat(),
            "customers": int(self.cohorts.sizes.sum()),
            "rows": self.cohorts.rows(),
            "retention": self.retention(),
        }


def customer_cohorts(lab: Lab, as_of: datetime | None = None) -> CohortView:
    """The cohorts at a date. Raises LabError where nobody has ordered before it."""
    with lab.open_tables() as tables:
        tables.require("transactions")
        at = default_as_of(lab, tables) if as_of is None else lab.start_of(as_of)
        return cohort_view(tables, at)


def cohort_view(tables: Tables, as_of: datetime) -> CohortView:
    """The cohorts of tables that are open."""
    found = cohort_months(tables, as_of)
    cohort, months, customers, orders = (
        found.column(name).to_numpy() for name in ("cohort", "month", "customers", "orders")
    )
    revenue = np.asarray(found.column("revenue").to_numpy(), dtype=np.float64)
    seen = CohortMonths(cohort, months, customers, orders, revenue)
    month, over = last_month(as_of, tables.timezone)
    return CohortView(as_of, cohorts(seen, month, last_is_complete=over))
