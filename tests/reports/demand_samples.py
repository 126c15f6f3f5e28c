"""A page of a forecast, for the tests of its parts and for the browser."""

import dataclasses
from datetime import date, timedelta

from retention_lab.checks import check
from retention_lab.estimate import normal_estimate
from retention_lab.reports.demand import CampaignPart, DemandCandidate, DemandPage, SeriesCourse
from retention_lab.reports.parts import Origin

DAYS = tuple(date(2026, 1, 5) + timedelta(weeks=k) for k in range(24))


def course(name: str | None = None, without: tuple[float, ...] = ()) -> SeriesCourse:
    history = tuple(100.0 + k for k in range(20))
    ahead = (120.0, 121.0, 122.0, 123.0)
    low, high = (tuple(v + off for v in ahead) for off in (-10.0, 12.0))
    return SeriesCourse(name, DAYS, history, ahead, low, high, without)


def page(**values: object) -> DemandPage:
    metrics = {
        "mase": normal_estimate(0.8, 0.05),
        "mase_gain": normal_estimate(-0.2, 0.04),
        "wape": normal_estimate(0.2, 0.02),
        "bias": normal_estimate(-0.03, 0.02),
        "covered": normal_estimate(0.94, 0.01),
    }
    whole = DemandPage(
        name="sales",
        version="3",
        winner="lightgbm",
        baseline="seasonal_naive",
        series=9,
        period="week",
        horizon=4,
        unit="money",
        currency="EUR",
        learned_until=date(2026, 2, 2),
        judged_until=date(2026, 5, 25),
        gain=metrics["mase_gain"],
        baseline_error=1.0,
        covered=metrics["covered"],
        checks=(check("season_seen", "soft", True, 52.0, 52.0),),
        candidates=(DemandCandidate("lightgbm", metrics), DemandCandidate("seasonal_naive", metrics)),
        total=course(without=(115.0, 115.0, 115.0, 115.0)),
        largest=(course("garden"), course("toys")),
        campaign=CampaignPart("lightgbm", DAYS[20], True, 486.0, 460.0, normal_estimate(2.5, 0.5), 800, 30),
        held_out_uses=2,
        origin=Origin(model="sales", run_id="abc"),
    )
    return dataclasses.replace(whole, **values)  # type: ignore[arg-type]
