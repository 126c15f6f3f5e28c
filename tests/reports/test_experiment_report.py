import dataclasses
import re

import pytest

from retention_lab.checks import check
from retention_lab.errors import LabError
from retention_lab.reports.experiment import (
    Arm,
    Checked,
    ExperimentReport,
    Interaction,
    Plan,
    Range,
    Result,
    Segment,
)
from retention_lab.reports.experiment_report import render_experiment
from tests.reports.experiment_samples import KEPT, LOST, PASSED, SPEND, better, experiment, guardrail
from tests.reports.reading import Page, words_of

FAILED = (LOST, *PASSED[1:])
PP = "\u00a0pp"


def changed(**values: object) -> ExperimentReport:
    return dataclasses.replace(experiment(), **values)  # type: ignore[arg-type]


def undecided(**values: object) -> ExperimentReport:
    return changed(cause="open", shipped=None, **values)


def with_state(state: str) -> Result:
    return dataclasses.replace(better(), state=state)  # type: ignore[arg-type]


def test_a_better_arm_is_named_with_its_effect_in_both_units() -> None:
    html = render_experiment(experiment(), "en")
    text = words_of(html)
    assert "Use coupon: it is better." in text
    assert f'<p class="big gain">+3.2{PP}</p>' in html
    assert "kept with coupon: 17.1% instead of 13.9%." in text
    assert "between 1.7 pp and 4.7 pp with 95% confidence; that is +23% relative to control." in text


def test_a_failed_check_comes_before_any_figure_and_colours_nothing() -> None:
    html = render_experiment(changed(cause="failed_check", shipped=None, checks=FAILED), "en")
    text = words_of(html)
    places = [text.index(words) for words in ("Do not trust it", "11,200 counted", "What changed")]
    assert places == sorted(places)
    assert 'class="big' not in html
    assert '<main class="doubt">' in html
    assert "All grey" in text
    assert "goal: not judged" in text
    assert "kept with coupon: not judged (p = 0.40 for one effect" in text
    assert "Use coupon" not in text
    assert "Find out why it failed: Groups as large as planned." in text


def test_a_soft_warning_asks_for_care() -> None:
    warned = Checked(
        check("sample_ratio", "soft", False, 0.004, 0.01),
        "sample_ratio",
        {"observed": {"today": 51, "coupon": 49}, "planned": {"today": 50.0, "coupon": 50.0}},
    )
    text = words_of(render_experiment(changed(checks=(warned, *PASSED[1:])), "en"))
    assert "Trust it, with care" in text
    assert "today: 51 counted, 50 planned; coupon: 49 counted, 50 planned. This is unlikely" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "coupon has 410 participants, too few for that"), ("zh-CN", "“coupon”只有410位参与者，人数不足")],
)
def test_an_arm_too_small_for_a_skewed_metric_is_named(language: str, words: str) -> None:
    facts = {"metric": "spend", "arm": "coupon", "units": 410.0}
    small = Checked(check("skewed_small_arm_spend", "soft", False, 0.6, 0.4), "skewed_small_arm", facts)
    assert words in words_of(render_experiment(changed(checks=(*PASSED, small)), language))


def test_a_split_that_nobody_planned_asks_for_care() -> None:
    arms = (Arm("today", 10, None), Arm("coupon", 10, None))
    unasked = Checked(check("sample_ratio", "hard", None), "sample_ratio")
    text = words_of(render_experiment(changed(arms=arms, checks=(unasked,)), "en"))
    assert "Trust it, with care" in text
    assert "No shares were planned" in text


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (undecided(results=(with_state("open"),)), "Keep the test running: it is too early to decide."),
        (undecided(results=(better(), guardrail("not_within"))), "reaches the goal, but is not shown to be"),
        (
            changed(cause="open_at_end", shipped=None, results=(with_state("open"),)),
            "Keep today: the test has ended without the proof",
        ),
        (
            changed(cause="worse", shipped=None, results=(with_state("worse"),)),
            "Keep today: kept got worse with coupon.",
        ),
        (changed(cause="before_end", shipped=None), "it was planned to be read once, at its end"),
        (changed(cause="no_primary", shipped=None, results=()), "names no metric as the goal"),
    ],
)
def test_every_rule_that_leads_to_a_verdict_says_so(report: ExperimentReport, verdict: str) -> None:
    assert verdict in words_of(render_experiment(report, "en"))


def test_an_effect_that_is_not_shown_is_neither_large_nor_coloured() -> None:
    html = render_experiment(undecided(results=(with_state("open"),)), "en")
    assert 'class="big' not in html
    assert f"<b>+3.2{PP}</b>" in html
    row = re.findall(r"<tr>\n<th scope=\"row\">kept.*?</tr>", html, re.DOTALL)[0]
    assert "gain" not in row


def test_before_the_planned_end_of_a_fixed_test_nothing_is_judged() -> None:
    report = changed(cause="before_end", shipped=None, plan=Plan("fixed", 12_000, 8_990))
    html = render_experiment(report, "en")
    main = html[html.index("<main") :]
    assert 'class="big' not in main
    assert not re.search(r'class="[^"]*\b(gain|loss)\b', main)
    assert "better" not in words_of(html)
    assert "judged once, at its planned end" in words_of(html)
    assert "So far the smallest arm has 8,990 of 12,000 planned participants." in words_of(html)


def test_less_is_better_where_the_metric_says_so() -> None:
    fewer = dataclasses.replace(KEPT, name="churned", higher_is_better=False)
    fell = dataclasses.replace(
        better(fewer), effect=Range(-0.03, -0.04, -0.02), relative=Range(-0.2, -0.3, -0.1)
    )
    html = render_experiment(changed(results=(fell,), courses=()), "en")
    assert '<p class="big gain">−3.0' in html


def test_a_guardrail_shows_its_margin_as_a_mark_and_in_words() -> None:
    html = render_experiment(experiment(), "en")
    text = words_of(html)
    assert html.count('class="margin"') == 1
    assert "complaints: safe with coupon, shown to be worse by less than the 0.50 pp" in text
    text = words_of(render_experiment(undecided(results=(better(), guardrail("not_within"))), "en"))
    assert "complaints: not shown to be safe with coupon. It is allowed to get worse by 0.50 pp" in text


def test_an_open_side_of_an_interval_is_a_limit_and_an_arrow() -> None:
    one = dataclasses.replace(better(), effect=Range(0.032, 0.018, None), relative=Range(0.23, 0.13, None))
    html = render_experiment(changed(results=(one,)), "en")
    text = words_of(html)
    assert "The difference is at least 1.8 pp with 95% confidence" in text
    assert "≥ 13%" in text
    assert "nan" not in html.lower().replace("names", "")
    assert "inf" not in re.sub(r"<[^>]*>", "", html).replace("information", "")


def test_the_figures_are_the_given_ones() -> None:
    page = Page(render_experiment(experiment(), "en"))
    rows = {row[0].split("  ")[0].split(" ")[0]: row[1:] for row in page.rows if len(row) == 9}
    assert rows["kept"] == [
        *("13.9%", "17.1%", f"+3.2{PP}", f"1.7 … 4.7{PP}", "+23%", "< 0.001", "0.002", "12%"),
    ]
    assert rows["spend"][:4] == ["€10.10", "€10.30", "+€0.20", "−€0.70 … €1.10"]
    assert rows["spend"][4] == "–"


def test_what_to_believe_is_shown_to_those_who_asked() -> None:
    html = render_experiment(
        changed(results=(dataclasses.replace(better(), believed=(0.9987, 0.00012)),)), "en"
    )
    *_, row = (row for row in Page(html).rows if len(row) == 11)
    assert row[-2:] == ["99.9%", f"0.012{PP}"]
    assert "the expected loss if it is chosen" in words_of(html)
    assert "the expected loss" not in words_of(render_experiment(experiment(), "en"))


def test_what_could_not_be_computed_says_why() -> None:
    text = words_of(render_experiment(experiment(), "en"))
    assert "p90 seconds with coupon could not be computed: a quantile can be read once, at the end" in text
    assert "spend with coupon: a change relative to control says nothing here" in text


def test_of_several_arms_none_stands_for_all_until_one_is_chosen() -> None:
    arms = (Arm("today", 10, 0.4), Arm("coupon", 10, 0.3), Arm("points", 10, 0.3))
    results = (with_state("open"), dataclasses.replace(with_state("open"), arm="points"))
    html = render_experiment(undecided(arms=arms, results=results), "en")
    text = words_of(html)
    assert 'class="range"' not in html
    assert "kept: no clear difference with coupon" in text
    assert "kept: no clear difference with points" in text
    assert "Which of coupon, points is best" in text


@pytest.mark.parametrize(
    ("p_value", "tests", "words"),
    [
        (0.4, 1, "no sign that the effect differs"),
        (0.004, 1, "the effect differs between these groups"),
        (0.004, 20, "a hint that the effect differs"),
        (None, 1, "could not be asked"),
    ],
)
def test_that_segments_differ_is_claimed_only_among_all_comparisons(
    p_value: float | None, tests: int, words: str
) -> None:
    segment = Segment("city", (("Köln", better()),), (Interaction("kept", "coupon", p_value),))
    report = changed(segments=(segment,), interactions=tests)
    assert words in words_of(render_experiment(report, "en"))


def test_a_segment_says_what_it_leaves_out() -> None:
    text = words_of(render_experiment(experiment(), "en"))
    assert "Groups with very few participants, which are not named: 2." in text
    assert "More comparisons, in the run's result.json: 3." in text


def test_of_a_fixed_test_only_the_last_day_is_coloured() -> None:
    def lines(timing: str) -> set[str]:
        report = changed(plan=Plan(timing, None, 8_990))  # type: ignore[arg-type]  # one of the three
        return set(re.findall(r'class="(line \w+|now \w+)"', render_experiment(report, "en")))

    assert lines("fixed") == {"line unsure", "now gain"}
    assert lines("always_valid") == {"line unsure", "line gain", "now gain"}


@pytest.mark.parametrize(
    ("timing", "words"),
    [
        ("always_valid", "may be read on any day"),
        ("fixed", "valid at the planned end alone"),
        ("group_sequential", "at the planned looks"),
    ],
)
def test_a_band_says_when_it_may_be_read(timing: str, words: str) -> None:
    report = changed(plan=Plan(timing, 12_000, 8_990))  # type: ignore[arg-type]  # one of the three
    assert words in words_of(render_experiment(report, "en"))


def test_what_it_does_not_know_follows_from_what_it_saw() -> None:
    text = words_of(render_experiment(experiment(), "en"))
    assert "it saw 2 to 29 March 2026" in text
    assert "What 6,010 participants will do whose 7 days are not over yet" in text
    assert "those of spend were cut" in text
    assert "Which of 4 intervals misses" in text
    undated = changed(first_day=None, last_day=None, window_days=None, courses=())
    assert "the table has no dates" in words_of(render_experiment(undated, "en"))
    small = undecided(results=(with_state("open"),))
    assert "moves by less than about 1.5 pp" in words_of(render_experiment(small, "en"))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(("name", "headings"), [("checks", 1), ("courses", 2), ("segments", 1)])
def test_missing_parts_leave_no_empty_panel(name: str, headings: int, language: str) -> None:
    full, without = (render_experiment(report, language) for report in (experiment(), changed(**{name: ()})))
    assert full.count("<h2>") - without.count("<h2>") == headings
    assert "None" not in words_of(without)


def test_a_chinese_page_has_no_english_sentence() -> None:
    names = {"coupon", "today", "kept", "spend", "complaints", "rating", "seconds", "history", "city", "Bonn"}
    known = {"lab", "experiment", "analyze", "design", "check", "test", "result", "json", "ln", "A", "B", "p"}
    reports = [
        experiment(),
        changed(cause="failed_check", shipped=None, checks=FAILED),
        undecided(results=(better(), guardrail("not_within"))),
        changed(cause="open_at_end", shipped=None, results=(with_state("open"),)),
        changed(cause="worse", shipped=None, results=(with_state("worse"),)),
    ]
    for report in reports:
        text = words_of(render_experiment(report, "zh-CN"))
        english = re.findall(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+", text)
        assert not [words for words in english if not {*words.split()} <= names | known], english


def test_a_verdict_that_contradicts_its_checks_is_refused() -> None:
    with pytest.raises(LabError, match="hard checks failed"):
        changed(checks=FAILED)
    with pytest.raises(LabError, match="arm to use"):
        changed(cause="open")


def test_money_needs_a_currency() -> None:
    with pytest.raises(LabError, match="no currency"):
        render_experiment(changed(currency="", results=(dataclasses.replace(better(), measure=SPEND),)), "en")
