"""What an uplift definition trains on and is evaluated on: one row a unit, whatever it was read from."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats, Ints
from retention_lab.features import Features, FeatureSchema, encode, infer_schema
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.worth import Worth

RANDOMISED = "randomised"
ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class UpliftRows:
    """n rows, K + 1 arms with control first.

    table: the feature columns, in the model's order. outcomes: (n,) each, in their own units; kinds: binary,
    money or number. target: the outcome that the model learns; per_unit: currency per unit of it, or 1.
    unit: (n,) text that identifies the customer. redeemed: (n,) 0 or 1, None where nobody knows.
    active: (n,) 0 or 1, whether the customer bought. contact_cost, redemption_cost: (K,) currency.
    propensity: (n, K + 1), None where it has to be estimated. planned: (K + 1,) shares, None if not planned.
    time: (n,) sortable, None where rows have no order. sha256: of everything that was read.
    context: all that is known about the rows before assignment, for an audience's `where`.
    """

    table: pa.Table
    arms: tuple[str, ...]
    arm: Ints
    propensity: Floats | None
    outcomes: dict[str, Floats]
    kinds: dict[str, str]
    target: str
    per_unit: float
    in_money: bool
    unit: np.ndarray
    redeemed: Floats | None
    active: Floats | None
    contact_cost: Floats
    redemption_cost: Floats
    planned: Floats | None
    time: np.ndarray | None
    sha256: str
    context: pa.Table

    def __len__(self) -> int:
        return len(self.arm)

    @property
    def causal_basis(self) -> str:
        """`randomised`, or `assumed` where the propensities are estimated."""
        return ASSUMED if self.propensity is None else RANDOMISED

    @property
    def worth(self) -> Worth:
        """The step from the target to net value; without money, the target counts as it is."""
        if not self.in_money:
            return Worth()
        cost = self.contact_cost + self.redemption_cost * self.redemption_share
        return Worth(self.per_unit, (0.0, *cost.tolist()))

    @property
    def redemption_share(self) -> Floats:
        """(K,) share of each offer's rows that redeemed it; 0 where nobody knows."""
        if self.redeemed is None:
            return np.zeros(len(self.arms) - 1)
        return np.array([self.redeemed[self.arm == k].mean() for k in range(1, len(self.arms))])

    def schema(self) -> FeatureSchema:
        """Names and levels of the features, as found in these rows."""
        return infer_schema(self.table, self.table.column_names)

    def features(self, schema: FeatureSchema) -> Features:
        """The features as a matrix."""
        return encode(self.table, schema)

    def sample(self, schema: FeatureSchema, outcome: Floats | None = None) -> UpliftSample:
        """The rows as a sample of the target, or of another outcome."""
        return UpliftSample(
            self.features(schema),
            self.arm,
            self.outcomes[self.target] if outcome is None else outcome,
            self.propensity,
            self.unit,
            len(self.arms),
        )

    def rows(self, where: np.ndarray) -> "UpliftRows":
        """The rows that a mask picks."""

        def pick(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[where]

        return UpliftRows(
            table=self.table.filter(pa.array(where)),
            arms=self.arms,
            arm=self.arm[where],
            propensity=pick(self.propensity),
            outcomes={name: values[where] for name, values in self.outcomes.items()},
            kinds=self.kinds,
            target=self.target,
            per_unit=self.per_unit,
            in_money=self.in_money,
            unit=self.unit[where],
            redeemed=pick(self.redeemed),
            active=pick(self.active),
            contact_cost=self.contact_cost,
            redemption_cost=self.redemption_cost,
            planned=self.planned,
            time=pick(self.time),
            sha256=self.sha256,
            context=self.context.filter(pa.array(where)),
        )
