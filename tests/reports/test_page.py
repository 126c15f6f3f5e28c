import re

import pytest

from retention_lab.errors import LabError
from retention_lab.reports.campaign_report import render_campaign
from retention_lab.reports.experiment_report import render_experiment
from retention_lab.reports.model_report import render_model
from retention_lab.reports.page import MOST_BYTES, content_policy, render_page
from tests.reports.experiment_samples import experiment
from tests.reports.reading import Page
from tests.reports.samples import campaign, model

LANGUAGES = ("en", "zh-CN")
PAGES = {
    (kind, language): render(report, language)  # type: ignore[operator]
    for kind, render, report in (
        ("campaign", render_campaign, campaign()),
        ("model", render_model, model()),
        ("experiment", render_experiment, experiment()),
    )
    for language in LANGUAGES
}


@pytest.fixture(params=sorted(PAGES), ids="-".join)
def html(request: pytest.FixtureRequest) -> str:
    return PAGES[request.param]


def test_a_page_is_well_formed_and_says_its_language(html: str) -> None:
    page = Page(html)  # refuses tags that are closed in the wrong order
    assert page.open == []
    assert page.tags[0][0] == "html"
    assert page.tags[0][1]["lang"] in LANGUAGES


def test_a_page_asks_for_nothing_and_runs_nothing(html: str) -> None:
    page = Page(html)
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "iframe", "object", "embed", "link", "img", "form", "base", "a", "image"}
    attributes = {name for _, attrs in page.tags for name in attrs}
    assert not {name for name in attributes if name.startswith("on")}
    assert not attributes & {"src", "href", "srcset", "action", "style"}
    assert "url(" not in html
    assert "@import" not in html
    assert "//" not in html.replace("<!doctype html>", "")


def test_the_policy_lets_in_this_very_style_and_nothing_else(html: str) -> None:
    style = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert len(style) == 1
    metas = [attrs for tag, attrs in Page(html).tags if tag == "meta" and "http-equiv" in attrs]
    assert metas[0]["content"] == content_policy(style[0])
    assert metas[0]["content"].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in metas[0]["content"]


def test_the_policy_stands_before_the_style(html: str) -> None:
    assert html.index("Content-Security-Policy") < html.index("<style>")


def test_a_page_is_small(html: str) -> None:
    assert len(html.encode()) < MOST_BYTES / 2


def test_every_picture_has_a_name_or_is_beside_its_figures(html: str) -> None:
    pictures = [attrs for tag, attrs in Page(html).tags if tag == "svg"]
    assert pictures
    assert all(p.get("aria-label") or p.get("aria-hidden") == "true" for p in pictures)


def test_every_table_has_a_caption_and_every_row_a_name(html: str) -> None:
    assert html.count("<table") == html.count("<caption")
    assert all(
        re.search(r'<th scope="row"', row)
        for body in re.findall(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
        for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    )


def test_a_page_is_the_same_each_time() -> None:
    assert render_campaign(campaign(), "en") == PAGES["campaign", "en"]


def test_a_page_too_large_for_a_phone_is_refused() -> None:
    values = {
        "title": "t",
        "kicker": "k",
        "name": "x" * MOST_BYTES,
        "about": (),
        "doubt": False,
        "footer": (),
    }
    with pytest.raises(LabError, match="bytes"):
        render_page("page.html", "en", values)


def test_colours_of_text_have_contrast_enough() -> None:
    style = re.findall(r"<style>(.*?)</style>", PAGES["campaign", "en"], re.DOTALL)[0]
    light, dark = (
        dict(re.findall(r"--([a-z]+):(#[0-9a-f]{3,6})[;}]", block))
        for block in re.findall(r":root\{.*?\}", style)[:2]
    )
    for colours in (light, dark):
        for ink, paper in (
            *((text, paper) for text in ("ink", "dim", "gain", "loss") for paper in ("bg", "panel")),
            *(("ok", "okbg"), ("care", "carebg"), ("no", "nobg"), ("ink", "nobg")),
            *(("onfill", "gain"), ("onfill", "loss"), ("onsure", "sure"), ("onlost", "lost")),
        ):
            assert contrast(colours[ink], colours[paper]) >= 4.5, f"{ink} on {paper}"
        for shape in ("gain", "loss", "unsure", "cost", "model"):
            assert contrast(colours[shape], colours["bg"]) >= 3, shape


def test_print_uses_the_light_colours() -> None:
    style = re.findall(r"<style>(.*?)</style>", PAGES["campaign", "en"], re.DOTALL)[0]
    light, _, printed = re.findall(r":root\{.*?\}", style)
    assert light == printed


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
