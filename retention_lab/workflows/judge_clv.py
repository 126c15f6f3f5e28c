"""Whether a value model has earned its place: against everybody's own rate, and against the champion."""

from retention_lab.checks import Check, check
from retention_lab.clv.metrics import error_difference
from retention_lab.clv.same_rate import SameRate
from retention_lab.clv.scorer import ClvScorer
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.tracking.models import Loaded
from retention_lab.workflows.clv_training import Held
from retention_lab.workflows.evaluate_clv import difference, what_came_later
from retention_lab.workflows.held_out_uses import held_out_uses
from retention_lab.workflows.judgement import Judgement
from retention_lab.workflows.project import Lab


def judge_clv(lab: Lab, loaded: Loaded, champion: Loaded | None, *, accepted: bool) -> Judgement:  # noqa: ARG001  # as every kind is judged
    """Judge a version on purchases after its calibration.

    `against: same_rate`: its absolute error lies surely below that of everybody's own rate, and where there
    is a champion, not surely above the champion's. `against: champion`: surely below the champion's.
    accepted: of no meaning here, nothing was assigned to anybody.
    Raises LabError where nothing came after the calibration, or there is no champion to compare with.
    """
    later = what_came_later(lab, [loaded, *([champion] if champion else [])])
    rule = lab.settings.promotion.clv
    checks = []
    if rule.against == "same_rate":
        checks.append(_better("better_than_same_rate", _against_rate(loaded.model, later.held)))
    elif champion is None:
        raise LabError(
            "There is no champion to compare with.", "Set `promotion.clv.against: same_rate` in lab.yaml."
        )
    if champion is not None:
        found = difference(loaded.model, champion.model, later.held)
        checks.append(
            _better("better_than_champion", found) if rule.against == "champion" else _no_worse(found)
        )
    return Judgement(
        passed=all(one["passed"] is True for one in checks),
        checks=checks,
        rows=len(later.held.purchases),
        uses=held_out_uses(lab.open_store(), loaded.name, later.part),
        dropped=0,
    )


def _against_rate(scorer: ClvScorer, held: Held) -> Estimate:
    expected = scorer.expected_purchases(held.history, held.t * scorer.unit_days)
    same = SameRate().expected_purchases(held.history.summary.rows, held.t)
    return error_difference(expected, same, held.purchases)


def _better(name: str, found: Estimate) -> Check:
    return check(name, "hard", found.high < 0, found.high, 0.0, _told(found))


def _no_worse(found: Estimate) -> Check:
    return check("no_worse_than_champion", "hard", found.low <= 0, found.low, 0.0, _told(found))


def _told(found: Estimate) -> str:
    value, low, high = found.value, found.low, found.high
    return f"Absolute error per customer differs by {value:+.3f}, from {low:+.3f} to {high:+.3f}."
