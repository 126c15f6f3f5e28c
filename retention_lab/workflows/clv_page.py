"""The page of a trained value model, from what the training found."""

from datetime import date

import numpy as np

from retention_lab.calibration import calibration
from retention_lab.clv.purchases import RowModel
from retention_lab.clv.rows import PurchaseRows
from retention_lab.clv.scorer import ClvScorer
from retention_lab.clv.tracking import track
from retention_lab.clv.value_model import ValueModel
from retention_lab.errors import LabError
from retention_lab.reports.clv import Alive, ClvCandidate, ClvPage, Course, CustomerGroup
from retention_lab.reports.clv_report import render_clv
from retention_lab.reports.parts import Origin
from retention_lab.workflows.clv_report import ClvTrainReport
from retention_lab.workflows.clv_rows import Purchases
from retention_lab.workflows.clv_training import Fitted, Held
from retention_lab.workflows.project import Lab

_REPEATS = (0, 1, 2, 3, 5, 10, 20)
_PAUSES = 7
_GROUPS = 10
_MOST_PERIODS = 120


def clv_page(lab: Lab, result: ClvTrainReport, purchases: Purchases, fitted: Fitted) -> str:
    """The report as one HTML file, in the project's language."""
    return render_clv(clv_report(lab, result, purchases, fitted), lab.settings.language)


def clv_report(lab: Lab, result: ClvTrainReport, purchases: Purchases, fitted: Fitted) -> ClvPage:
    """What the page says, as plain values."""
    scorer, held = fitted.winner.scorer, fitted.held
    shown, based_on = _shown_model(scorer)
    days = held.t * scorer.unit_days
    expected = scorer.expected_purchases(held.history, days)
    value = None if scorer.spending is None else float(scorer.lifetime_value(held.history).sum())
    return ClvPage(
        name=result.name,
        version=result.model_version,
        winner=result.winner,
        customers=result.customers,
        calibration_end=date.fromisoformat(result.calibration_end),
        holdout_end=date.fromisoformat(result.holdout_end),
        horizon_days=scorer.horizon_days,
        discount_rate_year=scorer.discount_rate_year,
        currency=lab.settings.currency,
        gain=fitted.winner.evidence["mae_gain"],
        bias=fitted.winner.evidence["bias"],
        expected=float(expected.sum()),
        made=float(held.purchases.sum()),
        value=value,
        checks=tuple(result.checks),
        candidates=tuple(
            ClvCandidate(one.name, one.evidence) for one in (*fitted.candidates, *fitted.baselines)
        ),
        groups=_groups(held, expected, lab.settings.privacy.min_cell),
        course=_course(shown, scorer, purchases),
        alive=_alive(shown, scorer, held),
        based_on=based_on,
        held_out_uses=int(result.held_out["uses"]),
        origin=Origin(model=result.name, run_id=result.run_id),
    )


def _shown_model(scorer: ClvScorer) -> tuple[RowModel, str | None]:
    """The model whose course and chances are drawn, and its name where it is not the winner."""
    if isinstance(scorer.model, ValueModel):
        return scorer.model.base, "beta_geo"
    return scorer.model, None


def _groups(held: Held, expected: np.ndarray, min_cell: int) -> tuple[CustomerGroup, ...]:
    """Up to ten groups by forecast, fewer where they would be of fewer than `min_cell` customers."""
    count = min(_GROUPS, len(expected) // min_cell)
    if count < 2:
        return ()
    try:
        found = calibration(held.purchases, expected, count)
    except LabError:
        return ()  # equal forecasts for all have no groups
    told = [one for one in found.groups if one.units >= min_cell]  # ties may leave one of them small
    return tuple(CustomerGroup(one.units, one.predicted, one.observed) for one in told)


def _course(model: RowModel, scorer: ClvScorer, purchases: Purchases) -> Course | None:
    """Purchases by unit of time, or by several where there would be too many, of customers who were known."""
    known = purchases.days.before(scorer.last_day + 1).ids
    kept = np.isin(purchases.days.ids, known)[purchases.days.customer]
    places, customer = np.unique(purchases.days.customer[kept], return_inverse=True)
    days = type(purchases.days)(
        purchases.days.ids[places], customer, purchases.days.day[kept], purchases.days.value[kept]
    )
    whole = (purchases.last + 1 - purchases.first) / scorer.unit_days
    several = max(1, int(np.ceil(whole / _MOST_PERIODS)))
    if whole / several < 2:
        return None
    found = track(model, days, scorer.unit_days, purchases.first, purchases.last + 1)
    at = np.arange(several - 1, len(found.day), several)
    made, expected = (np.add.reduceat(v, np.arange(0, len(v), several)) for v in (found.made, found.expected))
    ends = [np.datetime64(int(day), "D").astype(date) for day in found.day[at]]
    return Course(tuple(ends), tuple(made[: len(at)].tolist()), tuple(expected[: len(at)].tolist()))


def _alive(model: RowModel, scorer: ClvScorer, held: Held) -> Alive | None:
    """Of customers who are older than three quarters of all."""
    chance = getattr(model, "probability_alive", None)
    if chance is None:
        return None
    age = float(np.quantile(held.history.summary.rows.age, 0.75))
    pauses = np.linspace(0, age, _PAUSES + 1)[:-1]
    x = np.array(_REPEATS, dtype=np.float64)
    found = []
    for pause in pauses:
        rows = PurchaseRows(x, np.where(x > 0, age - pause, 0.0), np.full(len(x), age))
        possible = (x > 0) | (pause == pauses[-1])  # who bought once has paused ever since
        told = zip(np.asarray(chance(rows)), possible, strict=True)
        found.append(tuple(float(one) if can else None for one, can in told))
    days = tuple(round(float(pause) * scorer.unit_days) for pause in pauses)
    return Alive(_REPEATS, days, tuple(found))
