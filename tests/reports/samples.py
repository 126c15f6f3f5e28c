"""Reports with every part filled, for the tests of pages; the figures are made up and add up."""

import math
from datetime import date

from retention_lab.checks import check
from retention_lab.estimate import Estimate
from retention_lab.estimate import normal_estimate as normal
from retention_lab.reports.campaign_report import (
    Budget,
    CampaignReport,
    Groups,
    Money,
    OfferResult,
    Origin,
    Truth,
    Way,
)
from retention_lab.reports.model_report import (
    ArmRow,
    CalibrationGroups,
    Candidate,
    Effect,
    GainCurve,
    ModelReport,
)
from tests.reports.understood import understanding

CHECKS = (
    check("sample_ratio", "hard", True, 0.41, 0.001),
    check("pre_period", "soft", True),
    check("duplicates", "hard", True),
    check("overlap", "soft", None, detail="Propensities are to be estimated."),
)
FAILED = (check("sample_ratio", "hard", False, 1.2e-7, 0.001, "870 customers are missing."), *CHECKS[1:])


def campaign() -> CampaignReport:
    """A campaign that earned money, with every part."""
    return CampaignReport(
        campaign="winback",
        experiment="winback-2026-03-01",
        title="Win-back, March 2026",
        currency="EUR",
        first_day=date(2026, 3, 1),
        last_day=date(2026, 3, 31),
        channel="email",
        customers=41_300,
        holdout=4_130,
        trustworthy=True,
        checks=CHECKS,
        profit=normal(12_810, 2_500),
        incremental_contribution=normal(14_035, 2_490),
        roi=normal(1.45, 0.3),
        extra_customers=normal(312, 61),
        money=Money(62_300, 40_235, 8_030, 4_610, 400, 825),
        offers=(
            OfferResult("coupon_10", 7_100, normal(13_632, 3_100)),
            OfferResult("points_200", 6_000, normal(5_280, 3_000)),
            OfferResult("free_shipping", 5_200, normal(-2_444, 700)),
            OfferResult("call", 12, None, "Only 12 customers got it."),
        ),
        segments=(
            OfferResult("at_risk", 9_000, normal(9_900, 2_100)),
            OfferResult("churned", 8_900, normal(2_910, 1_900)),
            OfferResult("new", 15, None, "Only 15 customers were new."),
        ),
        tenths=tuple(OfferResult(str(k + 1), 4_130, normal(4_000 - 600 * k, 900)) for k in range(10)),
        expected=normal(11_900, 1_500),
        policy_vs_random=normal(1.31, 0.4),
        baselines=(
            Way("everyone", normal(-4_200, 1_300)),
            Way("risk_only", normal(1_900, 1_400)),
            Way("random", normal(-800, 900)),
        ),
        budget=Budget(_budget_points(), 8_000, ((0, 0), (20_000, -1_400))),
        groups=Groups(0.1, 0.42, 0.4, 0.08),
        truth=Truth(12_150, (("everyone", -3_900), ("oracle", 19_800))),
        uplift="winback-uplift",
        origin=Origin("winback-uplift v7", "winback-2026-03-01", "3f9c2b7d0a", date(2026, 4, 30)),
    )


def model() -> ModelReport:
    """A model that is better than treating everyone alike, with every part."""
    return ModelReport(
        name="winback-uplift",
        version="7",
        winner="t",
        outcome="contribution",
        unit="money",
        currency="EUR",
        targeting="better",
        checks=CHECKS,
        gain=normal(0.41, 0.13),
        over="coupon_10",
        horizon_days=30,
        rows_trained=28_700,
        rows_held_out=12_300,
        held_out_uses=3,
        first_day=date(2025, 9, 1),
        last_day=date(2026, 1, 31),
        arms=(
            ArmRow("none", 13_711, 0.332, 0.3333, 12.41),
            ArmRow("coupon_10", 13_694, 0.3317, 0.3333, 13.02),
            ArmRow("points_200", 13_595, 0.3293, None, 12.60),
        ),
        effects=(Effect("coupon_10", normal(0.61, 0.2)), Effect("points_200", normal(0.19, 0.2))),
        candidates=tuple(_candidate(name, gain) for name, gain in (("t", 0.72), ("constant", 0.31))),
        gain_curves=(GainCurve("coupon_10", _gain_points(), 0.61),),
        calibrations=(
            CalibrationGroups(
                "coupon_10",
                tuple((-0.5 + 0.3 * k, normal(-0.4 + 0.24 * k + 0.2 * (-1) ** k, 0.32)) for k in range(10)),
                normal(0.83, 0.2),
            ),
        ),
        gate=(
            check("G1.none", "hard", True, detail="Lower bound +0.16."),
            check("G3.champion", "hard", None),
        ),
        understanding=understanding(),
        limits=("Customers who signed up in the last week.",),
        origin=Origin("winback-uplift v7", None, "8d21e0", date(2026, 2, 1)),
    )


def _budget_points() -> tuple[tuple[float, Estimate], ...]:
    points = []
    for budget in range(0, 20_001, 1_000):
        profit = 16_000 * (1 - math.exp(-budget / 4_500)) - budget * 0.38
        points.append((float(budget), normal(profit, 2_650 * (1 - math.exp(-budget / 3_000)))))
    return tuple(points)


def _gain_points() -> tuple[tuple[float, Estimate], ...]:
    shares = [k / 20 for k in range(21)]
    return tuple((s, normal(0.61 * s + 0.35 * s * (1 - s), 0.2 * math.sqrt(s))) for s in shares)


def _candidate(name: str, gain: float) -> Candidate:
    qini = normal(gain / 6, 0.03) if name != "constant" else None
    return Candidate(
        name,
        (
            ("policy_gain.none", normal(gain, 0.2)),
            ("qini.coupon_10", qini),
            ("calibration_slope.coupon_10", normal(0.8, 0.3)),
        ),
    )
