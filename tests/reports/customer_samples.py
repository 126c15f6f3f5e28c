"""A customers page and a segments page as values, with made-up figures."""

from datetime import date

import numpy as np

from retention_lab.checks import check
from retention_lab.customers.funnel import Funnel
from retention_lab.customers.rates import share
from retention_lab.customers.rfm import CELLS
from retention_lab.estimate import Estimate
from retention_lab.reports.customers import CohortPart, CustomersReport, FunnelPart, MovesPart, RfmPart
from retention_lab.reports.parts import Origin
from retention_lab.reports.segments import GroupsTried, SegmentRow, SegmentsPage, SegmentTrait

STAGES = {"prospect": 110, "new": 240, "active": 1510, "at_risk": 420, "churned": 610, "returned": 7}
_STATES = (*STAGES, "not_known")


def customers() -> CustomersReport:
    """A page with every part; 7 returned, and several other cells, are too few to be told."""
    return CustomersReport(
        project="Blumen & Co",
        as_of=date(2026, 3, 1),
        customers=2897,
        buyers=2787,
        currency="EUR",
        min_cell=20,
        window_days=90,
        stages=STAGES,
        metrics={
            "purchase_frequency": Estimate(3.71, 0.06, 3.58, 3.84),
            "purchase_value": Estimate(53.4, 0.6, 52.3, 54.5),
            "customer_value": Estimate(185.0, 4.0, 177.4, 193.0),
            "duration_days": Estimate(322.8, 4.3, 314.2, 331.3),
            "satisfaction": "no feedback that carries a score",
            "repeat_purchase_rate": share(2394, 2787),
            "retention_rate": share(900, 1400),
            "referral_rate": "the customers table has no column referred_by",
            "referred_rate": "the customers table has no column referred_by",
        },
        moves=MovesPart(date(2025, 12, 1), _STATES, _moves()),
        rfm=RfmPart(
            counts=tuple(tuple(40 * r + 7 * f + (r == f == 0) * 3 for f in range(5)) for r in range(5)),
            cells={name: 5 + 60 * i for i, name in enumerate(CELLS)},
            revenue_share=dict.fromkeys(CELLS, 0.1),
        ),
        cohorts=CohortPart(
            names=("2025-12", "2026-01", "2026-02"),
            sizes=(300, 200, 12),
            active=((300, 90, 84), (200, 9, None), (12, None, None)),
            complete=((True, True, False), (True, False, False), (False, False, False)),
            after={1: share(90, 300)},
        ),
        funnels=(
            funnel_part("all", None, Funnel(2263, 1755, 1419, 158)),
            funnel_part("lifecycle", "active", Funnel(1400, 1200, 1100, 50)),
            funnel_part("lifecycle", "returned", Funnel(7, 5, 3, 1)),
            funnel_part("channel_used", "web", Funnel(1682, 1219, 900, 6)),
            funnel_part("channel_used", "store", Funnel(0, 0, 0, 482)),
        ),
        origin=Origin(data_as_of=date(2026, 3, 1)),
    )


def funnel_part(group: str, level: str | None, found: Funnel) -> FunnelPart:
    shares = (found.step("cart"), found.step("order"), found.whole())
    return FunnelPart(group, level, found.view, found.cart, found.order, *shares)


def segments() -> SegmentsPage:
    """Four segments, found again; the last one is too small to be told."""
    rng = np.random.default_rng(1)
    sizes, middles = (900, 600, 400, 8), ((0, 0), (3, 1), (-2, 2), (1, -3))
    return SegmentsPage(
        name="segments",
        version="3",
        method="kmeans",
        customers=2000,
        left_out=92,
        min_cell=20,
        stable=0.8,
        chosen=tried(4, 0.94),
        tried=(tried(3, 0.81), tried(4, 0.94), tried(5, 0.7)),
        segments=tuple(
            SegmentRow(
                name=f"segment {k}",
                customers=size,
                share=share(size, 1908),
                typical={"orders_365": 3.2 + k, "region": "north", "discount_share": None},
                traits=(SegmentTrait("orders_365", None, k % 2 == 0), SegmentTrait("region", f"r{k}", True)),
                points=tuple(map(tuple, rng.normal(middle, 0.5, (12, 2)).tolist())),
                centre=(float(middle[0]), float(middle[1])),
            )
            for k, (size, middle) in enumerate(zip(sizes, middles, strict=True))
        ),
        checks=(check("stable_segments", "soft", True, 0.94, 0.8),),
        weights={"orders_365": 0.61, "region": -0.2},
        origin=Origin(model="segments", run_id="abc", data_as_of=date(2026, 3, 1)),
    )


def tried(groups: int, index: float) -> GroupsTried:
    return GroupsTried(groups, Estimate(index, 0.02, index - 0.05, min(index + 0.05, 1)), 0.24)


def _moves() -> tuple[tuple[int, ...], ...]:
    counts = np.diag([90, 60, 1080, 105, 418, 2, 0])
    counts[1, 2], counts[2, 3], counts[4, 2], counts[6, 1] = 125, 250, 56, 137
    return tuple(tuple(int(n) for n in row) for row in counts)
