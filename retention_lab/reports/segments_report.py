"""The segments page: which groups there are, what they are like, and whether to believe in them."""

from retention_lab.reports import segments_sections as sections
from retention_lab.reports.numbers import known_language
from retention_lab.reports.page import render_page
from retention_lab.reports.segments import SegmentsPage
from retention_lab.reports.tables import written_checks, written_origin
from retention_lab.reports.words import Words

__all__ = ["SegmentsPage", "render_segments"]


def render_segments(report: SegmentsPage, language: str) -> str:
    """One self-contained HTML page in `en` or `zh-CN`; a part that is empty leaves no trace.

    Raises ConfigurationError for another language, LabError for a missing or infinite number.
    """
    known = known_language(language)
    words = Words(known)
    values = {
        "title": words.plain("segments.title", name=report.name),
        "kicker": words("segments.kicker"),
        "name": report.name,
        "about": sections.about_part(report, words),
        "doubt": False,
        "hero": sections.hero_part(report, words),
        "segments": sections.segments_part(report, words),
        "map": sections.map_part(report, words),
        "tried": sections.tried_part(report, words),
        "weights": sections.weights_part(report, words),
        "checks": written_checks(report.checks, words),
        "actions": sections.actions_part(report, words),
        "footer": written_origin(report.origin, words),
    }
    return render_page("segments.html", known, values)
