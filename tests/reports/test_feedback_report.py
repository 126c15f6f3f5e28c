import dataclasses

import pytest

from retention_lab.checks import check
from retention_lab.estimate import Estimate
from retention_lab.feedback.keywords import Keyword
from retention_lab.reports.feedback import FeedbackPage
from retention_lab.reports.feedback_report import render_feedback
from tests.reports.feedback_samples import feedback
from tests.reports.hostile import HOSTILE
from tests.reports.reading import Page, words_of


def changed(**values: object) -> FeedbackPage:
    return dataclasses.replace(feedback(), **values)  # type: ignore[arg-type]


def test_the_answer_comes_first_with_its_interval() -> None:
    text = words_of(render_feedback(feedback(), "en"))
    assert "It tells praise from complaints. 91.0%" in text
    assert "between 89.0% and 93.0%" in text


def test_a_model_that_is_no_better_than_calling_all_alike_says_so() -> None:
    html = render_feedback(changed(gain=Estimate(0.01, 0.02, -0.03, 0.05, 0.6)), "en")
    assert "It is not clear that it tells praise from complaints." in words_of(html)
    assert 'class="pill care"' in html


def test_what_is_most_complained_of_comes_first_with_its_words() -> None:
    rows = [row for row in Page(render_feedback(feedback(), "en")).rows if row]
    names = [row[0].strip() for row in rows]
    assert names.index("service") < next(i for i, name in enumerate(names) if name.startswith("price"))
    assert "price 太贵, expensive" in words_of(render_feedback(feedback(), "en"))


def test_few_customers_are_a_dot_everywhere() -> None:
    page = Page(render_feedback(feedback(), "en"))
    price = next(row for row in page.rows if row and row[0].strip().startswith("price"))
    assert [cell.strip() for cell in price[1:]] == ["70", "·", "·"]
    months = [row for row in page.rows if row and row[0].strip() == "price" and len(row) == 3]
    assert [cell.strip() for cell in months[0][1:]] == ["40", "·"]


def test_messages_without_times_have_no_months() -> None:
    assert "month by month" in words_of(render_feedback(feedback(), "en"))
    assert "month by month" not in words_of(render_feedback(changed(months=()), "en"))


def test_the_page_speaks_chinese() -> None:
    text = words_of(render_feedback(feedback(), "zh-CN"))
    assert "它能分辨表扬与投诉。" in text
    assert "服务" in text


def test_a_failed_check_takes_the_trust_away() -> None:
    failed = (check("messages_read", "soft", False, 0.3, 0.05, "30 % cannot be read."),)
    assert 'class="pill care"' in render_feedback(changed(checks=failed), "en")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_as_text_and_nothing_else(name: str) -> None:
    keywords = {"price": (Keyword(name, 30, 3.0),), "complaint": (Keyword(name, 30, 3.0),)}
    hostile = changed(name=name, version=name, keywords=keywords)
    page, plain = Page(render_feedback(hostile, "en")), Page(render_feedback(feedback(), "en"))
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags}
    assert not {key for _, attributes in page.tags for key in attributes if key.startswith("on")}
