"""`lab customers columns`: what an audience's `where` may ask."""

from typing import Any

from retention_lab.data.snapshot import COLUMNS, feature_columns, snapshot
from retention_lab.workflows.campaign_audience import default_as_of
from retention_lab.workflows.project import Lab


def customer_columns(lab: Lab) -> list[dict[str, Any]]:
    """Every column of the snapshot: its name, type and meaning, and whether models read it."""
    with lab.open_tables() as tables:
        found = snapshot(tables, default_as_of(lab, tables))
    features = set(feature_columns(found))
    return [
        {
            "column": field.name,
            "type": str(field.type),
            "feature": field.name in features,
            "meaning": COLUMNS.get(field.name, "a column of customers"),
            "customers": found.num_rows - found.column(field.name).null_count,
        }
        for field in found.schema
    ]
