"""How the model that chose stands after a launch: calibrated on it, and through its gate or not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats
from retention_lab.calibration import calibration_slope
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate, not_computed
from retention_lab.off_policy import doubly_robust
from retention_lab.targeting.incremental import CampaignRows
from retention_lab.tracking.models import load_version
from retention_lab.workflows.judge_uplift import judge_uplift
from retention_lab.workflows.judgement import Judgement
from retention_lab.workflows.measure_groups import planned_order
from retention_lab.workflows.plan_files import PlanFile, PlannedRows
from retention_lab.workflows.project import Lab

_LEAST_ROWS = 200  # fewer say nothing about a slope


@dataclass(frozen=True, slots=True)
class OfferCalibration:
    """One offer on the launch's rows that could draw it and none, a head.

    predicted: the plan's mean effect; observed: the mean effect seen; slope: of seen on predicted effects, 1
    where a difference foretold is a difference seen. None with the reason.
    """

    offer: str
    rows: int
    predicted: float
    observed: Estimate | None
    slope: Estimate | None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "offer": self.offer,
            "n": self.rows,
            "predicted": self.predicted,
            "observed": not_computed(self.reason) if self.observed is None else self.observed.as_json(),
            "slope": not_computed(self.reason) if self.slope is None else self.slope.as_json(),
        }


@dataclass(frozen=True, slots=True)
class ModelStanding:
    """calibration: by offer. gate: on all rows new to the version, this launch's among them; None with the
    reason. sentence: what that means, and what to do."""

    calibration: tuple[OfferCalibration, ...]
    gate: Judgement | None
    reason: str
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        gate: dict[str, Any] = {"passed": None, "reason": self.reason}
        if self.gate is not None:
            gate = {"passed": self.gate.passed, "rows": self.gate.rows, "checks": self.gate.checks}
        return {
            "calibration": [one.as_json() for one in self.calibration],
            "gate": gate,
            "detail": self.sentence,
        }


def model_standing(
    lab: Lab, rows: CampaignRows, table: pa.Table, plan: PlanFile | None
) -> ModelStanding | None:
    """None where no model chose, or the plan does not keep what it said."""
    if plan is None or plan.facts.get("model") is None:
        return None
    facts, planned = plan.facts, plan.rows()
    if planned.effect is None:
        return None
    found = _calibration(rows, table, facts, planned, planned.effect)
    gate, reason = _judged(lab, facts)
    return ModelStanding(found, gate, reason, _sentence(facts["model"], found, gate, reason))


def _calibration(
    rows: CampaignRows, table: pa.Table, facts: dict[str, Any], planned: PlannedRows, effects: Floats
) -> tuple[OfferCalibration, ...]:
    """The plan's predictions came before the outcomes, so the scores are unbiased whatever they say."""
    order = planned_order(table, planned)
    effect, baseline = effects[order], planned.baseline[order]
    outcome = _outcome(table, facts)
    means = baseline[:, None] + np.column_stack([np.zeros(len(effect)), effect])
    gamma = doubly_robust(outcome, rows.arm, rows.propensity, means)
    return tuple(
        _of_offer(name, gamma[:, k] - gamma[:, 0], effect[:, k - 1], rows.propensity[:, [0, k]])
        for k, name in enumerate(planned.offers, 1)
        if name in facts["known_offers"]
    )


def _of_offer(name: str, seen: Floats, effect: Floats, chances: Floats) -> OfferCalibration:
    both = (chances > 0).all(axis=1)
    predicted = float(effect[both].mean()) if both.any() else 0.0
    if both.sum() < _LEAST_ROWS:
        reason = f"{int(both.sum())} customers could draw this offer and none; {_LEAST_ROWS} are the least"
        return OfferCalibration(name, int(both.sum()), predicted, None, None, reason)
    observed = mean_estimate(seen[both])
    try:
        slope = calibration_slope(seen[both], effect[both])
    except LabError as error:
        return OfferCalibration(name, int(both.sum()), predicted, observed, None, error.found)
    return OfferCalibration(name, int(both.sum()), predicted, observed, slope)


def _outcome(table: pa.Table, facts: dict[str, Any]) -> Floats:
    values = table[facts["model_outcome"]].to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64) * float(facts["model_per_unit"])


def _judged(lab: Lab, facts: dict[str, Any]) -> tuple[Judgement | None, str]:
    """The version against constants and random spend; not against itself."""
    try:
        loaded = load_version(lab.open_store(), facts["model"], f"/{facts['model_version']}")
        return judge_uplift(lab, loaded, None, accepted=True), ""
    except LabError as error:
        return None, error.found


def _sentence(model: str, found: tuple[OfferCalibration, ...], gate: Judgement | None, reason: str) -> str:
    again = f"Train it again: `lab train {model}`."
    exaggerated = [one.offer for one in found if one.slope is not None and one.slope.high < 1]
    said = (
        f"'{model}' exaggerates differences between customers for {', '.join(exaggerated)}."
        if exaggerated
        else f"Nothing in this launch contradicts the calibration of '{model}'."
    )
    if gate is None:
        return f"{said} Whether it still passes its gate is not known: {reason}"
    if not gate.passed:
        return f"{said} It no longer passes its gate. {again}"
    return f"{said} It still passes its gate." + (f" {again}" if exaggerated else "")
