"""What campaigns do to a forecast: what usually goes with them, and what a holdout shows that they cause."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats
from retention_lab.config.demand import DemandDefinition
from retention_lab.data.connect import Tables
from retention_lab.data.experiments import experiment_rows, experiment_windows
from retention_lab.demand.campaigns import lift_window
from retention_lab.demand.panel import Panel
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, not_computed
from retention_lab.targeting.incremental import CampaignRows, increment
from retention_lab.workflows.demand_training import Candidate, Fitted
from retention_lab.workflows.project import Lab

# Columns of an experiment's rows that say what a forecast of that value is about.
_OUTCOMES = {"amount": "revenue", "contribution": "contribution", "orders": "orders"}


@dataclass(frozen=True, slots=True)
class CampaignLift:
    """A forecast with the campaigns that run in it, and without: totals (h,) over all series.

    start: number of the first period. model: whose forecast; ahead: whether it is of periods to come. The
    difference is what went with campaigns before: when they were sent may have had reasons that sell too.
    """

    model: str
    start: int
    ahead: bool
    with_campaign: Floats
    without_campaign: Floats

    @property
    def total(self) -> float:
        """The difference over the horizon."""
        return float(self.with_campaign.sum() - self.without_campaign.sum())

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "model": self.model,
            "ahead": self.ahead,
            "with_campaign": self.with_campaign.tolist(),
            "without_campaign": self.without_campaign.tolist(),
            "difference": self.total,
            "meaning": "association",
        }


@dataclass(frozen=True, slots=True)
class MeasuredLift:
    """What one contact caused on average within so many days, by a random holdout; contacts: measured."""

    per_contact: Estimate
    contacts: int
    days: int

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "per_contact": self.per_contact.as_json(),
            "contacts": self.contacts,
            "days": self.days,
            "meaning": "causal",
        }


def campaign_lift(fitted: Fitted, panel: Panel, horizon: int) -> CampaignLift | str:
    """By the winner, else by the best candidate that knows campaigns; or why none can be told."""
    model = _who_knows(fitted)
    if model is None:
        return "No candidate knows campaigns, or none ran in the periods that they learned from."
    at = lift_window(panel, horizon, fitted.split.cut)
    if at is None:
        return "No campaign runs in the periods ahead, nor ran in those that judge."
    known = panel.before(at)
    with_campaign, without = (
        np.nansum(model.scorer.ahead(one)[0], axis=0) for one in (known, known.without_campaign())
    )
    return CampaignLift(model.name, panel.first + at, at == panel.length, with_campaign, without)


def measured_lift(lab: Lab, definition: DemandDefinition) -> MeasuredLift | str:
    """What contacts caused in the project's finished experiments; or why that is not known."""
    outcome = _OUTCOMES.get(definition.value or "amount")
    if definition.table is not None or outcome is None:
        return "Only the project's own experiments on amount, contribution or orders can be measured."
    with lab.open_tables() as tables:
        if not tables.has("assignments"):
            return "The project has no experiment, so nothing tells what campaigns cause."
        try:
            return _measured(tables, outcome, definition.campaign_days)
        except LabError as error:
            return error.found


def lift_as_json(found: CampaignLift | str, measured: MeasuredLift | str) -> dict[str, Any]:
    """Both, or why not."""
    told = {"model": None, "reason": found} if isinstance(found, str) else found.as_json()
    caused = {"per_contact": not_computed(measured)} if isinstance(measured, str) else measured.as_json()
    return {**told, "measured": caused}


def _who_knows(fitted: Fitted) -> Candidate | None:
    knowing = [one for one in fitted.candidates if one.scorer.model.knows_campaigns]
    if fitted.winner in knowing:
        return fitted.winner
    return min(knowing, key=lambda one: one.loss) if knowing else None


def _measured(tables: Tables, outcome: str, days: int) -> MeasuredLift:
    table = experiment_rows(tables, _measurable(tables, days), days)
    values = np.asarray(table.column(outcome).cast(pa.float64()).to_numpy(), dtype=np.float64)
    if np.isnan(values).any():
        raise LabError(f"The experiments' {outcome} is not known.", "Set margin_share in lab.yaml.")
    arms = [name[2:] for name in table.column_names if name.startswith("p.")]
    place = {name: k for k, name in enumerate(arms)}
    none = np.zeros(table.num_rows)
    rows = CampaignRows(
        arm=np.array([place[name] for name in table.column("arm").to_pylist()], dtype=np.int64),
        intended=np.zeros(table.num_rows, dtype=np.int64),
        role=np.asarray(table.column("role").to_numpy(zero_copy_only=False)),
        propensity=np.column_stack([table.column(f"p.{name}").to_numpy() for name in arms]),
        contribution=values,
        redemption_cost=none,
        contact_cost=none,
    )
    treated = rows.arm > 0
    total = increment(rows, values, treated)
    contacts = int(treated.sum())
    return MeasuredLift(total.scaled(1 / contacts), contacts, days)


def _measurable(tables: Tables, days: int) -> list[str]:
    """The finished experiments whose chances are known. Raises LabError where there is none."""
    found, why = [], "No experiment has finished"
    for window in experiment_windows(tables, days):
        if not window.closed:
            continue
        try:
            experiment_rows(tables, [window.experiment], days)
        except LabError as error:
            why = error.found  # such as one that was not drawn at random
        else:
            found.append(window.experiment)
    if not found:
        raise LabError(f"No experiment can be measured: {why}", "Launch a campaign with a holdout.")
    return found
