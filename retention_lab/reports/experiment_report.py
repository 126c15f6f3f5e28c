"""The report of an A/B test: may it be believed, what follows, what changed, and what it does not know."""

from retention_lab.reports import experiment_sections as sections
from retention_lab.reports.experiment import ExperimentReport
from retention_lab.reports.experiment_checks import checks_part
from retention_lab.reports.experiment_courses import courses_part
from retention_lab.reports.experiment_effects import effects_part, figures_part, segments_part
from retention_lab.reports.experiment_numbers import Writer
from retention_lab.reports.numbers import known_language
from retention_lab.reports.page import render_page
from retention_lab.reports.tables import written_origin
from retention_lab.reports.words import Words


def render_experiment(report: ExperimentReport, language: str) -> str:
    """One self-contained HTML page in `en` or `zh-CN`; a part that is empty leaves no trace.

    Raises ConfigurationError for another language, LabError for an infinite number.
    """
    known = known_language(language)
    words = Words(known)
    writer = Writer(report, words)
    values = {
        "title": words.plain("experiment.title", name=report.name),
        "kicker": words("experiment.kicker"),
        "name": report.name,
        "about": sections.about_part(report, writer),
        "doubt": report.failed,
        "hero": sections.hero_part(report, writer),
        "lead": sections.lead_part(report, writer),
        "checks": checks_part(report, writer),
        "arms": sections.arms_part(report, writer),
        "effects": effects_part(report, writer),
        "figures": figures_part(report, writer),
        "courses": courses_part(report, writer),
        "segments": segments_part(report, writer),
        "limits": sections.limits_part(report, writer),
        "actions": sections.actions_part(report, writer),
        "footer": written_origin(report.origin, words),
    }
    return render_page("experiment.html", known, values)
