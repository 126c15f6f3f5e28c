"""The registered uplift model: a table of customers in, the effect of every offer and the best one out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError, did_you_mean
from retention_lab.features import Features, FeatureSchema, encode
from retention_lab.labels import label_text
from retention_lab.uplift.file_tree import in_folder, of_folder
from retention_lab.uplift.learners import UpliftModel, read_model
from retention_lab.uplift.outcomes import ArmModels, OutcomeModels
from retention_lab.uplift.policy import greedy_policy
from retention_lab.uplift.propensities import PropensityModel
from retention_lab.uplift.spread import Refits
from retention_lab.uplift.worth import Worth

_SCORER = "scorer.json"
_PARAMS = ("arm", "interval")


@dataclass(frozen=True, slots=True)
class UpliftScorer:
    """Everything that a plan asks of a model, fitted on the same rows.

    learner, model: the effect of each offer, in the outcome's unit; schema: the columns that it reads.
    arms: names, control first; outcome, kind: its name, and binary or money; worth: value and costs.
    outcomes: mean outcome under each arm. redemption: probability that the customer redeems, under each arm
    (control's is not used); activity: probability that the customer buys at all, under each arm; None where
    not learnt. propensities: of the arms, where they had to be estimated. constant_arm: the one offer that
    is given to everybody, where targeting did not prove better. details: facts that travel with the model
    (plain JSON values). id_column: which column of a table names its rows; None: they have no name. refits:
    the learner on random halves of the customers, which tell the effects' spread; None where not kept.
    """

    learner: str
    model: UpliftModel
    schema: FeatureSchema
    arms: tuple[str, ...]
    outcome: str
    kind: str
    outcomes: OutcomeModels
    worth: Worth = field(default_factory=Worth)
    redemption: ArmModels | None = None
    activity: ArmModels | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    propensities: PropensityModel | None = None
    constant_arm: str | None = None
    id_column: str | None = None
    refits: Refits | None = None

    def features(self, table: pa.Table) -> Features:
        """The table's rows as the model reads them; raises LabError where a column is missing."""
        return encode(table, self.schema)

    def effect(self, features: Features) -> Floats:
        """(n, K): effect of each offer, in the outcome's unit."""
        return self.model.effect(features)

    def choice_effect(self, features: Features) -> Floats:
        """(n, K): effect of each offer as the choice sees it: 0 for offers that it never makes."""
        effect = self.effect(features)
        if self.constant_arm is None:
            return effect
        return np.where(np.array(self.arms[1:]) == self.constant_arm, effect, 0.0)

    def mean(self, features: Features) -> Floats:
        """(n, K + 1): mean outcome under each arm."""
        return self.outcomes.mean(features)

    def redemption_probability(self, features: Features) -> Floats | None:
        """(n, K): probability that the customer redeems each offer; None where not learnt."""
        return None if self.redemption is None else np.clip(self.redemption.mean(features)[:, 1:], 0.0, 1.0)

    def activity_probability(self, features: Features) -> Floats | None:
        """(n, K + 1): probability that the customer buys under each arm; None where not learnt."""
        return None if self.activity is None else np.clip(self.activity.mean(features), 0.0, 1.0)

    def spread(self, features: Features) -> Floats:
        """(n, K) standard deviation of the effects over the refits, in the outcome's unit: how unsteady the
        model is for such customers; no interval of one customer's effect, see `spread.Refits`.

        Raises LabError where the version keeps no refits.
        """
        if self.refits is None:
            raise LabError(
                "This version keeps no refits, so how much its effects move between them is not known.",
                "Train it with `spread: 8` in its definition (or --set spread=8), or ask without `interval`.",
                key="interval",
            )
        return self.refits.spread(features)

    def predict(self, table: pa.Table, params: Mapping[str, Any] | None = None) -> pa.Table:
        """One row per row of the table, in its order: `id`, `effect.<arm>` for each offer, and `best_arm`.

        The id is text: the row's in `id_column`, or its number from 0 where the table has no such column.
        Effects are in the outcome's unit, or in money where a value per unit was given; the best arm is
        the one with the highest effect net of costs (the constant arm, where there is one), control where
        no offer pays.
        params: {"arm": name} restricts the effects to one offer, and the best arm to it and control.
        {"interval": True} adds `spread.<arm>` behind the effects, in their unit: how much the model's effect
        moves between refits on half of the customers. It is no interval of one customer's effect.
        """
        asked = params or {}
        wanted, features = self._wanted(asked), self.features(table)
        effect = self.effect(features)
        best = np.array(self.arms, dtype=object)[self._policy(effect, wanted)]
        shown = {"effect": effect, **({"spread": self.spread(features)} if asked.get("interval") else {})}
        columns = {
            f"{name}.{self.arms[k]}": pa.array(values[:, k - 1] * self.worth.per_unit)
            for name, values in shown.items()
            for k in wanted
        }
        return pa.table({"id": self._ids(table), **columns, "best_arm": pa.array(best, pa.string())})

    def output_schema(self) -> pa.Schema:
        """Names and types of what `predict` returns when it is asked for nothing more."""
        names = pa.field("id", pa.string())
        effects = [pa.field(f"effect.{name}", pa.float64()) for name in self.arms[1:]]
        return pa.schema([names, *effects, pa.field("best_arm", pa.string())])

    def to_files(self) -> dict[str, bytes]:
        """The scorer in open formats: JSON, and LightGBM's text."""
        about = {
            "learner": self.learner,
            "schema": self.schema.as_json(),
            "arms": list(self.arms),
            "outcome": self.outcome,
            "kind": self.kind,
            "worth": {"per_unit": self.worth.per_unit, "cost": self.worth.cost},
            "constant_arm": self.constant_arm,
            "id_column": self.id_column,
            "details": dict(self.details),
        }
        files = {_SCORER: json.dumps(about, ensure_ascii=False, indent=1, allow_nan=False).encode()}
        parts: dict[str, UpliftModel | OutcomeModels | ArmModels | PropensityModel | Refits | None] = {
            "model": self.model,
            "outcomes": self.outcomes,
            "redemption": self.redemption,
            "activity": self.activity,
            "propensities": self.propensities,
            "spread": self.refits,
        }
        for folder, part in parts.items():
            if part is not None:
                files |= in_folder(folder, part.to_files())
        return files

    def policy(self, features: Features) -> Ints:
        """(n,) arm chosen for each customer where every offer may be given: 0 where none pays."""
        return self._policy(self.effect(features), list(range(1, len(self.arms))))

    def _ids(self, table: pa.Table) -> pa.ChunkedArray | pa.Array:
        if self.id_column is None or self.id_column not in table.column_names:
            return pa.array([str(i) for i in range(table.num_rows)], pa.string())
        return label_text(table.column(self.id_column))

    def _policy(self, effect: Floats, wanted: list[int]) -> Ints:
        offers = (
            wanted if self.constant_arm is None else [k for k in wanted if self.arms[k] == self.constant_arm]
        )
        if not offers:
            return np.zeros(len(effect), dtype=np.int64)
        net = self.worth.net_effect(effect)[:, [k - 1 for k in offers]]
        return np.array([0, *offers], dtype=np.int64)[greedy_policy(net)]

    def _wanted(self, params: Mapping[str, Any]) -> list[int]:
        unknown = [name for name in params if name not in _PARAMS]
        if unknown:
            raise LabError(
                f"The model has no parameter {unknown[0]!r}.", did_you_mean(unknown[0], _PARAMS), key="params"
            )
        if not isinstance(params.get("interval", False), bool):
            raise LabError("`interval` is neither true nor false.", "Give one of them.", key="interval")
        arm = params.get("arm")
        if not arm:  # a served model's parameter cannot be absent: empty means every offer
            return list(range(1, len(self.arms)))
        if arm not in self.arms[1:]:
            raise LabError(
                f"The model knows no offer {arm!r}.", did_you_mean(str(arm), self.arms[1:]), key="arm"
            )
        return [self.arms.index(arm)]


def from_files(files: Mapping[str, bytes]) -> UpliftScorer:
    """The scorer that `to_files` wrote; it predicts bit for bit the same."""
    about = json.loads(files[_SCORER])
    cost = about["worth"]["cost"]
    redemption, activity = of_folder("redemption", files), of_folder("activity", files)
    propensities, refits = of_folder("propensities", files), of_folder("spread", files)
    return UpliftScorer(
        learner=about["learner"],
        model=read_model(about["learner"], of_folder("model", files)),
        schema=FeatureSchema.from_json(about["schema"]),
        arms=tuple(about["arms"]),
        outcome=about["outcome"],
        kind=about["kind"],
        outcomes=OutcomeModels.from_files(of_folder("outcomes", files)),
        worth=Worth(about["worth"]["per_unit"], None if cost is None else tuple(cost)),
        redemption=ArmModels.from_files(redemption) if redemption else None,
        activity=ArmModels.from_files(activity) if activity else None,
        details=about["details"],
        propensities=PropensityModel.from_files(propensities) if propensities else None,
        constant_arm=about["constant_arm"],
        id_column=about.get("id_column"),
        refits=Refits.from_files(about["learner"], refits) if refits else None,
    )
