"""Which column of the customers a campaign is measured apart by."""

import numpy as np
import pyarrow as pa

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.errors import ConfigurationError, did_you_mean
from retention_lab.labels import label_text

USUAL = "lifecycle"
UNKNOWN = "unknown"


def segment_column(definition: CampaignDefinition, table: pa.Table) -> str | None:
    """The column that the definition names, or lifecycle where there is one; None where there is neither.

    Raises ConfigurationError where the named column is not there.
    """
    wanted = definition.measure_by
    if wanted is None:
        return USUAL if USUAL in table.column_names else None
    if wanted not in table.column_names:
        raise ConfigurationError(
            f"The customers have no column '{wanted}'.",
            f"`lab customers columns` lists them. {did_you_mean(wanted, table.column_names)}",
            file=definition.file,
            key="measure_by",
        )
    return wanted


def segments(definition: CampaignDefinition, table: pa.Table) -> np.ndarray | None:
    """(n,) each customer's value as text, as it was when the plan was made."""
    name = segment_column(definition, table)
    if name is None:
        return None
    found = label_text(table.column(name)).to_pylist()
    return np.array([UNKNOWN if one is None else one for one in found])
