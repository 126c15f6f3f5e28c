"""The page of a trained churn model, from what the training found."""

import numpy as np

from retention_lab.calibration import calibration
from retention_lab.churn.curves import gain_curve, roc_curve
from retention_lab.churn.evaluate import MONEY
from retention_lab.churn.learners.hazard import HazardModel
from retention_lab.churn.profit import profit_terms
from retention_lab.churn.sample import ChurnSample
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate
from retention_lab.reports.churn import ChurnCandidate, ChurnDriver, ChurnPage, Survival
from retention_lab.reports.churn_report import render_churn
from retention_lab.reports.parts import Origin
from retention_lab.workflows.churn_report import ChurnReport
from retention_lab.workflows.churn_training import Fitted, Judged
from retention_lab.workflows.project import Lab

_MEASURES = ("auc", "log_loss", "calibration_error", "lift_at_10", "average_precision", "brier", "f1")
_PERIODS = 12


def churn_page(lab: Lab, result: ChurnReport, fitted: Fitted) -> str:
    """The report as one HTML file, in the project's language."""
    return render_churn(page_of(lab, result, fitted), lab.settings.language)


def page_of(lab: Lab, result: ChurnReport, fitted: Fitted) -> ChurnPage:
    """What the page says, as plain values."""
    winner, left, group = fitted.winner, fitted.held.left, fitted.held.group
    roc = roc_curve(left, winner.probability)
    gain = gain_curve(left, winner.probability)
    everybody = None
    if fitted.campaign is not None:
        terms = profit_terms(left, np.ones(len(left), dtype=np.bool_), fitted.campaign)
        everybody = mean_estimate(terms, group)
    parts = all(driver.log_odds is not None for driver in result.drivers)
    return ChurnPage(
        name=result.name,
        version=result.model_version,
        winner=winner.candidate.name,
        checks=tuple(result.checks),
        currency=lab.settings.currency,
        min_cell=lab.settings.privacy.min_cell,
        profit=winner.evidence.estimates.get("profit"),
        everybody=everybody,
        rows_trained=_customers(fitted.train),
        rows_held_out=len(fitted.held),
        held_out_uses=int(result.held_out["uses"]),
        left=float(left.mean()),
        horizon_days=fitted.scorer.details["horizon_days"],
        calibrated=result.calibration or "none",
        candidates=tuple(_candidate(one, priced=fitted.campaign is not None) for one in fitted.candidates),
        roc=_ascending(roc.stayers.tolist(), roc.leavers.tolist()),
        gain=tuple(
            (float(share), Estimate(float(value), 0.0, float(low), float(high)))
            for share, value, low, high in zip(gain.share, gain.leavers, gain.low, gain.high, strict=True)
        ),
        calibration=_calibration(fitted),
        tiers=result.tiers,
        drivers=tuple(
            ChurnDriver(one.feature, one.group, max(one.nats, 0.0) if one.log_odds is None else one.log_odds)
            for one in result.drivers
        ),
        sizes_are_parts=parts,
        survival=_survival(fitted),
        later=bool(fitted.scorer.details["later"]),
        origin=Origin(model=result.name, run_id=result.run_id),
    )


def _customers(sample: ChurnSample) -> int:
    """How many there are: over several looks, some of them have several rows."""
    return len(sample) if sample.group is None else len(np.unique(sample.group))


def _candidate(one: Judged, *, priced: bool) -> ChurnCandidate:
    names = (*(MONEY if priced else ()), *_MEASURES)
    if not priced:
        names = ("log_loss", *(name for name in names if name != "log_loss"))  # the one that it was chosen by
    return ChurnCandidate(
        one.candidate.name, tuple((name, one.evidence.estimates.get(name)) for name in names)
    )


def _ascending(stayers: list[float], leavers: list[float]) -> tuple[tuple[float, float], ...]:
    """Where the curve climbs straight up, only its upper end; the first point stays."""
    found: dict[float, float] = {}
    for x, y in zip(stayers, leavers, strict=True):
        found[x] = max(y, found.get(x, 0.0))
    return tuple(sorted(found.items()))


def _calibration(fitted: Fitted) -> tuple[tuple[float, Estimate], ...]:
    try:
        found = calibration(fitted.held.left, fitted.winner.probability)
    except LabError:  # a constant probability has no groups to show
        return ()
    return tuple((group.predicted, group.observed) for group in found.groups)


def _survival(fitted: Fitted) -> Survival | None:
    """By the hazard model, where one was fitted, whoever won."""
    models = [one.candidate.model for one in fitted.candidates]
    calibrated = next((model for model in models if isinstance(model.model, HazardModel)), None)
    if calibrated is None or not isinstance(calibrated.model, HazardModel):
        return None
    kept = calibrated.model.survival(calibrated.cleaned(fitted.held.features), _PERIODS)
    scorer = fitted.scorer
    number = scorer.tiers.number(fitted.winner.probability * scorer.at_stake(fitted.held_rows.context))
    return Survival(
        everybody=tuple(mean_estimate(kept[:, k]) for k in range(_PERIODS + 1)),
        tiers=tuple(
            (scorer.tiers.names[i], tuple(kept[number == i].mean(axis=0).tolist()))
            for i in range(len(scorer.tiers.names) - 1, -1, -1)
            if (number == i).any()
        ),
    )
