"""`lab explain`: why a version predicts what it does for one customer."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Ints
from retention_lab.errors import LabError
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.uplift.learners.protocol import Explained
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.uplift.understanding.drivers import Why, why
from retention_lab.uplift.understanding.turns import Turn, turns
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_uplift import read_rows, trained_definition
from retention_lab.workflows.uplift_rows import UpliftRows

_SEEN = 5_000  # rows whose values are tried


@dataclass(frozen=True, slots=True)
class ExplainReport:
    """One customer's predicted effects, and what they are made of.

    customer: as asked for; outcome: what effects are in the unit of; best_arm: what the version chooses;
    constant_arm: the one offer that it gives to everybody, None where it chooses; offers: in the outcome's
    unit; turns: what would turn the choice, the nearest first.
    """

    name: str
    version: str
    learner: str
    customer: str
    outcome: str
    best_arm: str
    constant_arm: str | None
    offers: tuple[Why, ...]
    turns: tuple[Turn, ...]
    kind: str = "uplift"

    def as_json(self) -> dict[str, Any]:
        """The document of the command."""
        return {
            "name": self.name,
            "version": self.version,
            "learner": self.learner,
            "customer": self.customer,
            "outcome": self.outcome,
            "best_arm": self.best_arm,
            "constant_arm": self.constant_arm,
            "offers": [asdict(one) for one in self.offers],
            "turns": [asdict(one) for one in self.turns],
        }


def explain_uplift(lab: Lab, selector: str, customer: str, reasons: int = 5) -> ExplainReport:
    """The `reasons` strongest reasons for each offer's effect, of a customer in the definition's rows.

    Of a customer with several rows (one an experiment), the last one in the order of the rows counts.
    Raises LabError where nobody has that id, rows have no ids, or the version cannot give reasons.
    """
    loaded = load_version(lab.open_store(), *parse_selector(selector))
    scorer: UpliftScorer = loaded.model
    if not isinstance(scorer.model, Explained):
        raise LabError(
            f"Version {loaded.version} is a '{scorer.learner}', which cannot say what moves its effects.",
            "Train again with `stack` or another learner of this package.",
        )
    rows, _ = read_rows(lab, trained_definition(lab, loaded), None)
    one = rows.rows(_places(rows, customer)[-1:])
    features = scorer.features(one.table)
    return ExplainReport(
        name=loaded.name,
        version=loaded.version,
        learner=scorer.learner,
        customer=customer,
        outcome=scorer.outcome,
        best_arm=scorer.arms[int(scorer.policy(features)[0])],
        constant_arm=scorer.constant_arm,
        offers=why(scorer.model, features, scorer.arms, reasons),
        turns=()
        if scorer.constant_arm is not None
        else turns(scorer.policy, features, scorer.features(_others(rows).table), scorer.arms),
    )


def _others(rows: UpliftRows) -> UpliftRows:
    """Some of the rows, evenly spread: enough to know which values customers have."""
    step = max(1, len(rows) // _SEEN)
    return rows.rows(np.arange(0, len(rows), step))


def _places(rows: UpliftRows, customer: str) -> Ints:
    if rows.number is not None and rows.id_column is None:
        raise LabError(
            "The rows of this definition have no ids, so no customer can be asked for.",
            "Name the column with `id:` in the definition, and train again.",
            key="id",
        )
    found = np.flatnonzero(rows.unit == customer)
    if len(found) == 0:
        raise LabError(
            "No customer of the definition's rows has that id.",
            "Write the id as the table has it; ids are compared as text.",
            key="customer",
        )
    return found
