"""`lab explain` of a churn model: why a customer's risk is what it is, and what would change it."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats
from retention_lab.churn.counterfactual import Counterfactual, changeable, counterfactual
from retention_lab.churn.learners.protocol import contributions
from retention_lab.churn.reasons import Reason, reasons
from retention_lab.churn.scorer import ChurnScorer
from retention_lab.errors import LabError
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.workflows.churn_looks import current_rows
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_churn import read_rows, trained_definition

_SEEN = 5_000  # customers whose values are tried


@dataclass(frozen=True, slots=True)
class ChurnExplanation:
    """One customer's risk, and what it is made of.

    customer: as asked for; at_stake: what the customer is worth in money, None where nothing says so; base:
    log-odds of leaving before any feature is looked at, and with the reasons it sums to log_odds, which are
    the model's before calibration. below: the tier that the counterfactual reaches; counterfactual: None
    where there is none, for the reason given.
    """

    name: str
    version: str
    learner: str
    customer: str
    probability: float
    tier: str
    at_stake: float | None
    base: float
    log_odds: float
    reasons: tuple[Reason, ...]
    below: str | None
    counterfactual: Counterfactual | None
    why_none: str | None
    kind: str = "churn"

    def as_json(self) -> dict[str, Any]:
        """The document of the command."""
        found = None if self.counterfactual is None else asdict(self.counterfactual)
        return {
            "name": self.name,
            "version": self.version,
            "learner": self.learner,
            "customer": self.customer,
            "probability": self.probability,
            "tier": self.tier,
            "at_stake": self.at_stake,
            "base": self.base,
            "log_odds": self.log_odds,
            "reasons": [asdict(one) for one in self.reasons],
            "counterfactual": {"tier": self.below, "reason": self.why_none, **(found or {"changes": None})},
        }


def explain_churn(lab: Lab, selector: str, customer: str) -> ChurnExplanation:
    """Reasons by group, and the smallest change that brings the customer into the next lower tier.

    Over the project's tables, as the customer stands at the end of the data.
    Raises LabError where nobody has that id, rows have no ids, or the version cannot give reasons.
    """
    loaded = load_version(lab.open_store(), *parse_selector(selector))
    scorer: ChurnScorer = loaded.model
    table, unit = _rows(lab, loaded)
    place = _place(scorer, unit, customer)
    one = table.slice(place, 1)
    features = scorer.features(one)
    parts = contributions(scorer.model, features)[0]
    probability, worth = float(scorer.model.probability(features)[0]), float(scorer.at_stake(one)[0])
    number = int(scorer.tiers.number(np.array([probability * worth]))[0])
    found, why = _counterfactual(scorer, table, features.values[0], (number, worth))
    return ChurnExplanation(
        name=loaded.name,
        version=loaded.version,
        learner=scorer.learner,
        customer=customer,
        probability=probability,
        tier=scorer.tiers.names[number],
        at_stake=None if scorer.worth is None else worth,
        base=float(parts[-1]),
        log_odds=float(parts.sum()),
        reasons=reasons(parts, scorer.schema.names, scorer.groups),
        below=None if number == 0 else scorer.tiers.names[number - 1],
        counterfactual=found,
        why_none=why,
    )


def _rows(lab: Lab, loaded: Loaded) -> tuple[pa.Table, np.ndarray]:
    """All columns of every customer as they stand now, and their (n,) ids."""
    definition = trained_definition(lab, loaded)
    if definition.flat:
        rows = read_rows(lab, definition, None)
        return rows.context, rows.unit
    with lab.open_tables() as tables:
        table = current_rows(tables, None)
    return table, np.asarray(table["customer_id"].to_numpy(zero_copy_only=False))


def _place(scorer: ChurnScorer, unit: np.ndarray, customer: str) -> int:
    if scorer.id_column is None:
        raise LabError(
            "The rows of this definition have no ids, so no customer can be asked for.",
            "Name the column with `id:` in the definition, and train again.",
            key="id",
        )
    found = np.flatnonzero(unit == customer)
    if len(found) == 0:
        raise LabError(
            "No customer of the definition's rows has that id.",
            "Write the id as the table has it; ids are compared as text.",
            key="customer",
        )
    return int(found[0])


def _counterfactual(
    scorer: ChurnScorer, table: pa.Table, row: Floats, stands: tuple[int, float]
) -> tuple[Counterfactual | None, str | None]:
    """stands: the number of the customer's tier, and what the customer is worth, which stays as it is."""
    number, worth = stands
    if number == 0:
        return None, "The customer is in the lowest tier already."
    if not scorer.changeable:
        return None, "The definition names no feature that an offer could change: `changeable: […]`."
    names = [name for name in scorer.changeable if name in scorer.schema.names]
    seen = table.take(pa.array(np.arange(0, table.num_rows, max(1, table.num_rows // _SEEN))))
    below = scorer.tiers.cuts[number - 1] / worth  # as a probability, which is easier to read than money
    may = changeable(scorer.features(seen), names)
    found = counterfactual(scorer.model.probability, row, may, below)
    if found is None:
        return None, "No change of up to three of the changeable features brings the risk so low."
    return found, None
