"""Which products belong with whom, and with each other."""

from retention_lab.recommend.baskets import Baskets, as_baskets
from retention_lab.recommend.content import Content, fit_content
from retention_lab.recommend.fit import Fitted, fit
from retention_lab.recommend.interactions import Interactions, interactions
from retention_lab.recommend.learners import LEARNERS
from retention_lab.recommend.mine_rules import MinedRules, mine_rules

__all__ = [
    "LEARNERS",
    "Baskets",
    "Content",
    "Fitted",
    "Interactions",
    "MinedRules",
    "as_baskets",
    "fit",
    "fit_content",
    "interactions",
    "mine_rules",
]
