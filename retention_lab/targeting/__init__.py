"""From effects and a budget to offers, from offers to a launch, from a launch to what it caused."""

from retention_lab.targeting.allocate import (
    Allocation,
    Curve,
    allocate,
    allocate_at,
    curve,
    probabilities_at,
)
from retention_lab.targeting.incremental import CampaignRows, Measured, increment, measure
from retention_lab.targeting.value import expected_cost, net_value

__all__ = [
    "Allocation",
    "CampaignRows",
    "Curve",
    "Measured",
    "allocate",
    "allocate_at",
    "curve",
    "expected_cost",
    "increment",
    "measure",
    "net_value",
    "probabilities_at",
]
