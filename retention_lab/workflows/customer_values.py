"""What customers will be worth, by the project's champion of a value model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Floats
from retention_lab.config.loading import list_definitions
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import CHAMPION, champion
from retention_lab.workflows.clv_rows import read_purchases
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_clv import trained_definition


@dataclass(frozen=True, slots=True)
class CustomerValues:
    """value: (n,) money over the model's horizon, NaN for who never bought."""

    loaded: Loaded
    value: Floats
    horizon_days: int


def customer_values(lab: Lab, customers: Sequence[str], at: datetime) -> CustomerValues | None:
    """The value of customers as of a date (aware); None where no value model over the project is champion.

    Of several champions the first by name that knows amounts counts.
    """
    for loaded in _champions(lab):
        definition = trained_definition(lab, loaded)
        if definition.table is not None or loaded.model.spending is None:
            continue
        purchases = read_purchases(lab, definition, at)
        scores = loaded.model.scores(loaded.model.history(purchases.days, purchases.last))
        place = pc.index_in(pa.array(customers, pa.string()), value_set=scores.column("id").combine_chunks())
        value = pc.fill_null(scores.column("clv").take(place), np.nan)
        found = np.asarray(value.to_numpy(), dtype=np.float64)
        return CustomerValues(loaded, found, loaded.model.horizon_days)
    return None


def _champions(lab: Lab) -> list[Loaded]:
    store = lab.open_store()
    names = [one.name for one in list_definitions(lab.project) if one.kind == "clv"]
    return [load_version(store, name, f"@{CHAMPION}") for name in sorted(names) if champion(store, name)]
