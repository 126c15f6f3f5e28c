"""`lab customers profile`: one customer from all sides, each fact beside everybody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from retention_lab.customers.profile import Fact, profile
from retention_lab.customers.rfm import CELLS
from retention_lab.data.customer_view import customer_orders
from retention_lab.data.snapshot_columns import FURTHER, MARKS
from retention_lab.errors import LabError
from retention_lab.workflows.customer_state import CustomerState, customer_state, position_of, rfm_scores
from retention_lab.workflows.project import Lab

# ids, contact details, and what has a fact in another form (age, tenure, referred)
NOT_SHOWN = ("customer_id", "as_of", "signup_at", "birth_year", "referred_by", "email", "phone", "name")


@dataclass(frozen=True, slots=True)
class ProfileView:
    """facts: section by section. rfm: the scores and the cell, or the reason why there are none. orders: the
    ten latest, with what came back of each; among how many customers the facts are placed."""

    as_of: datetime
    customers: int
    facts: tuple[Fact, ...]
    rfm: dict[str, Any]
    orders: Sequence[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """The document of the contract: a row per fact."""
        return {
            "as_of": self.as_of.isoformat(),
            "customers": self.customers,
            "rows": [fact.as_json() for fact in self.facts],
            "rfm": self.rfm,
            "orders": [
                {**order, "ordered_at": order["ordered_at"] and order["ordered_at"].isoformat()}
                for order in self.orders
            ],
        }


def customer_profile(lab: Lab, customer_id: str, as_of: datetime | None = None) -> ProfileView:
    """Everything known of a customer before a date. Raises LabError where nobody has that id."""
    with lab.open_tables() as tables:
        state = customer_state(lab, tables, as_of)
        position = position_of(state, customer_id)
        orders = customer_orders(tables, customer_id, state.as_of)
    facts = profile(state.rows, position, (*NOT_SHOWN, *FURTHER, *MARKS))
    rows = [] if orders is None else orders.to_pylist()
    return ProfileView(state.as_of, len(state), facts, _rfm(state, position), rows)


def _rfm(state: CustomerState, position: int) -> dict[str, Any]:
    try:
        scores = rfm_scores(state)
    except LabError as error:
        return {"cell": None, "reason": error.found}
    if scores.cell[position] < 0:
        return {"cell": None, "reason": "the customer has not ordered"}
    return {
        "recency": int(scores.recency[position]),
        "frequency": int(scores.frequency[position]),
        "money": int(scores.money[position]),
        "cell": CELLS[scores.cell[position]],
    }
