"""The registered churn model: a table of customers in, probability and tier out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats
from retention_lab.churn.learners import read_calibrated
from retention_lab.churn.learners.calibrated import Calibrated
from retention_lab.churn.profit import Campaign
from retention_lab.churn.tiers import Tiers
from retention_lab.errors import LabError, did_you_mean
from retention_lab.features import Features, FeatureSchema, encode
from retention_lab.labels import label_text
from retention_lab.nested_files import in_folder, json_bytes, of_folder

_FILE = "scorer.json"


@dataclass(frozen=True, slots=True)
class Worth:
    """What a contact is worth, in the project's currency: see `profit.Campaign`.

    clv: one figure for everybody, or `times` the value of `column`.
    """

    contact_cost: float
    incentive: float
    acceptance: float
    clv: float | None = None
    column: str | None = None
    times: float = 1.0

    def values(self, table: pa.Table) -> Floats:
        """(n,) what each customer is worth; below 0, as after returns, counts as 0.

        Raises LabError where the column is not there, or holds no numbers.
        """
        if self.column is None:
            return np.full(table.num_rows, float(self.clv or 0.0))
        if self.column not in table.column_names:
            raise LabError(
                f"There is no column '{self.column}', which says what a customer is worth.",
                did_you_mean(self.column, table.column_names),
                key="profit.clv.column",
            )
        try:
            found = table.column(self.column).cast(pa.float64()).to_numpy(zero_copy_only=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise LabError(
                f"The column '{self.column}' holds no numbers, and so no customer's worth.",
                "Name another one.",
                key="profit.clv.column",
            ) from error
        return np.asarray(np.maximum(self.times * np.nan_to_num(found), 0.0), dtype=np.float64)

    def campaign(self, table: pa.Table) -> Campaign:
        """The campaign among a table's customers."""
        clv: float | Floats = self.values(table) if self.column is not None else float(self.clv or 0.0)
        return Campaign(clv, self.contact_cost, self.incentive, self.acceptance)


@dataclass(frozen=True, slots=True)
class ChurnScorer:
    """Everything that is asked of a churn model.

    learner, model: the calibrated probability; schema: the columns that it reads. tiers: by expected loss in
    money where the worth is known, else by the probability alone. id_column: which column names a table's
    rows; None: they have no name. groups: (d,) the reason that each feature is evidence of. changeable:
    features that an offer could change. details: facts that travel with the model (plain JSON values).
    """

    learner: str
    model: Calibrated
    schema: FeatureSchema
    tiers: Tiers
    worth: Worth | None = None
    id_column: str | None = None
    groups: tuple[str, ...] = ()
    changeable: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def features(self, table: pa.Table) -> Features:
        """The table's rows as the model reads them; raises LabError where a column is missing."""
        return encode(table, self.schema)

    def probability(self, table: pa.Table) -> Floats:
        """(n,) calibrated probability of leaving."""
        return self.model.probability(self.features(table))

    def at_stake(self, table: pa.Table) -> Floats:
        """(n,) what each customer's leaving would cost: money, or 1 where nothing says their worth."""
        return np.ones(table.num_rows) if self.worth is None else self.worth.values(table)

    def predict(self, table: pa.Table, params: Mapping[str, Any] | None = None) -> pa.Table:
        """One row per row of the table, in its order: `id`, `probability`, `tier`.

        The id is text: the row's in `id_column`, or its number from 0 where the table has no such column.
        Raises LabError for parameters: this model takes none.
        """
        if params:
            raise LabError(
                f"The model has no parameter {next(iter(params))!r}.", "Leave it out.", key="params"
            )
        probability = self.probability(table)
        tiers = self.tiers.names_of(probability * self.at_stake(table))
        columns = {
            "id": self._ids(table),
            "probability": pa.array(probability),
            "tier": pa.array(tiers, pa.string()),
        }
        return pa.table(columns)

    def output_schema(self) -> pa.Schema:
        """Names and types of what `predict` returns."""
        return pa.schema(
            [
                pa.field("id", pa.string()),
                pa.field("probability", pa.float64()),
                pa.field("tier", pa.string()),
            ]
        )

    def to_files(self) -> dict[str, bytes]:
        """The scorer in open formats: JSON, npz, and LightGBM's text."""
        worth = self.worth
        about = {
            "learner": self.learner,
            "schema": self.schema.as_json(),
            "tiers": {"names": self.tiers.names, "cuts": self.tiers.cuts},
            "worth": None if worth is None else {name: getattr(worth, name) for name in Worth.__slots__},
            "id_column": self.id_column,
            "groups": self.groups,
            "changeable": self.changeable,
            "details": dict(self.details),
        }
        return {_FILE: json_bytes(about), **in_folder("model", self.model.to_files())}

    def _ids(self, table: pa.Table) -> pa.ChunkedArray | pa.Array:
        if self.id_column is None or self.id_column not in table.column_names:
            return pa.array([str(i) for i in range(table.num_rows)], pa.string())
        return label_text(table.column(self.id_column))


def from_files(files: Mapping[str, bytes]) -> ChurnScorer:
    """The scorer that `to_files` wrote; it predicts bit for bit the same."""
    about = json.loads(files[_FILE])
    return ChurnScorer(
        learner=about["learner"],
        model=read_calibrated(about["learner"], of_folder("model", files)),
        schema=FeatureSchema.from_json(about["schema"]),
        tiers=Tiers(tuple(about["tiers"]["names"]), tuple(about["tiers"]["cuts"])),
        worth=None if about["worth"] is None else Worth(**about["worth"]),
        id_column=about["id_column"],
        groups=tuple(about["groups"]),
        changeable=tuple(about["changeable"]),
        details=about["details"],
    )
