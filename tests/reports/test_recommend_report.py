import pytest

from retention_lab.errors import LabError
from retention_lab.estimate import normal_estimate
from retention_lab.reports.numbers import LANGUAGES
from retention_lab.reports.recommend_report import render_recommend
from tests.reports.reading import words_of
from tests.reports.recommend_samples import page


def test_a_better_model_says_so_for_whom_and_by_how_much() -> None:
    text = words_of(render_recommend(page(), "en"))
    assert "find more of what customers take" in text
    assert "5,120 customers, 1,682 products" in text
    assert "with a history" in text
    assert "without a history" in text
    assert "looked at" not in text or "2" in text


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (normal_estimate(0.01, 0.02), "is not clear"),
        (normal_estimate(-0.1, 0.02), "find less"),
    ],
)
def test_a_gain_that_is_none_is_not_called_one(gain: object, words: str) -> None:
    assert words in words_of(render_recommend(page(gain=gain), "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language: str) -> None:
    html = render_recommend(page(), language)
    assert "recommend." not in words_of(html).replace("lab", "")


def test_a_cut_within_customers_is_called_no_forecast() -> None:
    assert "How it does in the future" in words_of(render_recommend(page(cut="random 0.25 per user"), "en"))
    assert "How it does in the future" not in words_of(render_recommend(page(), "en"))


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(LabError):
        render_recommend(page(gain=normal_estimate(float("nan"), 0.1)), "en")


def test_a_share_of_customers_is_no_difference_and_has_no_plus() -> None:
    text = words_of(render_recommend(page(hit=normal_estimate(0.61, 0.02)), "en"))
    assert "61.0% found" in text
    assert "+61" not in text


def test_rules_of_the_shop_are_told_where_there_are_any() -> None:
    assert "What is in stock" in words_of(render_recommend(page(), "en"))
    assert "What is in stock" not in words_of(render_recommend(page(rules=False), "en"))
