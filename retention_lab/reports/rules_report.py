"""The page of basket rules: what is bought together, and whether it holds in other baskets."""

from retention_lab.reports import rules_sections as sections
from retention_lab.reports.numbers import known_language
from retention_lab.reports.page import render_page
from retention_lab.reports.rules import RulesPage
from retention_lab.reports.tables import written_checks, written_origin
from retention_lab.reports.words import Words

__all__ = ["RulesPage", "render_rules"]


def render_rules(report: RulesPage, language: str) -> str:
    """One self-contained HTML page in `en` or `zh-CN`; a part that is empty leaves no trace.

    Raises ConfigurationError for another language, LabError for a missing or infinite number.
    """
    known = known_language(language)
    words = Words(known)
    values = {
        "title": words.plain("rules.title", name=report.name),
        "kicker": words("rules.kicker"),
        "name": report.name,
        "about": sections.about_part(report, words),
        "doubt": False,
        "hero": sections.hero_part(report, words),
        "strongest": sections.strongest_part(report, words),
        "held": sections.held_part(report, words),
        "tried": sections.tried_part(report, words),
        "checks": written_checks(report.checks, words),
        "actions": sections.actions_part(report, words),
        "footer": written_origin(report.origin, words),
    }
    return render_page("rules.html", known, values)
