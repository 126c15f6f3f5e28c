"""The products that go into each customer's coupon: from a recommender, within the rules of the shop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.loading import read_definition
from retention_lab.config.project import Project
from retention_lab.config.recommend import RecommendDefinition
from retention_lab.data.connect import Tables
from retention_lab.errors import ConfigurationError
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.lists import Lists
from retention_lab.recommend.reasons import first_reasons
from retention_lab.recommend.scorer import RecommendScorer
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import CHAMPION, champion
from retention_lab.workflows.project import Lab
from retention_lab.workflows.shop_state import ShopState, project_histories, shop_state_at
from retention_lab.workflows.train_recommend import trained_definition


@dataclass(frozen=True, slots=True)
class CampaignProducts:
    """Lists of a campaign's n customers. asked: whether only those who agree to be profiled have one."""

    loaded: Loaded
    shop: ShopState
    history: Interactions
    lists: Lists
    asked: bool

    @property
    def scorer(self) -> RecommendScorer:
        """The model."""
        return self.shop.scorer

    def ids(self) -> np.ndarray:
        """(n, P) ids of products, None where the rules leave no more."""
        return self._named(self.lists.item)

    def because(self) -> np.ndarray:
        """(n, P) ids of the purchase that speaks most for each product, None where none does."""
        return self._named(first_reasons(self.scorer.model, self.history, self.lists.item))

    @property
    def facts(self) -> dict[str, Any]:
        """What a plan remembers of them."""
        return {
            "model": self.loaded.name,
            "model_version": self.loaded.version,
            "products": int(self.lists.item.shape[1]),
            "customers_with_products": int((self.lists.item >= 0).any(axis=1).sum()),
            "customers_without_consent": int(self.shop.barred.sum()),
            "asks_consent": self.asked,
        }

    @property
    def notes(self) -> list[str]:
        """Sentences for the reader of a plan."""
        barred = int(self.shop.barred.sum())
        empty = int((self.lists.item < 0).all(axis=1).sum()) - barred
        found = []
        if barred:
            found.append(f"{barred:,} customers do not agree to be profiled: their coupons show no products.")
        if empty:
            found.append(f"For {empty:,} customers the rules of the shop leave no product to show.")
        return found

    def _named(self, codes: np.ndarray) -> np.ndarray:
        names = np.array([*self.scorer.items, None], dtype=object)
        return np.asarray(names[codes], dtype=object)  # -1 is the last: none


def campaign_products(
    lab: Lab, definition: CampaignDefinition, tables: Tables | None, customers: Sequence[str], at: datetime
) -> CampaignProducts | None:
    """The products of each customer as of a date (aware); None where the campaign names no recommender, or
    names the champion and there is none yet.

    Raises ConfigurationError where the model is none of the project's recommenders.
    """
    content = definition.content
    if content is None or tables is None:
        return None
    store, reference = lab.open_store(), content.model
    if reference.selector == f"@{CHAMPION}" and champion(store, reference.name) is None:
        return None
    loaded = load_version(store, reference.name, reference.selector)
    if not isinstance(loaded.model, RecommendScorer):
        raise _no_recommender(definition, f"'{loaded.name}' is a model of another kind.")
    trained = trained_definition(lab, loaded)
    if trained.table is not None:
        raise _no_recommender(definition, f"'{loaded.name}' learned from a table of its own.")
    users = tuple(customers)
    shop = shop_state_at(tables, trained, loaded.model, users, at)
    history = project_histories(tables, loaded.model, users, at)
    rules = trained.shop_rules
    asked = rules is not None and rules.consent
    return CampaignProducts(loaded, shop, history, shop.lists(history, content.products), asked)


def products_notes(definition: CampaignDefinition, found: CampaignProducts | None) -> list[str]:
    """What the reader of a plan has to know about its products."""
    if found is not None:
        return found.notes
    if definition.content is None:
        return []
    name = definition.content.model.name
    return [f"No version of '{name}' is champion yet: coupons show no products. Next: lab promote {name}"]


def check_content(project: Project, definition: CampaignDefinition) -> None:
    """Raises ConfigurationError where the campaign's content is from none of the project's recommenders."""
    if definition.content is None:
        return
    found = read_definition(project, definition.content.model.name)
    if not isinstance(found, RecommendDefinition):
        raise _no_recommender(definition, f"'{found.name}' is a definition of another kind.")
    if found.table is not None:
        raise _no_recommender(definition, f"'{found.name}' learns from a table of its own.")


def _no_recommender(definition: CampaignDefinition, found: str) -> ConfigurationError:
    return ConfigurationError(
        found,
        "Name a model of `kind: recommend` over the project's tables.",
        file=definition.file,
        key="content.recommend",
    )
