import dataclasses

import pytest

from retention_lab.checks import check
from retention_lab.reports.rules import RulesPage
from retention_lab.reports.rules_report import render_rules
from tests.reports.hostile import HOSTILE
from tests.reports.reading import Page, words_of
from tests.reports.rules_samples import rules


def changed(**values: object) -> RulesPage:
    return dataclasses.replace(rules(), **values)  # type: ignore[arg-type]


def test_the_answer_is_how_many_rules_there_are_and_how_many_hold() -> None:
    text = words_of(render_rules(rules(), "en"))
    assert "Of 462 looked up in other baskets, 391 hold. 467" in text
    assert "424 beyond chance" in text
    assert "they hold elsewhere" in text


def test_a_failed_check_asks_for_care() -> None:
    failed = (check("rules_hold_elsewhere", "soft", False, 0.2, 0.5),)
    assert 'class="pill care"' in render_rules(changed(checks=failed), "en")


def test_a_rule_of_few_baskets_is_not_shown() -> None:
    html = render_rules(rules(), "en")
    assert "herbs → roots" in html
    assert "saffron" not in html


def test_a_rule_is_told_with_its_lift_where_it_was_not_found() -> None:
    rows = {row[0].strip().split(" in ")[0]: row for row in Page(render_rules(rules(), "en")).rows if row}
    cells = [cell.strip() for cell in rows["herbs → roots"][1:]]
    assert cells[:3] == ["43.1%", "3.96", "3.66"]


def test_without_rules_the_page_says_so_and_what_to_do() -> None:
    none = changed(rules=0, significant=0, looked_up=0, confirmed=0, lift_kept=None, strongest=())
    text = words_of(render_rules(none, "en"))
    assert "Nothing is bought together often and surely enough" in text
    assert "What goes with what?" not in text


def test_rules_that_could_not_be_looked_up_are_not_called_sound() -> None:
    html = render_rules(changed(looked_up=0, confirmed=0, lift_kept=None), "en")
    assert "none of which could be looked up" in words_of(html)
    assert 'class="pill care"' in html


def test_the_page_speaks_chinese() -> None:
    text = words_of(render_rules(rules(), "zh-CN"))
    assert "一起购买的规则" in text
    assert "beef、milk → roots" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_as_text_and_nothing_else(name: str) -> None:
    one = dataclasses.replace(rules().strongest[0], left=(name,), right=(name,))
    hostile = changed(name=name, version=name, strongest=(one,))
    page, plain = Page(render_rules(hostile, "en")), Page(render_rules(rules(), "en"))
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags}
    assert not {key for _, attributes in page.tags for key in attributes if key.startswith("on")}
