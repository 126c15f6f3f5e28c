"""The page about customers' messages, from what the training found."""

import numpy as np

from retention_lab.estimate import mean_estimate
from retention_lab.feedback.evaluate import MEASURES
from retention_lab.reports.feedback import FeedbackCandidate, FeedbackPage
from retention_lab.reports.feedback_report import render_feedback
from retention_lab.reports.parts import Origin
from retention_lab.workflows.feedback_report import FeedbackReport
from retention_lab.workflows.feedback_training import Fitted
from retention_lab.workflows.project import Lab

_MEASURES = ("log_loss", "auc", "accuracy", "f1", "calibration_error")  # the first is what decided


def feedback_page(lab: Lab, result: FeedbackReport, fitted: Fitted) -> str:
    """The page as one HTML file, in the project's language."""
    return render_feedback(page_of(lab, result, fitted), lab.settings.language)


def page_of(lab: Lab, result: FeedbackReport, fitted: Fitted) -> FeedbackPage:
    """What the page says, as plain values."""
    min_cell = lab.settings.privacy.min_cell
    tone, probability, customer = fitted.judged
    right = MEASURES["accuracy"]
    commonest = np.full(len(tone), float(fitted.train.tone.mean() >= 0.5))
    return FeedbackPage(
        name=result.name,
        version=result.model_version,
        winner=result.winner,
        messages=result.messages,
        customers=result.customers,
        rows_held_out=len(fitted.held),
        min_cell=min_cell,
        accuracy=fitted.winner.evidence["accuracy"],
        gain=mean_estimate(right(tone, probability) - right(tone, commonest), customer),
        checks=tuple(result.checks),
        candidates=tuple(
            FeedbackCandidate(one.candidate.name, {name: one.evidence[name] for name in _MEASURES})
            for one in fitted.candidates
        ),
        keywords=fitted.words,
        topics=fitted.topic_counts(min_cell),
        months=fitted.topic_months(min_cell),
        held_out_uses=int(result.held_out["uses"]),
        origin=Origin(model=result.name, run_id=result.run_id),
    )
