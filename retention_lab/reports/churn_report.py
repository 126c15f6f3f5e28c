"""The churn report: whom it finds, whether its chances keep their word, what is at stake, what it misses."""

from retention_lab.reports import churn_sections as sections
from retention_lab.reports.churn import ChurnPage
from retention_lab.reports.numbers import known_language
from retention_lab.reports.page import render_page
from retention_lab.reports.tables import written_checks, written_origin
from retention_lab.reports.words import Words


def render_churn(page: ChurnPage, language: str) -> str:
    """One self-contained HTML page in `en` or `zh-CN`; a part that is empty leaves no trace.

    Raises ConfigurationError for another language, LabError for a missing or infinite number.
    """
    known = known_language(language)
    words = Words(known)
    values = {
        "title": words.plain("churn.title", name=page.name),
        "kicker": words("churn.kicker"),
        "name": page.name,
        "about": sections.about_part(page, words),
        "doubt": page.failed,
        "hero": sections.hero_part(page, words),
        "candidates": sections.candidates_part(page, words),
        "charts": sections.charts_part(page, words),
        "tiers": sections.tiers_part(page, words),
        "tiers_caption": sections.tiers_caption(page, words),
        "drivers": sections.drivers_part(page, words),
        "survival": sections.survival_part(page, words),
        "checks": written_checks(page.checks, words),
        "limits": sections.limits_part(page, words),
        "actions": sections.actions_part(page, words),
        "footer": written_origin(page.origin, words),
    }
    return render_page("churn.html", known, values)
