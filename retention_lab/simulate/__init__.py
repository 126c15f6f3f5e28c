"""A simulated retailer whose truth is known: for demos, rehearsals and tests."""

from retention_lab.simulate.behaviour import Outlook
from retention_lab.simulate.difficulty import Difficulty
from retention_lab.simulate.respond import Response, respond
from retention_lab.simulate.retailer import AS_OF, Retailer, retailer
from retention_lab.simulate.truth import CampaignTruth, Truth

__all__ = [
    "AS_OF",
    "CampaignTruth",
    "Difficulty",
    "Outlook",
    "Response",
    "Retailer",
    "Truth",
    "respond",
    "retailer",
]
