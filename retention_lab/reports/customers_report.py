"""The customers page: who they are, where they stand, who comes back, and the way to an order."""

from retention_lab.reports import customers_sections as sections
from retention_lab.reports.customers import CustomersReport
from retention_lab.reports.numbers import known_language
from retention_lab.reports.page import render_page
from retention_lab.reports.tables import written_origin
from retention_lab.reports.words import Words

__all__ = ["CustomersReport", "render_customers"]


def render_customers(report: CustomersReport, language: str) -> str:
    """One self-contained HTML page in `en` or `zh-CN`; a part that is empty leaves no trace.

    Raises ConfigurationError for another language, LabError for a missing or infinite number.
    """
    known = known_language(language)
    words = Words(known)
    values = {
        "title": words.plain("customers.title", name=report.project),
        "kicker": words("customers.kicker"),
        "name": report.project,
        "about": sections.about_part(report, words),
        "doubt": False,
        "hero": sections.hero_part(report, words),
        "stages": sections.stages_part(report, words),
        "moves": sections.moves_part(report, words),
        "rfm": sections.rfm_part(report, words),
        "cohorts": sections.cohorts_part(report, words),
        "after": sections.after_part(report, words),
        "metrics": sections.metrics_part(report, words),
        "missing": sections.missing_part(report, words),
        "funnel": sections.funnel_part(report, words),
        "ways": sections.ways_parts(report, words),
        "actions": sections.actions_part(words),
        "footer": written_origin(report.origin, words),
    }
    return render_page("customers.html", known, values)
