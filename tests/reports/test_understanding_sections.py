import dataclasses

import pytest

from retention_lab.estimate import normal_estimate
from retention_lab.reports.charts.bars import bars
from retention_lab.reports.model_report import Effect, render_model
from retention_lab.uplift.understanding.summary import Understanding
from tests.reports.reading import Page, words_of
from tests.reports.samples import FAILED, model
from tests.reports.understood import understanding


def page(language: str = "en", **changes: object) -> str:
    return render_model(dataclasses.replace(model(), **changes), language)  # type: ignore[arg-type]


def without(**changes: object) -> Understanding:
    return dataclasses.replace(understanding(), **changes)  # type: ignore[arg-type]


def test_groups_are_shown_from_the_highest_prediction_down_with_the_band_for_all() -> None:
    found = Page(page())
    group = next(row for row in found.rows if row and row[0].strip().startswith("group 1"))
    assert "predicted +€1.40" in group[0]
    assert [cell.strip() for cell in group[1:3]] == ["+€1.40", "€0.60 … €2.20"]
    assert "The first group gained €2.00 more than the last (€1.18 … €2.82)." in found.text


@pytest.mark.parametrize(
    ("difference", "said"),
    [(0.1, "that they differ was not shown"), (-2.0, "The ranking is the wrong way round")],
)
def test_a_ranking_that_shows_no_difference_says_so(difference: float, said: str) -> None:
    groups = {
        arm: dataclasses.replace(one, top_less_bottom=normal_estimate(difference, 0.4))
        for arm, one in understanding().groups.items()
    }
    assert said in words_of(page(understanding=without(groups=groups)))


def test_drivers_say_their_direction_and_how_far_they_move_the_effect() -> None:
    found = Page(page())
    rows = {row[0].split()[0]: row for row in found.rows if row and row[0].split()}
    assert "larger for zip_code, Rural; smaller for Urban" in " ".join(rows["zip_code"][0].split())
    assert [cell.strip() for cell in rows["zip_code"][1:3]] == ["40%", "€0.31"]
    assert "the higher, the larger" in rows["number_0"][0]
    assert "the higher, the smaller" in rows["number_1"][0]
    assert "neither simply up nor down" in rows["number_2"][0]
    assert "2 other features" in found.text


def test_drivers_are_in_the_outcomes_own_unit_where_values_are_money() -> None:
    found = Page(
        page(own_unit="share", arms=(), effects=(Effect("coupon_10", normal_estimate(0.02, 0.005)),))
    )
    assert found.row("coupon_10")[1] == "+2.00\u00a0pp"
    zip_code = next(row for row in found.rows if row and row[0].split()[:1] == ["zip_code"])
    assert zip_code[2].strip() == "31\u00a0pp"


def test_an_offer_whose_effect_nothing_moves_says_so_in_a_sentence() -> None:
    flat = tuple(
        dataclasses.replace(
            one,
            drivers=tuple(dataclasses.replace(driver, strength=0.0, share=0.0) for driver in one.drivers),
        )
        for one in understanding().drivers or ()
    )
    text = words_of(page(understanding=without(drivers=flat)))
    assert "the same effect for everybody: +€0.35. No feature moves it." in text
    assert "number_0" not in text


def test_a_learner_that_gives_no_reasons_says_so() -> None:
    text = words_of(page(understanding=without(drivers=None)))
    assert "cannot say which features move its effects" in text


def test_the_rule_reads_as_sentences_with_what_each_step_is_worth() -> None:
    text = words_of(page())
    assert "If recency is above 6 and zip_code is one of zip_code, Rural: coupon_10" in text
    assert "Otherwise, if balance is at most −3: points_200" in text
    assert "Otherwise, if zip_code is Urban: none" in text
    assert "Otherwise, if zip_code is missing: coupon_10" in text
    assert "20% of the customers; +€0.90 each over none (€0.31 … €1.49)" in text
    row = Page(page()).row("this rule, over coupon_10 for everyone")
    assert row[1:3] == ["+€0.31", "€0.11 … €0.51"]


def test_the_rule_is_chinese_on_a_chinese_page() -> None:
    text = words_of(page("zh-CN"))
    assert "如果recency大于6且zip_code为zip_code、Rural之一：coupon_10" in text
    assert "否则：none" in text
    assert "Otherwise" not in text


def test_the_four_groups_are_called_estimates_and_empty_ones_have_no_interval() -> None:
    found = Page(page())
    assert "not a promise about any one person" in found.text
    names = [row[0].strip() for row in found.rows if row]
    assert any(name.startswith("Persuadable") for name in names)
    assert not any(name.startswith("Sleeping dog") for name in names)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_each_strength_of_a_hidden_cause_is_said_in_its_own_words(language: str) -> None:
    arms = ("none", "post", "mail", "call", "gift")
    text = words_of(page(language, understanding=understanding(arms)))
    for figure in ("1.72", "1.31", "2.20", "100"):
        assert figure in text
    if language == "zh-CN":
        return
    sentences = [
        text.index(arm) for arm in ("post: a hidden", "mail: a hidden", "call: even if", "gift: even a")
    ]
    assert sentences == sorted(sentences)


def test_what_was_not_shown_to_be_better_says_so_before_it_is_explained() -> None:
    said = "Its choices were not shown to be better"
    assert said not in words_of(page())
    text = words_of(page(targeting="none_better"))
    assert text.index(said) < text.index("What moves the effect")


def test_nothing_is_explained_where_a_check_failed_or_nothing_is_understood() -> None:
    for html in (page(checks=FAILED), page(understanding=None)):
        text = words_of(html)
        assert "What moves the effect" not in text
        assert "What a simple rule would say" not in text


def test_bars_are_as_long_as_their_sizes_say() -> None:
    drawn = bars([4.0, 1.0, 0.0])
    assert 'width="320"' in drawn[0]
    assert 'width="80"' in drawn[1]
    assert bars([0.0])[0].count('width="0"') == 1
