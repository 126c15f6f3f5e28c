"""Whether a forecast has earned its place: against the same as last season, and against the champion."""

import numpy as np

from retention_lab.checks import Check, check
from retention_lab.estimate import Estimate
from retention_lab.tracking.models import Loaded
from retention_lab.workflows.demand_training import judge
from retention_lab.workflows.evaluate_demand import difference, what_came_later
from retention_lab.workflows.held_out_uses import held_out_uses
from retention_lab.workflows.judgement import Judgement
from retention_lab.workflows.project import Lab


def judge_demand(lab: Lab, loaded: Loaded, champion: Loaded | None, *, accepted: bool) -> Judgement:  # noqa: ARG001  # as every kind is judged
    """Judge a version on sales after what it learned from.

    Its scaled error lies surely below that of the same as last season, and where there is a champion, not
    surely above the champion's. accepted: of no meaning here, nothing was assigned to anybody.
    Raises LabError where too little came after it.
    """
    later = what_came_later(lab, [loaded, *([champion] if champion else [])])
    evidence, rolled = judge(loaded.model, later.held)
    gain = evidence["mase_gain"]
    checks = [check("better_than_last_season", "hard", gain.high < 0, gain.high, 0.0, _told(gain))]
    if champion is not None:
        found = difference(loaded.model, champion.model, later.held)
        checks.append(_no_worse(found))
    return Judgement(
        passed=all(one["passed"] is True for one in checks),
        checks=checks,
        rows=int(np.isfinite(rolled.forecast).sum()),
        uses=held_out_uses(lab.open_store(), loaded.name, later.part),
        dropped=0,
    )


def _no_worse(found: Estimate) -> Check:
    return check("no_worse_than_champion", "hard", found.low <= 0, found.low, 0.0, _told(found))


def _told(found: Estimate) -> str:
    return f"Scaled error differs by {found.value:+.3f}, from {found.low:+.3f} to {found.high:+.3f}."
