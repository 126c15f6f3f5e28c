"""`lab customers columns`: what an audience's `where` may ask."""

from typing import Any

from retention_lab.data.snapshot import COLUMNS, feature_columns, snapshot
from retention_lab.data.snapshot_columns import CORE, core_features
from retention_lab.workflows.campaign_audience import default_as_of
from retention_lab.workflows.project import Lab


def customer_columns(lab: Lab) -> list[dict[str, Any]]:
    """Every column of the snapshot: its name, type, group and meaning, and whether models read it.

    group: core, further (features that a definition has to name) or attribute (a column of customers).
    customers: how many have a value. by_default: whether an uplift model reads it without being told.
    """
    with lab.open_tables() as tables:
        found = snapshot(tables, default_as_of(lab, tables))
    features, default = set(feature_columns(found)), set(core_features(found))
    return [
        {
            "column": field.name,
            "type": str(field.type),
            "group": _group(field.name),
            "feature": field.name in features,
            "by_default": field.name in default,
            "meaning": COLUMNS.get(field.name, "a column of customers"),
            "customers": found.num_rows - found.column(field.name).null_count,
        }
        for field in found.schema
    ]


def _group(name: str) -> str:
    if name not in COLUMNS:
        return "attribute"
    return "core" if name in CORE else "further"
