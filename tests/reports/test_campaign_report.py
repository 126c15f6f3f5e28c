import dataclasses
from collections.abc import Callable

import pytest

from retention_lab.checks import check
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.estimate import Estimate, normal_estimate
from retention_lab.reports.campaign_report import (
    CampaignReport,
    Groups,
    Money,
    OfferResult,
    render_campaign,
)
from retention_lab.reports.numbers import Unit, shown
from tests.reports.reading import Page, words_of
from tests.reports.samples import FAILED, campaign

EUROS = Unit("money", "en", "EUR")


def changed(**values: object) -> CampaignReport:
    return dataclasses.replace(campaign(), **values)  # type: ignore[arg-type]


def with_profit(profit: Estimate) -> CampaignReport:
    return changed(profit=profit, incremental_contribution=profit, money=None)


def test_the_verdict_comes_first_then_the_number_then_whether_to_believe_it() -> None:
    text = words_of(render_campaign(campaign(), "en"))
    order = [
        "This campaign earned money.",
        "+€12,800",
        "between €7,900 and €17,700 with 95% confidence",
        "Trust it",
        "3 of 3 checks passed, 1 could not be made",
        "more customers bought",
        "Where the money went",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("profit", "verdict", "tone"),
    [
        (normal_estimate(12_000, 2_000), "This campaign earned money.", "gain"),
        (normal_estimate(-12_000, 2_000), "This campaign lost money.", "loss"),
        (normal_estimate(2_000, 2_000), "is not clear yet", "unsure"),
    ],
)
def test_the_verdict_follows_the_whole_interval(profit: Estimate, verdict: str, tone: str) -> None:
    html = render_campaign(with_profit(profit), "en")
    assert verdict in words_of(html)
    assert f'<p class="big {tone}">' in html


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_result_in_doubt_says_so_before_any_number_and_shows_none_large(language: str) -> None:
    html = render_campaign(changed(trustworthy=False, checks=FAILED), language)
    text = words_of(html)
    doubt = {"en": "Do not trust it", "zh-CN": "不可信"}[language]
    assert 0 < text.index(doubt) < text.index("12,800")
    assert 'class="big' not in html
    assert '<main class="doubt">' in html


def test_a_result_in_doubt_draws_no_conclusions() -> None:
    text = words_of(render_campaign(changed(trustworthy=False, checks=FAILED), "en"))
    for claim in (
        "more customers bought",
        "Was the choosing worth it",
        "Keep coupon_10",
        "lies in the measured",
    ):
        assert claim not in text
    assert "870 customers are missing." in text
    assert "lab experiment check winback-2026-03-01" in text


def test_a_failed_hard_check_cannot_be_called_trustworthy() -> None:
    with pytest.raises(LabError, match="sample_ratio"):
        changed(checks=FAILED)


def test_a_failed_soft_check_asks_for_care() -> None:
    html = render_campaign(changed(checks=(check("overlap", "soft", False, detail="Thin."),)), "en")
    assert "Trust it, with care" in words_of(html)


def test_bars_of_the_waterfall_sum_to_the_profit() -> None:
    rows = Page(render_campaign(campaign(), "en")).rows
    start = next(i for i, row in enumerate(rows) if row[0] == "step")
    bars = [row[1] for row in rows[start + 1 : start + 8]]
    money, report = campaign().money, campaign()
    assert money is not None
    assert money.incremental_revenue is not None
    assert money.cost_of_goods is not None
    parts = [
        money.incremental_revenue,
        -money.cost_of_goods,
        -(money.discount - 4_610),
        -4_610,
        -money.redemption_cost,
        -money.contact_cost,
    ]
    assert sum(parts) == pytest.approx(report.profit.value, abs=1e-9)
    assert bars == [EUROS.show(part, step=100, signed=True) for part in [*parts, report.profit.value]]


@pytest.mark.parametrize(
    ("money", "reason"),
    [
        (Money(62_300, 40_235, 8_030, 4_610, 401, 825), "the profit is"),
        (Money(62_301, 40_235, 8_030, 4_610, 400, 825), "the incremental contribution is"),
        (Money(62_300, None, 8_030, 4_610, 400, 825), "come together"),
        (Money(62_300, 40_235, 8_030, 9_000, 400, 825), "no part of"),
    ],
)
def test_sums_that_do_not_add_up_are_refused(money: Money, reason: str) -> None:
    with pytest.raises(LabError, match=reason):
        changed(money=money)


def test_without_revenue_the_waterfall_starts_at_contribution() -> None:
    text = words_of(render_campaign(changed(money=Money(None, None, 8_030, None, 400, 825)), "en"))
    assert "Extra contribution, before coupons" in text
    assert "Cost of goods" not in text
    assert "would have bought anyway" not in text


def test_every_estimate_on_the_page_is_the_given_one() -> None:
    report = campaign()
    page = Page(render_campaign(report, "en"))
    for offer in report.offers[:3]:
        assert offer.profit is not None
        each = shown(offer.profit.scaled(1 / offer.customers), EUROS)
        total = shown(offer.profit, EUROS)
        remark = f"{offer.customers:,} customers, {total.value} in all ({total.interval})"
        assert page.row(f"{offer.offer} {remark}")[1:3] == [each.value, each.interval]
    named = {
        "this campaign, measured": report.profit,
        "this campaign, as planned": report.expected,
        "best single offer to everyone": report.baselines[0].profit,
        "by churn risk": report.baselines[1].profit,
        "same money, random customers": report.baselines[2].profit,
        "model's choices less random offers": report.policy_vs_random,
    }
    for name, estimate in named.items():
        assert estimate is not None
        written = shown(estimate, EUROS)
        assert page.row(name)[1:3] == [written.value, written.interval]


def test_every_point_of_the_budget_curve_is_in_its_table() -> None:
    report = campaign()
    assert report.budget is not None
    page = Page(render_campaign(report, "en"))
    for budget, profit in report.budget.points:
        written = shown(profit, EUROS)
        assert page.row(EUROS.show(budget)) == [EUROS.show(budget), written.value, written.low, written.high]


def test_segments_and_tenths_are_shown_a_head_with_their_customers() -> None:
    report = campaign()
    page = Page(render_campaign(report, "en"))
    for one in (*report.segments[:2], *report.tenths):
        assert one.profit is not None
        each, total = shown(one.profit.scaled(1 / one.customers), EUROS), shown(one.profit, EUROS)
        remark = f"{one.customers:,} customers, {total.value} in all ({total.interval})"
        assert page.row(f"{one.offer} {remark}")[1:3] == [each.value, each.interval]
    text = words_of(render_campaign(report, "en"))
    assert "new: could not be computed. Only 15 customers were new." in text
    assert "Did those promise most who brought most?" in text
    assert "Who it earned from" not in words_of(render_campaign(changed(segments=()), "en"))


def test_a_recommended_budget_is_marked_with_what_other_rows_say_of_it() -> None:
    budget = campaign().budget
    assert budget is not None
    split = dataclasses.replace(budget, together=True, recommended=(8_000.0, normal_estimate(7_000, 1_500)))
    assert "holds at all budgets at once" not in words_of(render_campaign(campaign(), "en"))
    text = words_of(render_campaign(changed(budget=split), "en"))
    assert "holds at all budgets at once" in text
    written = shown(normal_estimate(7_000, 1_500), EUROS)
    assert f"on the other half it earns between {written.low} and {written.high}." in text
    assert "planned, and best: €8,000" in text
    assert "budget of about €8,000" in text


def test_the_truth_is_shown_only_where_it_is_known() -> None:
    text = words_of(render_campaign(campaign(), "en"))
    assert "Only a simulation can tell" in text
    assert "The truth lies inside the measured interval." in text
    assert "Only a simulation can tell" not in words_of(render_campaign(changed(truth=None), "en"))


def test_an_offer_that_could_not_be_measured_says_why() -> None:
    text = words_of(render_campaign(campaign(), "en"))
    assert "call: could not be computed. Only 12 customers got it." in text


def test_what_to_do_next_follows_the_intervals() -> None:
    text = words_of(render_campaign(campaign(), "en"))
    assert "Keep coupon_10" in text
    assert "Stop free_shipping" in text
    assert "Do not decide on points_200 yet" in text
    assert "budget of about €10,000" in text
    assert "lab train winback-uplift" in text
    assert "lab campaign plan winback" in text


def test_a_model_that_no_longer_passes_its_gate_is_to_be_trained_first() -> None:
    assert "no longer passes its gate" not in words_of(render_campaign(changed(gate_passed=True), "en"))
    text = words_of(render_campaign(changed(gate_passed=False), "en"))
    assert "Retrain before the next launch" in text
    assert "lab train winback-uplift" in text


def test_no_budget_is_advised_where_none_clearly_earns() -> None:
    budget = campaign().budget
    assert budget is not None
    unsure = dataclasses.replace(
        budget, points=tuple((b, normal_estimate(b / 100, 10_000)) for b, _ in budget.points)
    )
    text = words_of(render_campaign(changed(budget=unsure), "en"))
    assert "Plan the next round." in text
    assert "grey where it touches zero" in text


MISSING: dict[str, object] = {
    "money": None,
    "offers": (),
    "segments": (),
    "tenths": (),
    "expected": None,
    "policy_vs_random": None,
    "baselines": (),
    "budget": None,
    "groups": None,
    "truth": None,
    "roi": None,
    "extra_customers": None,
    "uplift": None,
    "checks": (),
    "channel": None,
}


def test_missing_parts_leave_no_empty_panel() -> None:
    html = render_campaign(changed(**MISSING), "en")
    page = Page(html)
    assert html.count("<h2>") == 1  # what to do next
    assert "<table" not in html
    assert "<svg" not in html
    assert 'class="lead"' not in html
    assert "None" not in page.text
    assert "no check was made" in page.text


@pytest.mark.parametrize("name", sorted(MISSING))
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_any_part_may_be_missing(name: str, language: str) -> None:
    text = words_of(render_campaign(changed(**{name: MISSING[name]}), language))
    assert "None" not in text
    assert "nan" not in text


@pytest.mark.parametrize(
    "change",
    [
        lambda r: dataclasses.replace(r, roi=normal_estimate(float("nan"), 1.0)),
        lambda r: dataclasses.replace(r, offers=(OfferResult("a", 1, normal_estimate(float("inf"), 1.0)),)),
        lambda r: dataclasses.replace(r, groups=Groups(0.1, 0.1, 0.1, 0.1)),
    ],
)
def test_numbers_that_are_none_are_refused(change: Callable[[CampaignReport], CampaignReport]) -> None:
    with pytest.raises(LabError):
        render_campaign(change(campaign()), "en")


def test_a_campaign_without_a_holdout_is_refused() -> None:
    with pytest.raises(LabError, match="nothing can be compared"):
        changed(holdout=0)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        render_campaign(campaign(), "fr")


def test_return_on_cost_is_said_per_hundred_where_a_currency_has_no_cents() -> None:
    report = changed(currency="JPY", roi=normal_estimate(1.45, 0.3))
    assert "Every ¥100 of cost earned ¥145 on top of itself (between ¥86 and ¥204)" in words_of(
        render_campaign(report, "en")
    )
