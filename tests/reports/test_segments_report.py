import dataclasses

import pytest

from retention_lab.checks import check
from retention_lab.reports.segments import SegmentsPage
from retention_lab.reports.segments_report import render_segments
from tests.reports.customer_samples import segments, tried
from tests.reports.hostile import HOSTILE
from tests.reports.reading import Page, words_of


def changed(**values: object) -> SegmentsPage:
    return dataclasses.replace(segments(), **values)  # type: ignore[arg-type]


def test_stable_segments_say_so_with_the_index() -> None:
    text = words_of(render_segments(segments(), "en"))
    assert "4 groups of customers that other samples would show too. 0.94" in text
    assert "the middle 95% 0.89 to 0.99" in text


def test_segments_that_are_not_found_again_are_a_sketch() -> None:
    failed = (check("stable_segments", "soft", False, 0.6, 0.8),)
    html = render_segments(changed(chosen=tried(4, 0.6), checks=failed), "en")
    assert "a sketch, no fact" in words_of(html)
    assert 'class="pill care"' in html


def test_a_segment_is_named_by_what_sets_it_apart_in_the_pages_language() -> None:
    assert "1 high orders_365, region r0" in words_of(render_segments(segments(), "en"))
    assert "1 orders_365高，region为r0" in words_of(render_segments(segments(), "zh-CN"))


def test_a_segment_of_few_is_neither_counted_nor_drawn() -> None:
    html = render_segments(segments(), "en")
    small = next(row for row in Page(html).rows if row and row[0].strip().startswith("4"))
    assert {cell.strip() for cell in small[1:]} == {"·"}
    assert html.count('class="middle') == 2 * 3  # on the wide and on the narrow drawing


def test_every_number_of_groups_that_was_tried_is_shown() -> None:
    page = Page(render_segments(segments(), "en"))
    rows = {row[0].strip().split(" silhouette")[0]: row for row in page.rows if row and "groups" in row[0]}
    assert list(rows) == ["number of groups", "3 groups", "4 groups", "5 groups"]
    assert rows["4 groups"][1].strip() == "0.940"


def test_cells_of_rfm_have_their_own_names() -> None:
    one = dataclasses.replace(segments().segments[0], name="champions")
    text = words_of(render_segments(changed(method="rfm", segments=(one,)), "en"))
    assert "1 champions" in text
    assert "RFM cells" in text


def test_what_lasso_kept_is_shown_where_it_was_asked() -> None:
    assert "What LASSO kept" in words_of(render_segments(segments(), "en"))
    assert "LASSO" not in words_of(render_segments(changed(weights=None), "en"))


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_as_text_and_nothing_else(name: str) -> None:
    one = dataclasses.replace(segments().segments[0], name=name, traits=(), typical={name: name})
    hostile = changed(name=name, version=name, segments=(one,), weights={name: 1.0})
    page, plain = Page(render_segments(hostile, "en")), Page(render_segments(segments(), "en"))
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags}
    assert not {key for _, attributes in page.tags for key in attributes if key.startswith("on")}
