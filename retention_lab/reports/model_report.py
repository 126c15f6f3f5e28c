"""The model report: is it worth using, how do we know, and what does it not know."""

from retention_lab.reports import model_sections as sections
from retention_lab.reports.model import (
    ArmRow,
    CalibrationGroups,
    Candidate,
    Effect,
    GainCurve,
    ModelReport,
)
from retention_lab.reports.model_units import units_of
from retention_lab.reports.numbers import known_language
from retention_lab.reports.page import render_page
from retention_lab.reports.parts import Origin
from retention_lab.reports.tables import written_checks, written_origin
from retention_lab.reports.understanding_sections import understanding_parts
from retention_lab.reports.words import Words

__all__ = [
    "ArmRow",
    "CalibrationGroups",
    "Candidate",
    "Effect",
    "GainCurve",
    "ModelReport",
    "Origin",
    "render_model",
]


def render_model(report: ModelReport, language: str) -> str:
    """One self-contained HTML page in `en` or `zh-CN`; a part that is empty leaves no trace.

    Raises ConfigurationError for another language, LabError for a missing or infinite number.
    """
    known = known_language(language)
    words = Words(known)
    units = units_of(report, words)
    values = {
        "title": words.plain("model.title", name=report.name),
        "kicker": words("model.kicker"),
        "name": report.name,
        "about": sections.about_part(report, words),
        "doubt": report.failed,
        "hero": sections.hero_part(report, words, units),
        "arms": sections.arms_part(report, words, units),
        "effects": sections.effects_part(report, words, units),
        "effects_caption": words("model.effects.caption", outcome=report.outcome),
        "candidates": sections.candidates_part(report, words, units),
        "curves": sections.curves_part(report, words, units),
        "calibrations": sections.calibrations_part(report, words, units),
        "understood": understanding_parts(report, words, units),
        "gate": written_checks(report.gate, words),
        "checks": written_checks(report.checks, words),
        "limits": sections.limits_part(report, words),
        "actions": sections.actions_part(report, words),
        "footer": written_origin(report.origin, words),
    }
    return render_page("model.html", known, values)
