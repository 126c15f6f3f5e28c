"""Rows of a churn model, whether from a flat table or from looks at the project's tables."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats, Ints
from retention_lab.churn.sample import ChurnSample
from retention_lab.churn.scorer import Worth
from retention_lab.config.churn import ChurnDefinition
from retention_lab.features import FeatureSchema, encode, infer_schema


@dataclass(frozen=True, slots=True)
class ChurnRows:
    """n rows, one for each customer and look.

    table: the features; left: (n,) 0 or 1; unit: (n,) text, the customer. as_of, label_end: (n,) microseconds
    of each row's look and of the end of its label; None for a flat table, whose rows have no time. context:
    all columns, from which a customer's worth may be read. sha256: of the content; id_column: of the rows,
    None where they go by their content. notes: rows at each look. left_out: columns of
    text with too many values to be features.
    """

    table: pa.Table
    left: Floats
    unit: np.ndarray
    context: pa.Table
    sha256: str
    id_column: str | None
    as_of: Ints | None = None
    label_end: Ints | None = None
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.left)

    def rows(self, where: np.ndarray) -> "ChurnRows":
        """The rows that a mask or an index array picks."""
        picked = pa.array(np.flatnonzero(where) if where.dtype == np.bool_ else where)
        index = picked.to_numpy()
        return replace(
            self,
            table=self.table.take(picked),
            left=self.left[index],
            unit=self.unit[index],
            context=self.context.take(picked),
            as_of=None if self.as_of is None else self.as_of[index],
            label_end=None if self.label_end is None else self.label_end[index],
        )

    def schema(self) -> FeatureSchema:
        """Levels and names as these rows have them."""
        return infer_schema(self.table, self.table.column_names)

    def sample(self, schema: FeatureSchema) -> ChurnSample:
        """The rows as a model reads them."""
        return ChurnSample(encode(self.table, schema), self.left, self.unit)


def worth_of(definition: ChurnDefinition) -> Worth | None:
    """What a contact is worth by the definition; None where it does not say."""
    profit = definition.profit
    if profit is None:
        return None
    costs = (profit.contact_cost, profit.incentive, profit.acceptance)
    if isinstance(profit.clv, float):
        return Worth(*costs, clv=profit.clv)
    return Worth(*costs, column=profit.clv.column, times=profit.clv.times)
