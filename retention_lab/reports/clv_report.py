"""The report of a value model: do its forecasts keep their word, who is still there, what it cannot know."""

from retention_lab.reports import clv_sections as sections
from retention_lab.reports.clv import ClvPage
from retention_lab.reports.numbers import known_language
from retention_lab.reports.page import render_page
from retention_lab.reports.tables import written_checks, written_origin
from retention_lab.reports.words import Words


def render_clv(page: ClvPage, language: str) -> str:
    """One self-contained HTML page in `en` or `zh-CN`; a part that is empty leaves no trace.

    Raises ConfigurationError for another language, LabError for a missing or infinite number.
    """
    known = known_language(language)
    words = Words(known)
    values = {
        "title": words.plain("clv.title", name=page.name),
        "kicker": words("clv.kicker"),
        "name": page.name,
        "about": sections.about_part(page, words),
        "doubt": page.failed,
        "hero": sections.hero_part(page, words),
        "candidates": sections.candidates_part(page, words),
        "course": sections.course_part(page, words),
        "groups": sections.groups_part(page, words),
        "alive": sections.alive_part(page, words),
        "checks": written_checks(page.checks, words),
        "limits": sections.limits_part(page, words),
        "actions": sections.actions_part(page, words),
        "footer": written_origin(page.origin, words),
    }
    return render_page("clv.html", known, values)
