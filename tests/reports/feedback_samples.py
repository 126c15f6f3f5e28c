"""A page about messages, to change in tests."""

from retention_lab.checks import check
from retention_lab.estimate import Estimate
from retention_lab.feedback.keywords import Keyword
from retention_lab.feedback.trend import TopicCount
from retention_lab.reports.feedback import FeedbackCandidate, FeedbackPage

_LEVEL = Estimate(0.91, 0.01, 0.89, 0.93)


def feedback() -> FeedbackPage:
    """Two topics over two months; praise of one is of too few customers to be shown."""
    return FeedbackPage(
        name="feedback",
        version="3",
        winner="svm",
        messages=1_200,
        customers=800,
        rows_held_out=300,
        min_cell=20,
        accuracy=_LEVEL,
        gain=Estimate(0.25, 0.02, 0.21, 0.29, 0.0),
        checks=(check("messages_read", "soft", True, 0.01, 0.05, "1 % cannot be read."),),
        candidates=tuple(
            FeedbackCandidate(name, {"log_loss": Estimate(0.3, 0.01, 0.28, 0.32), "accuracy": _LEVEL})
            for name in ("logistic", "svm")
        ),
        keywords={
            "price": (Keyword("太贵", 60, 8.0), Keyword("expensive", 45, 6.0)),
            "complaint": (Keyword("disappointed", 90, 9.0),),
            "praise": (Keyword("excellent", 120, 9.5),),
        },
        topics=(
            TopicCount("price", "complaint", None, 70, 90),
            TopicCount("price", "praise", None, None, None),
            TopicCount("service", "complaint", None, 100, 150),
            TopicCount("service", "praise", None, 200, 250),
        ),
        months=tuple(
            TopicCount(topic, side, month, number, number)
            for topic, side, month, number in (
                ("price", "complaint", "2026-01", 40),
                ("price", "complaint", "2026-02", None),
                ("service", "complaint", "2026-01", 70),
                ("service", "complaint", "2026-02", 80),
                ("price", "praise", "2026-01", 0),
                ("price", "praise", "2026-02", 0),
                ("service", "praise", "2026-01", 100),
                ("service", "praise", "2026-02", 150),
            )
        ),
    )
