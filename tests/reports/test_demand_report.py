import dataclasses
from datetime import date, timedelta

import pytest

from retention_lab.checks import check
from retention_lab.errors import LabError
from retention_lab.estimate import normal_estimate
from retention_lab.reports.charts.fan import Fan
from retention_lab.reports.demand import CampaignPart, DemandCandidate, DemandPage, SeriesCourse
from retention_lab.reports.demand_report import render_demand
from retention_lab.reports.numbers import LANGUAGES
from retention_lab.reports.parts import Origin
from tests.reports.reading import words_of

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


def test_a_better_forecast_says_so_and_by_how_much() -> None:
    text = words_of(render_demand(page(), "en"))
    assert "errs less than saying “the same as last season”" in text
    assert "20.0%" in text
    assert "94.0% of the values lay within" in text


@pytest.mark.parametrize(
    ("gain", "words"),
    [(normal_estimate(0.3, 0.03), "errs more"), (normal_estimate(0, 0.1), "is not clear")],
)
def test_a_forecast_that_is_no_better_says_so(gain: object, words: str) -> None:
    assert words in words_of(render_demand(page(gain=gain), "en"))


def test_what_goes_with_campaigns_is_never_called_what_they_cause() -> None:
    text = words_of(render_demand(page(), "en"))
    assert "486 with the campaigns that run then, and €460 if none ran: +€26" in text
    assert "so it is not what they cause" in text
    assert "measured by customers held out at random: +€2.50 within 30 days" in text


def test_looking_back_is_said() -> None:
    part = CampaignPart("lightgbm", DAYS[3], False, 486.0, 460.0, None, 0, 0)
    text = words_of(render_demand(page(campaign=part), "en"))
    assert "No campaign is planned ahead. Looking back from 26 January 2026" in text
    assert "held out at random" not in text.replace("Only customers held out at random tell that", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_shows_every_part(language: str) -> None:
    html = render_demand(page(), language)
    assert html.count("<svg") >= 8
    assert "seasonal_naive" in html
    assert "lab promote sales --dry-run" in html


def test_a_part_that_is_empty_leaves_no_trace() -> None:
    text = words_of(render_demand(page(total=None, largest=(), campaign=None), "en"))
    assert "What all series will sell" not in text
    assert "sell most" not in text
    assert "What campaigns do" not in text


def test_a_failed_check_hides_the_figures() -> None:
    failed = (check("season_seen", "hard", False, 1.0, 52, "No season."),)
    html = render_demand(page(checks=failed), "en")
    assert 'class="big' not in html
    assert "No season." in html


def test_names_are_escaped() -> None:
    html = render_demand(page(name="<script>x</script>", largest=(course("<script>y</script>"),)), "en")
    assert "<script>" not in html


@pytest.mark.parametrize(
    "change", [{"history": (1.0,)}, {"forecast": ()}, {"low": (1.0,)}, {"days": DAYS[:3]}]
)
def test_fans_that_do_not_fit_together_are_refused(change: dict[str, object]) -> None:
    one = course()
    whole = Fan("t", one.days, one.history, one.forecast, one.low, one.high, (), ("a", "b", "c"))
    with pytest.raises(LabError, match="A fan needs"):
        dataclasses.replace(whole, **change)  # type: ignore[arg-type]
