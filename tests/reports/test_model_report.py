import dataclasses

import pytest

from retention_lab.errors import LabError
from retention_lab.estimate import normal_estimate
from retention_lab.reports.model_report import Effect, ModelReport, render_model
from retention_lab.reports.numbers import Unit, shown
from tests.reports.reading import Page, words_of
from tests.reports.samples import FAILED, model

EUROS = Unit("money", "en", "EUR")


def changed(**values: object) -> ModelReport:
    return dataclasses.replace(model(), **values)  # type: ignore[arg-type]


def test_a_better_model_says_so_and_by_how_much() -> None:
    html = render_model(model(), "en")
    text = words_of(html)
    assert "Choosing with this model is better than treating everyone alike." in text
    assert "between €0.16 and €0.66 with 95% confidence" in text
    assert '<p class="big gain">+€0.41</p>' in html


def test_a_model_that_is_no_better_says_so_and_shows_no_large_number() -> None:
    html = render_model(changed(targeting="none_better", gain=normal_estimate(0.02, 0.2)), "en")
    text = words_of(html)
    assert "No model was better than treating everyone alike." in text
    assert "Keep a random slice" in text
    assert 'class="big' not in html


def test_a_model_that_could_not_be_judged_says_so() -> None:
    assert "could not be judged" in words_of(render_model(changed(targeting=None, gain=None), "en"))


def test_a_failed_check_comes_before_any_figure() -> None:
    html = render_model(changed(checks=FAILED), "en")
    text = words_of(html)
    assert (
        text.index("Do not trust it") < text.index("870 customers are missing.") < text.index("Who got what")
    )
    assert 'class="big' not in html
    assert "lab promote" not in text


def test_observational_data_ask_for_care() -> None:
    text = words_of(render_model(changed(causal_basis="assumed"), "en"))
    assert "Trust it, with care" in text
    assert "were not assigned at random" in text


def test_every_estimate_on_the_page_is_the_given_one() -> None:
    report = model()
    page = Page(render_model(report, "en"))
    for effect in report.effects:
        written = shown(effect.effect, EUROS)
        rows = [row for row in page.rows if row[0].strip() == effect.arm and len(row) == 4]
        assert [cell.strip() for cell in rows[0][1:3]] == [written.value, written.interval]
    for candidate in report.candidates:
        for name, metric in candidate.metrics:
            if metric is not None:
                slope = name.startswith("calibration")  # against 1, so that it has no plus
                written = shown(metric, Unit("number", "en"), null=1.0) if slope else shown(metric, EUROS)
                cells = [row for row in page.rows if row[0].split() and row[0].split()[0] == candidate.model]
                assert [written.value, written.interval] in [row[1:3] for row in cells]
    for share, gain in report.gain_curves[0].points:
        written = shown(gain, EUROS)
        assert page.row(f"{share:.0%}") == [f"{share:.0%}", written.value, written.low, written.high]


def test_arms_are_counted_and_shared_as_given() -> None:
    page = Page(render_model(model(), "en"))
    assert page.row("none") == ["none", "13,711", "33.2%", "33.3%", "€12.41"]
    assert page.row("points_200") == ["points_200", "13,595", "32.9%", "", "€12.60"]


def test_a_metric_that_could_not_be_computed_names_the_candidate() -> None:
    assert "Could not be computed for: constant." in words_of(render_model(model(), "en"))


def test_effects_on_a_share_are_written_in_points() -> None:
    report = changed(
        unit="share",
        outcome="visit",
        arms=(),
        effects=(Effect("Mens E-Mail", normal_estimate(0.0766, 0.0033)),),
    )
    assert Page(render_model(report, "en")).row("Mens E-Mail")[1:3] == [
        "+7.66\u00a0pp",
        "7.01 … 8.31\u00a0pp",
    ]


def test_it_says_what_it_does_not_know() -> None:
    text = words_of(render_model(model(), "en"))
    assert "not a promise about one" in text
    assert "What happens after 30 days" in text
    assert "looked at 3 times" in text
    assert "Customers who signed up in the last week." in text


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    "name", ["checks", "arms", "effects", "candidates", "gain_curves", "calibrations", "gate", "limits"]
)
def test_missing_parts_leave_no_empty_panel(name: str, language: str) -> None:
    full, without = render_model(model(), language), render_model(changed(**{name: ()}), language)
    headings = {"limits": 0, "candidates": 1}.get(name, 1)
    assert full.count("<h2>") - without.count("<h2>") == headings
    assert "None" not in words_of(without)


def test_money_needs_a_currency() -> None:
    with pytest.raises(LabError, match="no currency"):
        changed(currency="")
