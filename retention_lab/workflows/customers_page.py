"""`lab customers report`: the customer view as one page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import numpy as np

from retention_lab.customers.cohorts import month_name
from retention_lab.customers.lifecycle import STAGES
from retention_lab.customers.rfm import CELLS
from retention_lab.customers.transitions import NOT_KNOWN
from retention_lab.errors import LabError
from retention_lab.reports.customers import CohortPart, CustomersReport, FunnelPart, MovesPart, RfmPart
from retention_lab.reports.customers_report import render_customers
from retention_lab.reports.parts import Origin
from retention_lab.whole_files import write_whole
from retention_lab.workflows.customer_cohorts import CohortView, cohort_view
from retention_lab.workflows.customer_lifecycle import LifecycleView, lifecycle_view
from retention_lab.workflows.customer_loyalty import (
    USUAL_GROUPS,
    USUAL_WINDOW,
    GroupFunnel,
    loyalty_view,
)
from retention_lab.workflows.customer_rfm import RfmView, rfm_view
from retention_lab.workflows.customer_state import customer_groups, customer_state
from retention_lab.workflows.project import Lab

View = TypeVar("View")
FILE = "reports/customers.html"
_MOST_COHORTS = 13  # a year, and the month it is compared with


def report_customers(
    lab: Lab,
    as_of: datetime | None = None,
    before: datetime | None = None,
    *,
    by: str = USUAL_GROUPS,
    window_days: int = USUAL_WINDOW,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Write the page into the project, in the project's language.

    Raises LabError where nobody was a customer at that date.
    """
    page = render_customers(
        customers_report(lab, as_of, before, by=by, window_days=window_days, say=say), lab.settings.language
    )
    write_whole(lab.folder / FILE, page.encode())
    return {"file": FILE, "files": {lab.settings.language: FILE}}


def customers_report(
    lab: Lab,
    as_of: datetime | None,
    before: datetime | None,
    *,
    by: str,
    window_days: int,
    say: Callable[[str], None],
) -> CustomersReport:
    """What the page says, as plain values."""
    with lab.open_tables() as tables:
        say("looking at all customers")
        state = customer_state(lab, tables, as_of)
        moves = lifecycle_view(lab, tables, state, before)
        say("following the cohorts")
        cohorts = _or_none(lambda: cohort_view(tables, state.as_of))
        say("measuring loyalty")
        loyalty = loyalty_view(tables, state, by, customer_groups(lab, state, by), window_days)
    rfm = _or_none(lambda: rfm_view(state))
    stages = {stage: state.stages.count(stage) for stage in STAGES}
    if None in state.stages:
        stages[NOT_KNOWN] = state.stages.count(None)
    return CustomersReport(
        project=lab.settings.name,
        as_of=state.as_of.date(),
        customers=len(state),
        buyers=int((state.number("orders") > 0).sum()),
        currency=lab.settings.currency,
        min_cell=lab.settings.privacy.min_cell,
        window_days=window_days,
        stages=stages,
        metrics=loyalty.groups[0].metrics,
        moves=_moves(moves),
        rfm=None if rfm is None else _rfm(rfm),
        cohorts=None if cohorts is None else _cohorts(cohorts),
        funnels=tuple(_funnel(one) for one in loyalty.funnels),
        origin=Origin(data_as_of=state.as_of.date()),
    )


def _or_none(look: Callable[[], View]) -> View | None:
    """A part for which there are too few customers yet is left out of the page."""
    try:
        return look()
    except LabError:
        return None


def _moves(view: LifecycleView) -> MovesPart:
    counts = tuple(tuple(int(n) for n in row) for row in view.moves.counts)
    return MovesPart(view.before.date(), view.moves.before, counts)


def _rfm(view: RfmView) -> RfmPart:
    cells = view.cells()
    return RfmPart(
        counts=tuple(tuple(int(n) for n in row) for row in view.grid),
        cells={name: int((view.scores.cell == i).sum()) for i, name in enumerate(CELLS)},
        revenue_share={one["cell"]: one["revenue_share"] for one in cells},
    )


def _cohorts(view: CohortView) -> CohortPart:
    found = view.cohorts
    last = slice(-_MOST_COHORTS, None)
    width = min(found.customers.shape[1], _MOST_COHORTS)
    active = found.customers[last, :width]
    after = {}
    for months in range(1, found.customers.shape[1]):
        try:
            after[months] = found.retention_after(months)
        except LabError:
            break
    return CohortPart(
        names=tuple(month_name(int(month)) for month in found.cohorts[last]),
        sizes=tuple(int(size) for size in found.sizes[last]),
        active=tuple(tuple(int(n) if np.isfinite(n) else None for n in row) for row in active),
        complete=tuple(tuple(bool(over) for over in row) for row in found.complete[last, :width]),
        after=after,
    )


def _funnel(one: GroupFunnel) -> FunnelPart:
    found = one.funnel
    return FunnelPart(
        one.group,
        one.level,
        found.view,
        found.cart,
        found.order,
        found.step("cart"),
        found.step("order"),
        found.whole(),
    )
