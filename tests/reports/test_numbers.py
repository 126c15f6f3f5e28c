from datetime import date

import pytest

from retention_lab.errors import ConfigurationError, LabError
from retention_lab.estimate import Estimate, normal_estimate
from retention_lab.reports.numbers import Unit, day, days, known_language, shown, step_of, tone_of

EUROS = Unit("money", "en", "EUR")


def test_an_estimate_shows_no_more_digits_than_its_interval_supports() -> None:
    written = shown(Estimate(12_810.4, 2500, 7_910.3, 17_710.5), EUROS)
    assert (written.value, written.low, written.high) == ("+€12,800", "€7,900", "€17,700")


def test_a_narrow_interval_keeps_the_cents() -> None:
    written = shown(normal_estimate(1.9234, 0.44), EUROS)
    assert (written.value, written.interval) == ("+€1.92", "€1.06 … €2.79")


def test_minus_signs_are_real_ones_and_stand_before_the_currency() -> None:
    assert EUROS.show(-4200.0, step=100) == "−€4,200"
    assert "-" not in EUROS.show(-4200.0, step=100)


def test_zero_has_no_sign() -> None:
    assert EUROS.show(-0.0001, step=0.01, signed=True) == "€0.00"
    assert EUROS.show(0.0, step=1, signed=True) == "€0"


def test_rounding_never_makes_a_clear_interval_look_as_if_it_touched_zero() -> None:
    written = shown(Estimate(5_000, 2_500, 30, 9_970), EUROS)
    assert written.tone == "gain"
    assert written.low == "€30"


@pytest.mark.parametrize(
    ("low", "high", "tone"),
    [(1, 2, "gain"), (-2, -1, "loss"), (-1, 1, "unsure"), (0, 1, "unsure"), (-1, 0, "unsure")],
)
def test_only_an_interval_beyond_zero_is_gain_or_loss(low: float, high: float, tone: str) -> None:
    assert tone_of(Estimate(0.5, 1, low, high)) == tone


@pytest.mark.parametrize(
    ("currency", "language", "text"),
    [
        ("EUR", "en", "€1,234.50"),
        ("CNY", "en", "CN¥1,234.50"),
        ("CNY", "zh-CN", "¥1,234.50"),
        ("USD", "zh-CN", "US$1,234.50"),
        ("CHF", "en", "CHF\u00a01,234.50"),
    ],
)
def test_money_is_written_as_the_reader_writes_it(currency: str, language: str, text: str) -> None:
    assert Unit("money", known_language(language), currency).show(1234.5, step=0.01) == text


def test_a_currency_without_cents_shows_none() -> None:
    yen = Unit("money", "en", "JPY")
    assert step_of(normal_estimate(12.4, 0.2), yen) == 1.0
    assert shown(normal_estimate(12.4, 0.2), yen).value == "+¥12"


def test_shares_are_per_cent_and_their_differences_are_points() -> None:
    assert Unit("share", "en").show(0.1234, step=0.001) == "12.3%"
    assert Unit("points", "en").show(0.0766, step=0.001, signed=True) == "+7.7\u00a0pp"
    assert Unit("points", "zh-CN").show(-0.0766, step=0.001) == "−7.7\u00a0个百分点"


def test_axes_use_the_short_forms_of_the_language() -> None:
    assert [EUROS.compact(v) for v in (0, 500, 5_000, 2_500_000, -12_000)] == [
        *("€0", "€500", "€5k", "€2.5M", "−€12k"),
    ]
    assert Unit("money", "zh-CN", "CNY").compact(15_000) == "¥1.5万"


def test_dates_say_common_parts_once() -> None:
    assert days(date(2026, 3, 1), date(2026, 3, 31), "en") == "1 to 31 March 2026"
    assert days(date(2026, 3, 1), date(2026, 4, 2), "en") == "1 March to 2 April 2026"
    assert days(date(2025, 12, 1), date(2026, 1, 2), "en") == "1 December 2025 to 2 January 2026"
    assert days(date(2026, 3, 1), date(2026, 3, 31), "zh-CN") == "2026年3月1日至3月31日"
    assert day(date(2026, 4, 30), "zh-CN") == "2026年4月30日"


def test_what_is_told_against_one_has_no_plus_and_its_colour_by_one() -> None:
    below, above, both = (normal_estimate(value, 0.1) for value in (0.5, 1.5, 1.1))
    found = [shown(one, Unit("number", "en"), null=1.0) for one in (below, above, both)]
    assert [one.tone for one in found] == ["loss", "gain", "unsure"]
    assert not any(one.value.startswith("+") for one in found)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_was_not_computed_is_refused(value: float) -> None:
    with pytest.raises(LabError, match="missing or infinite"):
        shown(Estimate(1.0, 1.0, value, 2.0), EUROS)


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="zh-CN"):
        known_language("de")


@pytest.mark.parametrize("currency", ["", "eur", "<b>", "EURO"])
def test_money_needs_a_currency_code(currency: str) -> None:
    with pytest.raises(ConfigurationError, match="no currency code"):
        Unit("money", "en", currency)
