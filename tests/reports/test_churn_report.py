import dataclasses

import pytest

from retention_lab.checks import check
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.estimate import normal_estimate
from retention_lab.reports.churn import ChurnPage
from retention_lab.reports.churn_report import render_churn
from tests.reports.churn_samples import churn
from tests.reports.reading import words_of


def changed(**values: object) -> ChurnPage:
    return dataclasses.replace(churn(), **values)  # type: ignore[arg-type]


def test_what_acting_on_it_earns_comes_first_beside_the_usual_way() -> None:
    html = render_churn(churn(), "en")
    text = words_of(html)
    assert '<p class="big gain">+€10.18</p>' in html
    assert "between €9.59 and €10.77 with 95% confidence" in text
    assert "Contacting everybody would give €6.78 per customer." in text
    assert text.index("earns more than contacting nobody") < text.index("Where the money is at stake")


def test_a_profit_that_is_not_clear_shows_no_large_number() -> None:
    html = render_churn(changed(profit=normal_estimate(0.1, 0.3)), "en")
    assert "is not clear" in words_of(html)
    assert 'class="big' not in html


def test_without_money_it_asks_for_it_and_tiers_are_customers() -> None:
    text = words_of(render_churn(changed(profit=None, everybody=None), "en"))
    assert "nobody has said what a contact costs" in text
    assert "Say what a contact costs" in text
    assert "expected leavers" in text
    assert "€" not in text.split("Which way of learning was best")[0]


def test_a_tier_of_few_customers_is_not_told() -> None:
    hidden, told = (words_of(render_churn(changed(min_cell=least), "en")) for least in (20, 1))
    assert "Tiers of fewer than 20 customers are not told" in hidden
    assert "€103" not in hidden
    assert "€103" in told
    assert "are not told" not in told


def test_levels_have_no_plus_and_what_was_not_computed_is_named() -> None:
    text = words_of(render_churn(churn(), "en"))
    assert "+0.85" not in text
    assert "Could not be computed for: tree." in text


def test_a_failed_check_leaves_no_trust() -> None:
    failed = check("both_labels", "hard", False, 0.0, None, "0 of 90 rows left.")
    text = words_of(render_churn(changed(checks=(failed,)), "en"))
    assert "Do not trust it" in text


def test_what_was_tested_in_the_same_time_says_so() -> None:
    same = "it was tested on customers of the time that it learned from"
    assert same in words_of(render_churn(churn(), "en"))
    assert same not in words_of(render_churn(changed(later=True), "en"))


def test_both_languages_show_every_part() -> None:
    english, chinese = (render_churn(churn(), language) for language in ("en", "zh-CN"))
    for html in (english, chinese):
        assert html.count("<svg") == english.count("<svg")
        assert html.count("<section") == english.count("<section")
    assert "还剩多少客户" in words_of(chinese)
    assert "Isotonic" not in chinese


def test_empty_parts_leave_no_trace() -> None:
    text = words_of(render_churn(changed(survival=None, drivers=(), roc=(), tiers=()), "en"))
    for title in ("How many are still there", "What moves the risk", "false alarms", "at stake"):
        assert title not in text


def test_names_are_escaped() -> None:
    html = render_churn(changed(name="<script>alert(1)</script>"), "en")
    assert "<script>" not in html


def test_another_language_and_money_without_a_currency_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="language"):
        render_churn(churn(), "fr")
    with pytest.raises(LabError, match="no currency"):
        changed(currency="")
