import dataclasses
from datetime import date, timedelta

import pytest

from retention_lab.checks import check
from retention_lab.errors import LabError
from retention_lab.estimate import normal_estimate
from retention_lab.reports.charts.grid import Grid
from retention_lab.reports.charts.tracked import Tracked
from retention_lab.reports.clv import Alive, ClvCandidate, ClvPage, Course, CustomerGroup
from retention_lab.reports.clv_report import render_clv
from retention_lab.reports.numbers import LANGUAGES
from retention_lab.reports.parts import Origin
from tests.reports.reading import words_of

DAYS = tuple(date(2026, 1, 8) + timedelta(days=7 * k) for k in range(20))


def page(**values: object) -> ClvPage:
    metrics = {"mae": normal_estimate(0.75, 0.02), "bias": normal_estimate(-0.115, 0.03)}
    whole = ClvPage(
        name="value",
        version="3",
        winner="pareto_nbd",
        customers=2_357,
        calibration_end=date(2026, 3, 20),
        holdout_end=date(2026, 5, 21),
        horizon_days=365,
        discount_rate_year=0.1,
        currency="EUR",
        gain=normal_estimate(-0.27, 0.03),
        bias=metrics["bias"],
        expected=1_666.0,
        made=1_882.0,
        value=71_510.0,
        checks=(check("repeat_buyers", "soft", True, 946.0, 100, "946 bought again."),),
        candidates=(ClvCandidate("pareto_nbd", metrics), ClvCandidate("same_rate", metrics)),
        groups=tuple(CustomerGroup(235, 0.1 * k, normal_estimate(0.1 * k, 0.02)) for k in range(1, 11)),
        course=Course(DAYS, tuple(60.0 + k for k in range(20)), tuple(58.0 + k for k in range(20))),
        alive=Alive((0, 1), (0, 30), ((None, 0.9), (0.3, 0.4))),
        held_out_uses=2,
        origin=Origin(model="value", run_id="abc"),
    )
    return dataclasses.replace(whole, **values)  # type: ignore[arg-type]


def test_a_better_model_says_so_by_how_much_and_where_it_errs() -> None:
    text = words_of(render_clv(page(), "en"))
    assert "miss by less than if every customer went on as before" in text
    assert "It expected 1,666 purchases, and 1,882 were made: −11.5%" in text
    assert "€71,510 over the next 365 days" in text
    assert "beyond 62 days, which is how far it was tested" in text


@pytest.mark.parametrize(
    ("gain", "words"),
    [(normal_estimate(0.3, 0.03), "miss by more"), (normal_estimate(0, 0.1), "is not clear")],
)
def test_a_model_that_is_no_better_says_so(gain: object, words: str) -> None:
    assert words in words_of(render_clv(page(gain=gain), "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_shows_every_part(language: str) -> None:
    html = render_clv(page(), language)
    assert html.count("<svg") >= 6
    assert "same_rate" in html
    assert "lab promote value --dry-run" in html


def test_a_part_that_is_empty_leaves_no_trace() -> None:
    text = words_of(render_clv(page(course=None, groups=(), alive=None, value=None), "en"))
    assert "Repeat purchases, as made" not in text
    assert "Who is still a customer" not in text
    assert "discounted" not in text


def test_a_failed_check_hides_the_figures() -> None:
    failed = (check("repeat_buyers", "hard", False, 1.0, 100, "Nobody came back."),)
    html = render_clv(page(checks=failed), "en")
    assert 'class="big' not in html
    assert "Nobody came back." in html


def test_names_are_escaped() -> None:
    assert "<script>" not in render_clv(page(name="<script>x</script>"), "en")


def test_charts_without_data_are_refused() -> None:
    with pytest.raises(LabError, match="no course"):
        Tracked("t", DAYS[:1], (1.0,), (1.0,), DAYS[0], "a", "b")
    with pytest.raises(LabError, match="every column"):
        Grid("t", ("0",), ("0",), ((0.1, 0.2),), "a", "b")
