"""What the page of the customer view says, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from retention_lab.estimate import Estimate
from retention_lab.reports.parts import Origin


@dataclass(frozen=True, slots=True)
class RfmPart:
    """counts: (5, 5) customers by recency (rows, 1 to 5) and frequency score. revenue_share: cell -> share of
    all revenue, None where there is none. cells: name -> customers.
    """

    counts: tuple[tuple[int, ...], ...]
    cells: Mapping[str, int]
    revenue_share: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class MovesPart:
    """Who was where at an earlier date: counts[i][j] from states[i] to states[j]."""

    before: date
    states: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class CohortPart:
    """The latest cohorts. names: months. sizes: customers.

    active: (c, w) customers who ordered, None for months to come. complete: whether the month was over.
    after: months -> retention over all cohorts seen so long.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    active: tuple[tuple[int | None, ...], ...]
    complete: tuple[tuple[bool, ...], ...]
    after: Mapping[int, Estimate]


@dataclass(frozen=True, slots=True)
class FunnelPart:
    """One funnel. group, level: of whom. cart, order: of the step before, None where nobody was there."""

    group: str
    level: str | None
    view: int
    carts: int
    orders: int
    cart: Estimate | None
    order: Estimate | None
    whole: Estimate | None


@dataclass(frozen=True, slots=True)
class CustomersReport:
    """The customer view at a date. stages: stage -> customers; metrics: of everybody, or why there is none.

    min_cell: fewer customers than that are never told. window_days: of the funnel and of the retention rate.
    """

    project: str
    as_of: date
    customers: int
    buyers: int
    currency: str
    min_cell: int
    window_days: int
    stages: Mapping[str, int]
    metrics: Mapping[str, Estimate | str]
    moves: MovesPart
    rfm: RfmPart | None = None
    cohorts: CohortPart | None = None
    funnels: tuple[FunnelPart, ...] = ()
    origin: Origin = field(default_factory=Origin)
