"""The page of a trained model, from what the training found."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.calibration import calibration
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.reports.model import (
    ArmRow,
    CalibrationGroups,
    Candidate,
    Effect,
    GainCurve,
    ModelReport,
)
from retention_lab.reports.model_report import render_model
from retention_lab.reports.parts import Origin
from retention_lab.uplift.policy import budget_gain, greedy_policy, policy_gain, share_policy
from retention_lab.uplift.ranking import gain_curve
from retention_lab.workflows.project import Lab
from retention_lab.workflows.uplift_report import UpliftReport
from retention_lab.workflows.uplift_rows import UpliftRows
from retention_lab.workflows.uplift_training import BETTER, Fitted

_UNITS: dict[str, Literal["share", "money", "number"]] = {
    "binary": "share",
    "money": "money",
    "number": "number",
}
_POINTS = 20
_FIRST_METRICS = ("policy_value", "qini", "autoc", "uplift_at_20", "calibration_slope")


def model_page(lab: Lab, result: UpliftReport, rows: UpliftRows, fitted: Fitted) -> str:
    """The report as one HTML file, in the project's language."""
    return render_model(model_report(lab, result, rows, fitted), lab.settings.language)


def model_report(lab: Lab, result: UpliftReport, rows: UpliftRows, fitted: Fitted) -> ModelReport:
    """What the page says, as plain values."""
    net, predicted = (
        rows.worth.net_scores(fitted.gamma, fitted.feasible),
        rows.worth.net_effect(fitted.effect, fitted.feasible),
    )
    gain, over, share = _gain(lab, rows, fitted, net, predicted)
    held_out = int(result.held_out["rows"])
    understood = result.understanding
    return ModelReport(
        name=result.name,
        version=result.model_version,
        winner=fitted.best,
        outcome=rows.target,
        unit="money" if rows.in_money else _UNITS[rows.kinds[rows.target]],
        own_unit=_UNITS[rows.kinds[rows.target]],
        targeting=result.targeting,  # type: ignore[arg-type]  # one of the two words, or None
        checks=(*result.checks, *((understood and understood.refutations) or ())),
        currency=lab.settings.currency,
        confidence=lab.settings.promotion.uplift.confidence,
        gain=gain,
        over=over,
        budget_share=share,
        rows_trained=len(rows) - held_out,
        rows_held_out=held_out,
        held_out_uses=int(result.held_out["uses"]),
        causal_basis="assumed" if rows.propensity is None else "randomised",
        arms=tuple(_arm(one, rows.target) for one in result.arms),
        effects=tuple(Effect(one.arm, one.effect) for one in result.effects if one.outcome == rows.target),
        candidates=tuple(_candidate(one.candidate.name, one.evidence.estimates) for one in fitted.candidates),
        gain_curves=tuple(_curves(net, predicted, rows.arms, fitted.group)),
        calibrations=tuple(_calibrations(net, predicted, rows.arms, fitted.group)),
        gate=tuple(result.gate),
        understanding=understood,
        origin=Origin(model=result.name, run_id=result.run_id),
    )


def _gain(
    lab: Lab, rows: UpliftRows, fitted: Fitted, net: Floats, predicted: Floats
) -> tuple[Estimate, str, float | None]:
    """The gain that the verdict rests on, over which arm, and the share reached if that is under a budget."""
    if fitted.targeting != BETTER or fitted.gate.everyone:
        best = int(np.argmax(net.mean(axis=0)))
        return policy_gain(net, greedy_policy(predicted), best, fitted.group), rows.arms[best], None
    choice = share_policy(predicted, lab.settings.promotion.uplift.share)
    costs = rows.worth.costs(len(rows.arms))
    found = [budget_gain(net, choice, k, costs, fitted.group) for k in range(1, len(rows.arms))]
    least = int(np.argmin([one.low for one in found]))  # the hardest of the comparisons that it passed
    return found[least], rows.arms[least + 1], choice.share


def _arm(found: Mapping[str, Any], outcome: str) -> ArmRow:
    return ArmRow(
        found["arm"], found["rows"], found["share"], found["planned"], found["outcome_mean"][outcome]
    )


def _candidate(name: str, estimates: Mapping[str, Estimate]) -> Candidate:
    shown = [key for key in estimates if key.split(".")[0] in _FIRST_METRICS]
    shown.sort(key=lambda key: _FIRST_METRICS.index(key.split(".")[0]))
    return Candidate(name, tuple((key, estimates[key]) for key in shown))


def _curves(net: Floats, predicted: Floats, arms: tuple[str, ...], group: np.ndarray) -> list[GainCurve]:
    found = []
    for k, arm in enumerate(arms[1:]):
        effect = net[:, k + 1] - net[:, 0]
        curve = gain_curve(effect, predicted[:, k], _POINTS, group)
        points = tuple(zip(curve.shares, curve.gain, strict=True))
        found.append(GainCurve(arm, points, float(np.mean(effect))))
    return found


def _calibrations(
    net: Floats, predicted: Floats, arms: tuple[str, ...], group: np.ndarray
) -> list[CalibrationGroups]:
    found = []
    for k, arm in enumerate(arms[1:]):
        try:
            fit = calibration(net[:, k + 1] - net[:, 0], predicted[:, k], group=group)
        except LabError:
            continue  # a constant effect has no groups to compare
        groups = tuple((one.predicted, one.observed) for one in fit.groups)
        found.append(CalibrationGroups(arm, groups, fit.slope))
    return found
