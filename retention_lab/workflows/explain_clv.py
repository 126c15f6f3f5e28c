"""`lab explain` of a value model: which facts drive a customer's forecast, and what would change it."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from retention_lab.clv.explain import ClvReasons, explain
from retention_lab.errors import LabError
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.workflows.clv_rows import read_purchases
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_clv import day_text, trained_definition


@dataclass(frozen=True, slots=True)
class ClvExplanation:
    """One customer's forecast, and what it is made of.

    customer: as asked for; as_of: the last day of the log; horizon_days: over which is forecast.
    """

    name: str
    version: str
    learner: str
    customer: str
    as_of: str
    horizon_days: int
    reasons: ClvReasons
    kind: str = "clv"

    def as_json(self) -> dict[str, Any]:
        """The document of the command."""
        found = self.reasons
        return {
            "name": self.name,
            "version": self.version,
            "learner": self.learner,
            "customer": self.customer,
            "as_of": self.as_of,
            "horizon_days": self.horizon_days,
            "now": asdict(found.now),
            "base": asdict(found.base),
            "parts": [asdict(part) for part in found.parts],
            "changes": [asdict(change) for change in found.changes],
        }


def explain_clv(lab: Lab, selector: str, customer: str) -> ClvExplanation:
    """What each fact of the customer's past adds, and the forecasts after an order or without one.

    Over the definition's log, as the customer stands at its end.
    Raises LabError where nobody in the log has that id.
    """
    loaded = load_version(lab.open_store(), *parse_selector(selector))
    purchases = read_purchases(lab, trained_definition(lab, loaded), None)
    found = np.flatnonzero(purchases.days.ids == customer)
    if len(found) == 0:
        raise LabError(
            "No customer of the log has bought under that id.",
            "Write the id as the log has it; ids are compared as text.",
            key="customer",
        )
    scorer = loaded.model
    return ClvExplanation(
        name=loaded.name,
        version=loaded.version,
        learner=scorer.learner,
        customer=customer,
        as_of=day_text(purchases.last),
        horizon_days=scorer.horizon_days,
        reasons=explain(scorer, purchases.days, purchases.last, int(found[0])),
    )
