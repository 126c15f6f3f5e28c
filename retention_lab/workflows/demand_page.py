"""The page of a trained forecast, from what the training found."""

from datetime import date

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.demand.panel import Panel
from retention_lab.demand.periods import first_days
from retention_lab.demand.totals import total_forecast, total_panel
from retention_lab.reports.demand import CampaignPart, DemandCandidate, DemandPage, SeriesCourse
from retention_lab.reports.demand_report import render_demand
from retention_lab.reports.parts import Origin
from retention_lab.workflows.demand_campaign import CampaignLift, MeasuredLift
from retention_lab.workflows.demand_report import DemandTrainReport
from retention_lab.workflows.demand_rows import DemandRows
from retention_lab.workflows.demand_training import Fitted
from retention_lab.workflows.project import Lab

_PAST = 104  # periods drawn at most
_LARGEST = 4
_MONEY = ("amount", "contribution")


def demand_page(
    lab: Lab,
    result: DemandTrainReport,
    rows: DemandRows,
    fitted: Fitted,
    lift: CampaignLift | str,
    measured: MeasuredLift | str,
) -> str:
    """The report as one HTML file, in the project's language."""
    evidence, panel = fitted.winner.evidence, rows.panel
    page = DemandPage(
        name=result.name,
        version=result.model_version,
        winner=result.winner,
        baseline=result.baseline,
        series=result.series,
        period=panel.period,
        horizon=result.horizon,
        unit="money" if rows.contacts is not None and rows.columns.value in _MONEY else "number",
        currency=lab.settings.currency,
        learned_until=date.fromisoformat(result.learned_until),
        judged_until=date.fromisoformat(result.judged_until),
        gain=evidence["mase_gain"],
        baseline_error=fitted.baseline.evidence["mase"].value,
        covered=evidence["covered"],
        checks=tuple(result.checks),
        candidates=tuple(DemandCandidate(one.name, one.evidence) for one in fitted.candidates),
        total=_total(panel, fitted, lift),
        largest=_largest(panel, fitted),
        campaign=_campaign(panel, lift, measured),
        held_out_uses=int(result.held_out["uses"]),
        origin=Origin(model=result.name, run_id=result.run_id),
    )
    return render_demand(page, lab.settings.language)


def _total(panel: Panel, fitted: Fitted, lift: CampaignLift | str) -> SeriesCourse:
    fan = total_forecast(fitted.winner.scorer, panel, fitted.winner.rolled)
    own = isinstance(lift, CampaignLift) and lift.ahead and lift.model == fitted.winner.name
    without = lift.without_campaign if own and isinstance(lift, CampaignLift) else np.zeros(0)
    return _course(None, total_panel(panel), 0, fan, without)


def _largest(panel: Panel, fitted: Fitted) -> tuple[SeriesCourse, ...]:
    """Where there are several, those that sold most."""
    if len(panel.names) < 2:
        return ()
    forecast, low, high = fitted.winner.scorer.ahead(panel)
    order = np.argsort(-np.nansum(np.abs(panel.values), axis=1), kind="stable")[:_LARGEST]
    return tuple(
        _course(panel.names[i], panel, int(i), (forecast[i], low[i], high[i]), np.zeros(0))
        for i in order
        if np.sum(~np.isnan(panel.values[i])) > 1
    )


def _course(
    name: str | None, panel: Panel, row: int, fan: tuple[Floats, Floats, Floats], without: Floats
) -> SeriesCourse:
    values = panel.values[row]
    start = max(int(np.argmin(np.isnan(values))), panel.length - _PAST)
    days = first_days(np.arange(panel.first + start, panel.end + len(fan[0])), panel.period)
    forecast, low, high = (tuple(part.tolist()) for part in fan)
    return SeriesCourse(
        name,
        tuple(np.datetime64(int(one), "D").astype(date) for one in days),
        tuple(values[start:].tolist()),
        forecast,
        low,
        high,
        tuple(without.tolist()),
    )


def _campaign(panel: Panel, lift: CampaignLift | str, measured: MeasuredLift | str) -> CampaignPart | None:
    if isinstance(lift, str) and isinstance(measured, str):
        return None
    told = None if isinstance(lift, str) else lift
    caused = None if isinstance(measured, str) else measured
    start = None
    if told is not None:
        start = np.datetime64(int(first_days(np.array([told.start]), panel.period)[0]), "D").astype(date)
    return CampaignPart(
        model=None if told is None else told.model,
        start=start,
        ahead=told is not None and told.ahead,
        with_campaign=0.0 if told is None else float(told.with_campaign.sum()),
        without_campaign=0.0 if told is None else float(told.without_campaign.sum()),
        per_contact=None if caused is None else caused.per_contact,
        contacts=0 if caused is None else caused.contacts,
        days=0 if caused is None else caused.days,
    )
