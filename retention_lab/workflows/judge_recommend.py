"""Whether a recommender has earned its place: against what sells best of late, and against the champion."""

from retention_lab.checks import Check, check
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.tracking.models import Loaded
from retention_lab.workflows.evaluate_recommend import (
    baseline_metrics,
    judged_gain,
    version_metrics,
    what_came_later,
)
from retention_lab.workflows.held_out_uses import held_out_uses
from retention_lab.workflows.judgement import Judgement
from retention_lab.workflows.project import Lab
from retention_lab.workflows.recommend_training import CHOSEN_BY


def judge_recommend(lab: Lab, loaded: Loaded, champion: Loaded | None, *, accepted: bool) -> Judgement:  # noqa: ARG001  # as every kind is judged
    """Judge a version on what customers took after it had learned.

    `against: decayed_popular`: its NDCG of ten lies surely above that of what sells best of late, and where
    there is a champion, not surely below the champion's. `against: champion`: surely above the champion's.
    accepted: of no meaning here, nothing was assigned to anybody.
    Raises LabError where nothing came later, or there is no champion to compare with.
    """
    later = what_came_later(lab, [loaded, *([champion] if champion else [])])
    ours = version_metrics(loaded.model, later.held)
    rule = lab.settings.promotion.recommend
    checks = []
    if rule.against == "decayed_popular":
        gain = judged_gain(ours, baseline_metrics(later.held))[CHOSEN_BY]
        checks.append(_better("better_than_decayed_popular", gain))
    elif champion is None:
        raise LabError(
            "There is no champion to compare with.",
            "Set `promotion.recommend.against: decayed_popular` in lab.yaml.",
        )
    if champion is not None:
        found = judged_gain(ours, version_metrics(champion.model, later.held))[CHOSEN_BY]
        against = rule.against == "champion"
        checks.append(_better("better_than_champion", found) if against else _no_worse(found))
    return Judgement(
        passed=all(one["passed"] is True for one in checks),
        checks=checks,
        rows=len(later.held.wanted.user),
        uses=held_out_uses(lab.open_store(), loaded.name, later.part),
        dropped=0,
    )


def _better(name: str, found: Estimate) -> Check:
    return check(name, "hard", found.low > 0, found.low, 0.0, _told(found))


def _no_worse(found: Estimate) -> Check:
    return check("no_worse_than_champion", "hard", found.high >= 0, found.high, 0.0, _told(found))


def _told(found: Estimate) -> str:
    value, low, high = found.value, found.low, found.high
    return f"NDCG of ten differs by {value:+.4f}, from {low:+.4f} to {high:+.4f}."
