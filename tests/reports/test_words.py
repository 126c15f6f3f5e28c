import re
import string
from pathlib import Path

import pytest
from markupsafe import Markup

import retention_lab.reports
from retention_lab.reports.words import CATALOGUE, Words

FOLDER = Path(retention_lab.reports.__file__).parent
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(FOLDER.rglob("*"))
    if path.suffix in (".py", ".html") and "words" not in path.parts[-2:-1]
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert CATALOGUE["en"].keys() == CATALOGUE["zh-CN"].keys()


@pytest.mark.parametrize("key", sorted(CATALOGUE["en"]))
def test_both_languages_put_the_same_values_and_marks_into_a_text(key: str) -> None:
    english, chinese = CATALOGUE["en"][key], CATALOGUE["zh-CN"][key]
    assert english.strip()
    assert chinese.strip()
    assert fields(english) == fields(chinese)
    assert re.findall(r"</?\w+>", english) == re.findall(r"</?\w+>", chinese)
    assert not re.search(r"<(?!/?b>)", english + chinese), "only <b> may stand in a text"


def test_chinese_texts_are_chinese() -> None:
    same = {
        *("p_value", "p_value.small", "model.metric.arm"),
        *(
            "customers.rfm.recency",
            "customers.rfm.frequency",
            "segments.level",
            "segments.comma",
            "rules.comma",
        ),
        *("experiment.join", "experiment.remark", "experiment.effect.end", "experiment.figures.small_p"),
    }
    untranslated = [
        key for key, text in CATALOGUE["zh-CN"].items() if not re.search("[一-鿿]", text) and key not in same
    ]
    assert untranslated == []


def test_every_key_that_a_page_asks_for_exists() -> None:
    asked = set(re.findall(r"""words(?:\.plain)?\(\s*"([a-z_.]+)["]""", SOURCES))
    assert asked - CATALOGUE["en"].keys() == set()


def test_every_text_is_used() -> None:
    built = (
        "check.",
        "metric.",
        "way.",
        "lead.",
        "verdict.",
        "trust.",
        "choice.",
        "group.",
        "next.",
        *(f"clv.{part}" for part in ("better", "worse", "unsure", "metric.")),
        *(f"demand.{part}" for part in ("better", "worse", "unsure", "metric.", "campaign.")),
        "model.",
        *(f"churn.{part}." for part in ("verdict", "tiers", "tier", "reason", "calibrated")),
        *(f"feedback.{part}" for part in ("verdict.", "months.", "complaint", "praise")),
        *(f"recommend.{part}" for part in ("better", "worse", "unsure", "metric.", "warm", "cold")),
        *(f"experiment.{part}." for part in ("verdict", "effect", "says", "reason", "role", "state")),
        *(f"experiment.{part}." for part in ("check", "detail", "looks", "periods")),
        *("stage.", "cell.", "loyalty.", "funnel.", "customers.say.", "segments.method.", "segments.trust."),
        *("rules.trust.", "rules.ranking."),
    )
    unused = [key for key in CATALOGUE["en"] if f'"{key}"' not in SOURCES and not key.startswith(built)]
    assert unused == []


def test_texts_for_attributes_and_charts_hold_no_markup() -> None:
    plain = set(re.findall(r"""words\.plain\(\s*"([a-z_.]+)["]""", SOURCES))
    assert plain
    for language in CATALOGUE.values():
        assert [key for key in plain if re.search("[<&]", language[key])] == []


def test_values_are_escaped_and_texts_are_not() -> None:
    said = Words("en")("next.keep", offer="<script>{x}")
    assert said == Markup("<b>Keep &lt;script&gt;{x}</b>: it earned money.")


def test_a_check_without_words_keeps_its_name() -> None:
    assert Words("zh-CN").known("check", "my_own.check") == "my_own.check"
