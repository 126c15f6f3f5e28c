"""The page of trained rules, from what the training found."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from retention_lab.estimate import Estimate
from retention_lab.reports.parts import Origin
from retention_lab.reports.rules import RankingTried, RuleLine, RulesPage
from retention_lab.reports.rules_report import render_rules
from retention_lab.workflows.project import Lab
from retention_lab.workflows.rule_evidence import Tried
from retention_lab.workflows.rules_report import RulesReport

_LISTED = 200  # of which the page shows those that rest on enough baskets


def rules_page(
    lab: Lab, found: RulesReport, shown: pa.Table, candidates: Sequence[Tried], as_of: datetime | None
) -> str:
    """The page as one HTML file, in the project's language. shown: the rules with their held-out lift."""
    kept = found.metrics.get("lift_kept")
    k = candidates[0].metrics.k
    page = RulesPage(
        name=found.name,
        version=found.model_version,
        baskets=found.baskets,
        baskets_held_out=found.baskets_held_out,
        items=found.items,
        rules=found.rules,
        significant=found.significant,
        looked_up=found.looked_up,
        confirmed=found.confirmed,
        lift_kept=None if kept is None else Estimate(kept["value"], 0.0, kept["ci_low"], kept["ci_high"]),
        better=found.targeting == "better",
        k=k,
        taken=found.winner,
        strongest=tuple(_line(row, found.baskets) for row in shown.slice(0, _LISTED).to_pylist()),
        tried=tuple(RankingTried(one.ranking, one.estimates[f"hit_at_{k}"]) for one in candidates),
        min_cell=lab.settings.privacy.min_cell,
        checks=tuple(found.checks),
        origin=Origin(
            model=found.name, run_id=found.run_id, data_as_of=None if as_of is None else as_of.date()
        ),
    )
    return render_rules(page, lab.settings.language)


def _line(row: Mapping[str, Any], baskets: int) -> RuleLine:
    lift, low, high = row["held_out_lift"], row["held_out_low"], row["held_out_high"]
    return RuleLine(
        left=tuple(row["antecedent"]),
        right=tuple(row["consequent"]),
        baskets=round(row["support"] * baskets),
        support=row["support"],
        confidence=row["confidence"],
        lift=row["lift"],
        q_value=row["q_value"],
        held_out=None if lift is None else Estimate(lift, 0.0, low, high),
    )
