"""What the commands about models of messages print for people; never a message."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show
from retention_lab.cli.evidence_texts import candidates_table, p_value, uses_text

if TYPE_CHECKING:
    from retention_lab.workflows.explain_feedback import FeedbackExplanation
    from retention_lab.workflows.feedback_report import FeedbackEvaluation, FeedbackReport
    from retention_lab.workflows.score_tone import ToneReport
    from retention_lab.workflows.triage_feedback import TriageReport

__all__ = ["METRICS", "best_text", "evaluate_text", "explain_text", "tone_text", "train_text", "triage_text"]

METRICS = ("auc", "accuracy", "log_loss")  # side by side; the page and the JSON have the others
_WORDS = 5  # of each topic


def train_text(console: Console, report: "FeedbackReport") -> None:
    """Candidates, topics with their words, checks, and what comes next."""
    console.print(f"{report.name} · run {report.run_id}", markup=False)
    candidates_table(
        console,
        report.candidates,
        METRICS,
        f"Tone of {report.held_out['rows']:,} messages of held-out customers "
        f"({report.labelled:,} of {report.messages:,} are labelled)",
    )
    console.print(uses_text(report.held_out["uses"]))
    _topics(console, report)
    console.print("Checks")
    show.checks(console, report.checks)
    kept = "not registered, as you asked."
    if report.model_version:
        kept = f"registered as version {report.model_version} (challenger). Next: lab promote {report.name}"
    console.print(
        f"'{report.winner}' has the least cross-fitted log loss (calibration: {report.calibration}): {kept}",
        markup=False,
    )
    console.print(f"Page: {report.report}", markup=False)


def evaluate_text(console: Console, report: "FeedbackEvaluation") -> None:
    """Metrics with intervals, and the paired difference."""
    console.print(
        f"{report.name} version {report.version}, on {report.rows:,} messages of customers it has not seen "
        f"({report.dropped:,} left out, {report.unread:.1%} could not be read)",
        markup=False,
    )
    rows = [[name, show.interval(one.as_json(), 4)] for name, one in report.evidence.items()]
    show.table(console, ["metric", "value [interval]"], rows)
    if report.against is not None:
        paired = [
            [name, show.interval(one.as_json(), 4), p_value(one.p_value)]
            for name, one in report.difference.items()
        ]
        title = f"Difference to version {report.against}, message by message"
        show.table(console, ["metric", "difference [interval]", "p"], paired, title=title)
    console.print(uses_text(report.uses))
    show.checks(console, report.checks)


def best_text(console: Console, report: Mapping[str, Any]) -> None:
    """Which candidate was registered."""
    console.print(f"Least cross-fitted log loss: {report['best']}, which was registered.", markup=False)


def explain_text(console: Console, report: "FeedbackExplanation") -> None:
    """Each message of a customer: tone, topic, and the words that decided."""
    console.print(
        f"{report.name} version {report.version} ({report.learner}) · customer {report.customer} · "
        f"log-odds of '{report.positive}' before any word: {report.base:+.2f}",
        markup=False,
    )
    for number, one in enumerate(report.messages, start=1):
        if one.probability is None:
            console.print(f"{number}. Too few known words to say anything.", markup=False)
            continue
        said = ", ".join(f"{word.term} {word.log_odds:+.2f}" for word in one.words)
        console.print(
            f"{number}. {report.positive}: {one.probability:.3f} · topic {one.topic} · {said}", markup=False
        )


def tone_text(console: Console, report: "ToneReport") -> None:
    """How many messages have a tone now, and where it is."""
    console.print(
        f"{report.messages:,} messages of {report.customers:,} customers read with {report.name} version "
        f"{report.version}; {report.unread:,} could not be. Snapshots now have the tone: {report.file}",
        markup=False,
    )
    console.print(
        f"The version learned from messages until {report.learned_until[:10]}. For models that look further "
        "back, train it with --as-of their first look.",
        markup=False,
    )


def triage_text(console: Console, report: "TriageReport") -> None:
    """How many messages go where, and that a person has to send the drafts."""
    rows = [[one.route, one.topic or "–", f"{one.messages:,}", f"{one.drafted:,}"] for one in report.routes]
    show.table(console, ["route", "topic", "messages", "drafted"], rows)
    console.print(
        f"{report.drafted:,} of {report.messages:,} messages have a drafted answer in {report.file}. "
        "Nothing was sent: read each one before you send it.",
        markup=False,
    )


def _topics(console: Console, report: "FeedbackReport") -> None:
    by_topic: dict[str, dict[str, str]] = {}
    for one in report.topics:
        shown = "few" if one["customers"] is None else f"{one['customers']:,}"
        by_topic.setdefault(one["topic"], {})[one["side"]] = shown
    rows = [
        [
            name,
            sides.get("complaint", "0"),
            sides.get("praise", "0"),
            ", ".join(word["term"] for word in report.keywords.get(name, [])[:_WORDS]),
        ]
        for name, sides in by_topic.items()
    ]
    show.table(
        console, ["topic", "complaining", "praising", "words"], rows, title="Customers by topic", right=False
    )
