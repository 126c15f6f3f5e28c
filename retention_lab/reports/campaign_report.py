"""The campaign report: what it earned because of us, whether to believe it, and what to do next."""

from retention_lab.reports import campaign_sections as sections
from retention_lab.reports.campaign import (
    Budget,
    CampaignReport,
    Groups,
    Money,
    OfferResult,
    Truth,
    Way,
)
from retention_lab.reports.numbers import Unit, known_language
from retention_lab.reports.page import render_page
from retention_lab.reports.parts import Origin
from retention_lab.reports.tables import written_checks, written_origin
from retention_lab.reports.words import Words

__all__ = [
    "Budget",
    "CampaignReport",
    "Groups",
    "Money",
    "OfferResult",
    "Origin",
    "Truth",
    "Way",
    "render_campaign",
]


def render_campaign(report: CampaignReport, language: str) -> str:
    """One self-contained HTML page in `en` or `zh-CN`; a part that is None leaves no trace.

    Raises ConfigurationError for another language, LabError for a missing or infinite number.
    """
    known = known_language(language)
    words, unit = Words(known), Unit("money", known, report.currency)
    name = report.title or report.experiment
    values = {
        "title": words.plain("campaign.title", name=name),
        "kicker": words("campaign.kicker"),
        "name": name,
        "about": sections.about_part(report, words),
        "doubt": not report.trustworthy,
        "hero": sections.hero_part(report, words, unit),
        "lead": sections.lead_part(report, words, unit),
        "money": sections.money_part(report, words, unit),
        "groups": sections.groups_part(report, words),
        "offers": sections.offers_part(report, words, unit),
        "segments": sections.segments_part(report, words, unit),
        "tenths": sections.tenths_part(report, words, unit),
        "ways": sections.ways_part(report, words, unit),
        "choice": sections.choice_part(report, words, unit),
        "budget": sections.budget_part(report, words, unit),
        "actions": sections.actions_part(report, words, unit),
        "checks": written_checks(report.checks, words),
        "truth": sections.truth_part(report, words, unit),
        "footer": written_origin(report.origin, words),
    }
    return render_page("campaign.html", known, values)
