"""The report of a forecast: is it better than last season again, what is expected, what campaigns do."""

from retention_lab.reports import demand_sections as sections
from retention_lab.reports.demand import DemandPage
from retention_lab.reports.numbers import known_language
from retention_lab.reports.page import render_page
from retention_lab.reports.tables import written_checks, written_origin
from retention_lab.reports.words import Words


def render_demand(page: DemandPage, language: str) -> str:
    """One self-contained HTML page in `en` or `zh-CN`; a part that is empty leaves no trace.

    Raises ConfigurationError for another language, LabError for a missing or infinite number.
    """
    known = known_language(language)
    words = Words(known)
    values = {
        "title": words.plain("demand.title", name=page.name),
        "kicker": words("demand.kicker"),
        "name": page.name,
        "about": sections.about_part(page, words),
        "doubt": page.failed,
        "hero": sections.hero_part(page, words),
        "total": sections.total_part(page, words),
        "largest": sections.largest_part(page, words),
        "campaign": sections.campaign_part(page, words),
        "candidates": sections.candidates_part(page, words),
        "checks": written_checks(page.checks, words),
        "limits": sections.limits_part(page, words),
        "actions": sections.actions_part(page, words),
        "footer": written_origin(page.origin, words),
    }
    return render_page("demand.html", known, values)
