"""A page of basket rules as a test needs it."""

from datetime import date

from retention_lab.checks import check
from retention_lab.estimate import Estimate
from retention_lab.reports.parts import Origin
from retention_lab.reports.rules import RankingTried, RuleLine, RulesPage


def rules() -> RulesPage:
    """Three rules, of which two were looked up; the last rests on too few baskets to be shown."""
    return RulesPage(
        name="rules",
        version="2",
        baskets=9_835,
        baskets_held_out=2_950,
        items=169,
        rules=467,
        significant=424,
        looked_up=462,
        confirmed=391,
        lift_kept=Estimate(0.94, 0.03, 0.88, 1.01),
        better=True,
        k=5,
        taken="confidence",
        strongest=(
            RuleLine(("herbs",), ("roots",), 69, 0.007, 0.431, 3.96, 1e-9, Estimate(3.66, 0.4, 2.9, 4.6)),
            RuleLine(
                ("beef", "milk"), ("roots",), 79, 0.008, 0.378, 3.47, 1e-9, Estimate(1.1, 0.2, 0.8, 1.5)
            ),
            RuleLine(("saffron",), ("rice",), 4, 0.0004, 0.9, 40.0, 1e-3, None),
        ),
        tried=(
            RankingTried("confidence", Estimate(0.272, 0.01, 0.254, 0.291)),
            RankingTried("lift", Estimate(0.271, 0.01, 0.252, 0.289)),
            RankingTried("popular", Estimate(0.262, 0.01, 0.244, 0.281)),
        ),
        min_cell=20,
        checks=(
            check("rules_found", "soft", True, 467, 1),
            check("suggestions_better_than_best_sellers", "soft", True, 0.01, 0),
        ),
        origin=Origin(model="rules", run_id="abc", data_as_of=date(2026, 3, 1)),
    )
