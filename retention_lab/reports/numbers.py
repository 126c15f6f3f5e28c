"""Money, shares, counts and dates by language, with no more digits than the interval supports."""

import math
import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from retention_lab.errors import ConfigurationError, LabError, did_you_mean
from retention_lab.estimate import Estimate

Language = Literal["en", "zh-CN"]
Tone = Literal["gain", "loss", "unsure"]
LANGUAGES: tuple[Language, ...] = ("en", "zh-CN")
MINUS = "−"
NO_BREAK = "\u00a0"
_SYMBOLS: dict[Language, dict[str, str]] = {
    "en": {
        "EUR": "€",
        "USD": "$",
        "GBP": "£",
        "JPY": "¥",
        "CNY": "CN¥",
        "INR": "₹",
        "KRW": "₩",
        "HKD": "HK$",
    },
    "zh-CN": {
        "EUR": "€",
        "USD": "US$",
        "GBP": "£",
        "JPY": "JP¥",
        "CNY": "¥",
        "INR": "₹",
        "KRW": "₩",
        "HKD": "HK$",
    },
}
_WHOLE_ONLY = {"JPY", "KRW", "VND", "CLP", "ISK", "HUF"}
_COMPACT: dict[Language, tuple[tuple[float, str], ...]] = {
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "k")),
    "zh-CN": ((1e8, "亿"), (1e4, "万")),
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def known_language(language: str) -> Language:
    """The language as one of those the pages speak; raises ConfigurationError otherwise."""
    for known in LANGUAGES:
        if language == known:
            return known
    raise ConfigurationError(
        f"No page is written in the language '{language}'.",
        did_you_mean(language, LANGUAGES),
        key="language",
    )


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number counts, and in whose way of writing.

    kind: money; share (of 1, written as per cent); points (a difference of shares); number.
    currency: three letters, for money.
    """

    kind: Literal["money", "share", "points", "number"]
    language: Language
    currency: str = ""

    def __post_init__(self) -> None:
        if self.kind == "money" and not re.fullmatch("[A-Z]{3}", self.currency):
            raise ConfigurationError(
                f"'{self.currency}' is no currency code.",
                "Write three capital letters, such as EUR.",
                key="currency",
            )

    def show(self, value: float, *, step: float | None = None, signed: bool = False) -> str:
        """The value rounded to `step` (in its own unit); `signed` puts a plus before gains.

        >>> Unit("money", "en", "EUR").show(-12810.4, step=100)
        '−€12,800'
        """
        _refuse_endless(value)
        step = step if step is not None else self.own_step(value)
        if self.kind in ("share", "points"):
            digits = plain_number(abs(value) * 100, step * 100)
        else:
            digits = plain_number(abs(value), step)
        zero = not any("1" <= digit <= "9" for digit in digits)
        sign = "" if zero else MINUS if value < 0 else "+" if signed else ""
        return sign + self._dressed(digits)

    def span(self, low: float, high: float, step: float) -> str:
        """Low and high as tables write them; a long unit is said once.

        >>> Unit("points", "en").span(0.012, 0.034, 0.001)
        '1.2 … 3.4\xa0pp'
        """
        first = self.show(low, step=step)
        if self.kind == "points":
            first = first.split(NO_BREAK)[0]
        return f"{first} … {self.show(high, step=step)}"

    def compact(self, value: float) -> str:
        """For axes: €5k, 5万."""
        _refuse_endless(value)
        sign = MINUS if value < 0 else ""
        size = abs(value)
        if self.kind in ("share", "points"):
            return f"{sign}{_trimmed(size * 100)}%"
        for unit, letter in _COMPACT[self.language]:
            if size >= unit:
                return sign + self._dressed(_trimmed(size / unit) + letter)
        return sign + self._dressed(_trimmed(size))

    def own_step(self, value: float) -> float:
        """The step for a number that comes without an interval."""
        if self.kind == "money":
            return 1.0 if abs(value) >= 100 or self.currency in _WHOLE_ONLY else 0.01
        if self.kind in ("share", "points"):
            return 0.01 if 0.1 <= abs(value) <= 0.9 or value in (0, 1) else 0.001
        if abs(value) >= 100:
            return 1.0
        return 10.0 ** (math.floor(math.log10(abs(value))) - 2) if value else 1.0

    @property
    def small_change(self) -> float:
        """A sum of which a hundredth can still be said: 1, or 100 where the currency has no cents."""
        return 100.0 if self.currency in _WHOLE_ONLY else 1.0

    def smallest_step(self) -> float:
        """Below this no step makes sense: nobody pays a hundredth of a cent."""
        if self.kind != "money":
            return 1e-9
        return 1.0 if self.currency in _WHOLE_ONLY else 0.0001

    def _dressed(self, digits: str) -> str:
        if self.kind == "money":
            symbol = _SYMBOLS[self.language].get(self.currency)
            return f"{symbol}{digits}" if symbol else f"{self.currency}{NO_BREAK}{digits}"
        if self.kind == "share":
            return f"{digits}%"
        if self.kind == "points":
            return f"{digits}{NO_BREAK}pp" if self.language == "en" else f"{digits}{NO_BREAK}个百分点"
        return digits


@dataclass(frozen=True, slots=True)
class Shown:
    """An estimate as it is written and coloured; gain or loss only where the interval leaves the null."""

    value: str
    low: str
    high: str
    interval: str
    tone: Tone
    step: float


def shown(estimate: Estimate, unit: Unit, *, level: bool = False, null: float = 0.0) -> Shown:
    """Write an estimate, a level without a sign or colour.

    null: what would be neither gain nor loss; only differences, whose null is 0, have a plus.
    Raises LabError where a number is missing or infinite.
    """
    step = step_of(estimate, unit)
    return Shown(
        unit.show(estimate.value, step=step, signed=not level and null == 0),
        unit.show(estimate.low, step=step),
        unit.show(estimate.high, step=step),
        unit.span(estimate.low, estimate.high, step),
        "unsure" if level else tone_of(estimate, null),
        step,
    )


def step_of(estimate: Estimate, unit: Unit) -> float:
    """The smallest difference worth writing: the interval's half width to two digits.

    Finer only where rounding would make an interval that leaves zero look as if it touched it.
    """
    for number in (estimate.value, estimate.low, estimate.high):
        _refuse_endless(number)
    half = (estimate.high - estimate.low) / 2
    if half <= 0:
        return unit.own_step(estimate.value)
    step = float(max(10.0 ** (math.floor(math.log10(half) + 1e-9) - 1), unit.smallest_step()))
    nearest = min(abs(estimate.low), abs(estimate.high))
    while tone_of(estimate) != "unsure" and nearest < step / 2 and step / 10 >= unit.smallest_step():
        step /= 10
    return step


def tone_of(estimate: Estimate, null: float = 0.0) -> Tone:
    """Gain or loss only where the whole interval says so."""
    if estimate.low > null:
        return "gain"
    return "loss" if estimate.high < null else "unsure"


def plain_number(value: float, step: float) -> str:
    """A number rounded to `step` (a power of ten), thousands set apart.

    >>> plain_number(12810.0, 100.0), plain_number(0.0456, 0.001)
    ('12,800', '0.046')
    """
    exponent = round(math.log10(step))
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(exponent), rounding=ROUND_HALF_EVEN)
    return f"{rounded:,.{max(0, -exponent)}f}"


def count(value: float) -> str:
    """Whole customers, orders or rows."""
    return plain_number(value, 1.0)


def day(value: date, language: Language) -> str:
    """A date as it is said aloud.

    >>> from datetime import date
    >>> day(date(2026, 3, 1), "en"), day(date(2026, 3, 1), "zh-CN")
    ('1 March 2026', '2026年3月1日')
    """
    if language == "zh-CN":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date, language: Language) -> str:
    """A date on an axis, where the year is told elsewhere.

    >>> from datetime import date
    >>> short_day(date(2026, 3, 1), "en"), short_day(date(2026, 3, 1), "zh-CN")
    ('1 Mar', '3月1日')
    """
    if language == "zh-CN":
        return f"{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1][:3]}"


def days(first: date, last: date, language: Language) -> str:
    """A period, both days included, its common parts said once."""
    if first == last:
        return day(last, language)
    if language == "zh-CN":
        same_year = first.year == last.year
        end = f"{last.month}月{last.day}日" if same_year else day(last, language)
        return f"{day(first, language)}至{end}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last, language)}"
    if first.year == last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} to {day(last, language)}"
    return f"{day(first, language)} to {day(last, language)}"


def _trimmed(value: float) -> str:
    text = f"{value:,.6g}" if value < 1e6 else f"{value:,.0f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _refuse_endless(value: float) -> None:
    if not math.isfinite(value):
        raise LabError(
            "A number for the page is missing or infinite, and a page shows only what was computed.",
            "Leave that part out of the report, or give the reason in its place.",
        )
