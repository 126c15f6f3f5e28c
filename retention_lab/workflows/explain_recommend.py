"""`lab explain` of a recommender: what a customer would be offered, and because of which purchases."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.errors import LabError
from retention_lab.recommend.reasons import because, explaining_part
from retention_lab.recommend.scorer import RecommendScorer
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.workflows.evaluate_recommend import known_to
from retention_lab.workflows.project import Lab
from retention_lab.workflows.recommend_rows import read_rows
from retention_lab.workflows.train_recommend import trained_definition


@dataclass(frozen=True, slots=True)
class Offered:
    """item: its id. because: items of the customer's that speak for it, each with its share of all that
    does; empty where none do."""

    item: str
    score: float
    because: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class RecommendExplanation:
    """customer: as asked for. had: how many items the customer has had. offers: the best first. reasoned:
    whether the model can name purchases at all."""

    name: str
    version: str
    learner: str
    customer: str
    had: int
    offers: tuple[Offered, ...]
    reasoned: bool
    kind: str = "recommend"

    def as_json(self) -> dict[str, Any]:
        """The document of the command."""
        return {
            "name": self.name,
            "version": self.version,
            "learner": self.learner,
            "customer": self.customer,
            "had": self.had,
            "reasoned": self.reasoned,
            "offers": [
                {
                    "rank": rank,
                    "item": one.item,
                    "score": one.score,
                    "because": [{"item": item, "share": share} for item, share in one.because],
                }
                for rank, one in enumerate(self.offers, start=1)
            ],
        }


def explain_recommend(lab: Lab, selector: str, customer: str) -> RecommendExplanation:
    """The customer's list as of the end of the data, with the purchases that speak for each item.

    Raises LabError where nobody has that id.
    """
    loaded = load_version(lab.open_store(), *parse_selector(selector))
    scorer: RecommendScorer = loaded.model
    data = read_rows(lab, trained_definition(lab, loaded), None).data
    if customer not in data.users:
        raise LabError(
            "No customer of the definition's rows has that id.",
            "Write the id as the table has it; ids are compared as text.",
            key="customer",
        )
    history = known_to(scorer, data.among(np.array([data.users.index(customer)])))
    lists = scorer.lists(history)
    offers = [
        Offered(
            scorer.items[item],
            float(score),
            tuple((scorer.items[one.item], one.share) for one in because(scorer.model, history, item)),
        )
        for item, score in zip(lists.item[0].tolist(), lists.score[0], strict=True)
        if item >= 0
    ]
    return RecommendExplanation(
        name=loaded.name,
        version=loaded.version,
        learner=scorer.learner,
        customer=customer,
        had=int(history.seen().nnz),
        offers=tuple(offers),
        reasoned=explaining_part(scorer.model) is not None,
    )
