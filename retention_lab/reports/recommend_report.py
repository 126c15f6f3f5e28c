"""The report of a recommender: does it find what customers take, for whom, and what does it show."""

from retention_lab.reports import recommend_sections as sections
from retention_lab.reports.numbers import known_language
from retention_lab.reports.page import render_page
from retention_lab.reports.recommend import RecommendPage
from retention_lab.reports.tables import written_checks, written_origin
from retention_lab.reports.words import Words


def render_recommend(page: RecommendPage, language: str) -> str:
    """One self-contained HTML page in `en` or `zh-CN`; a part that is empty leaves no trace.

    Raises ConfigurationError for another language, LabError for a missing or infinite number.
    """
    known = known_language(language)
    words = Words(known)
    values = {
        "title": words.plain("recommend.title", name=page.name),
        "kicker": words("recommend.kicker"),
        "name": page.name,
        "about": sections.about_part(page, words),
        "doubt": page.failed,
        "hero": sections.hero_part(page, words),
        "candidates": sections.candidates_part(page, words),
        "kinds": sections.kinds_part(page, words),
        "checks": written_checks(page.checks, words),
        "limits": sections.limits_part(page, words),
        "actions": sections.actions_part(page, words),
        "footer": written_origin(page.origin, words),
    }
    return render_page("recommend.html", known, values)
