"""Which products belong with whom, and with each other."""

from retention_lab.recommend.baskets import Baskets, as_baskets
from retention_lab.recommend.mine_rules import MinedRules, mine_rules

__all__ = ["Baskets", "MinedRules", "as_baskets", "mine_rules"]
