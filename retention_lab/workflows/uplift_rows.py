"""What an uplift definition trains on and is evaluated on: one row a unit, whatever it was read from."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats, Ints
from retention_lab.features import Features, FeatureSchema, encode, infer_schema
from retention_lab.uplift.effects import arm_means
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.worth import Worth

RANDOMISED = "randomised"
ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class UpliftRows:
    """n rows, K + 1 arms with control first.

    table: the feature columns, in the model's order. outcomes: (n,) each, in their own units; kinds: binary,
    money or number. target: the outcome that the model learns; per_unit: currency per unit of it, or 1.
    unit: (n,) text that identifies the customer; customer: (n,) the same as whole numbers.
    redeemed: (n,) 0 or 1, None where nobody knows.
    active: (n,) 0 or 1, whether the customer bought. contact_cost, redemption_cost: (K,) currency;
    control_cost: currency, of assigning a customer to control.
    propensity: (n, K + 1), None where it has to be estimated. planned: (K + 1,) shares, None if not planned.
    time: (n,) sortable, None where rows have no order. sha256: of everything that was read.
    context: all that is known about the rows, for an audience's `where`. id_column: of a table of such rows;
    None: they go by what they say. number: (n,) their places in a flat table, from 0;
    None: they come from experiments.
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
    customer: Ints
    redeemed: Floats | None
    active: Floats | None
    contact_cost: Floats
    redemption_cost: Floats
    planned: Floats | None
    time: np.ndarray | None
    sha256: str
    context: pa.Table
    control_cost: float = 0.0
    id_column: str | None = None
    number: Ints | None = None

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
        return Worth(self.per_unit, (self.control_cost, *cost.tolist()))

    @property
    def redemption_share(self) -> Floats:
        """(K,) share that redeems each offer, among all who could get it; 0 where nobody knows."""
        if self.redeemed is None:
            return np.zeros(len(self.arms) - 1)
        # weighted: where a policy chose, those who got an offer are not like those who could have got it
        return arm_means(self.arm, self.redeemed, len(self.arms), self.propensity)[1:]

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
            self.customer,
            len(self.arms),
        )

    def rows(self, where: np.ndarray) -> "UpliftRows":
        """The rows that a mask or an index array picks."""

        def pick(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[where]

        index = np.flatnonzero(where) if where.dtype == np.bool_ else where
        return replace(
            self,
            table=self.table.take(index),
            arm=self.arm[where],
            propensity=pick(self.propensity),
            outcomes={name: values[where] for name, values in self.outcomes.items()},
            unit=self.unit[where],
            customer=self.customer[where],
            redeemed=pick(self.redeemed),
            active=pick(self.active),
            time=pick(self.time),
            context=self.context.take(index),
            number=pick(self.number),
        )


def customer_codes(unit: np.ndarray) -> Ints:
    """(n,) whole numbers for (n,) text: the same customer has the same number, in the order of the text."""
    return np.asarray(np.unique(unit, return_inverse=True)[1], dtype=np.int64)
