import dataclasses
import re

import pytest

from retention_lab.errors import ConfigurationError
from retention_lab.reports.customers import CustomersReport
from retention_lab.reports.customers_report import render_customers
from retention_lab.reports.page import MOST_BYTES
from tests.reports.customer_samples import customers
from tests.reports.hostile import HOSTILE
from tests.reports.reading import Page, words_of


def changed(**values: object) -> CustomersReport:
    return dataclasses.replace(customers(), **values)  # type: ignore[arg-type]


def test_the_answer_comes_first() -> None:
    text = words_of(render_customers(customers(), "en"))
    assert "so many bought again: 85.9%" in text
    assert text.index("85.9%") < text.index("Where do they stand?")
    assert "420 (14%) are overdue" in text


def test_few_customers_are_never_told() -> None:
    html = render_customers(customers(), "en")
    page = Page(html)
    assert page.row("returned the last order ended a gap of more than four")[1:] == ["·", "·"]
    cells = re.findall(r'class="cell"[^>]*>([^<]*)<', html)
    assert "·" in cells
    grid = [number for row in customers().rfm.counts for number in row]  # type: ignore[union-attr]
    assert min(n for n in grid if n) < 20
    assert all(f">{n}<" not in html for n in grid if 0 < n < 20)
    small = [row for row in page.rows if row and row[0].startswith(("2026-02", "2026-01"))]
    assert small
    assert not any(cell.strip() in ("9", "12") for row in small for cell in row)


def test_a_cell_is_shaded_by_its_share_and_a_running_month_is_not() -> None:
    html = render_customers(customers(), "en")
    assert re.search(r'class="heat"[^>]*fill-opacity="0.165"', html)  # 90 of 300 who came back
    assert ">28</text>" in html  # 84 of 300, in a month that is not over
    assert 'fill-opacity="0.154"' not in html


def test_a_funnel_says_each_step_as_a_share_of_the_one_before() -> None:
    page = Page(render_customers(customers(), "en"))
    assert page.row("filled a cart")[1:3] == ["1,755", "77.6%"]
    assert page.row("ordered")[1:3] == ["1,419", "80.9%"]
    assert "web" in " ".join(" ".join(row) for row in page.rows)


def test_what_is_not_known_is_said_and_has_no_number() -> None:
    text = words_of(render_customers(customers(), "en"))
    assert "Not known here: score given in feedback." in text
    assert "Not known here: brought in another." in text


def test_parts_that_are_missing_leave_no_trace() -> None:
    text = words_of(render_customers(changed(rfm=None, cohorts=None, funnels=()), "en"))
    assert "Who bought lately" not in text
    assert "month by month" not in text
    assert "looking to buying" not in text
    assert "Where do they stand?" in text


def test_without_buyers_the_page_says_so() -> None:
    none = {**customers().metrics, "repeat_purchase_rate": "nobody has bought"}
    assert "Nobody has bought yet." in words_of(render_customers(changed(metrics=none), "en"))


def test_the_page_is_written_in_chinese_too() -> None:
    text = words_of(render_customers(customers(), "zh-CN"))
    assert "客户处于哪个阶段？" in text
    assert "Where do they stand" not in text


def test_another_language_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        render_customers(customers(), "fr")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_as_text_and_nothing_else(name: str) -> None:
    funnel = customers().funnels[1]
    hostile = changed(project=name, funnels=(dataclasses.replace(funnel, group=name, level=name),))
    page = Page(render_customers(hostile, "en"))
    plain = Page(render_customers(customers(), "en"))
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags}
    assert not {key for _, attributes in page.tags for key in attributes if key.startswith("on")}


def test_the_page_is_small() -> None:
    assert len(render_customers(customers(), "en").encode()) < MOST_BYTES / 2
