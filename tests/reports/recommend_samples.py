"""A recommender's page, for the tests of its parts and for the browser."""

import dataclasses

from retention_lab.checks import check
from retention_lab.estimate import normal_estimate
from retention_lab.reports.parts import Origin
from retention_lab.reports.recommend import CustomerKind, RecommendCandidate, RecommendPage

METRICS = {
    f"{name}_at_{k}": normal_estimate(0.3, 0.01)
    for name in ("ndcg", "recall", "hit", "map", "coverage", "novelty", "diversity", "popular_share")
    for k in (10, 5)
}


def page(**values: object) -> RecommendPage:
    whole = RecommendPage(
        name="offers",
        version="3",
        winner="ease",
        baseline="decayed_popular",
        cut="time 0.8",
        users=5_120,
        items=1_682,
        interactions=100_000,
        gain=normal_estimate(0.12, 0.02),
        hit=normal_estimate(0.61, 0.02),
        checks=(check("customers_with_history", "soft", True, 900.0, 100, "900 of 1,000."),),
        candidates=(RecommendCandidate("ease", METRICS), RecommendCandidate("decayed_popular", METRICS)),
        kinds=(CustomerKind("warm", 900, METRICS), CustomerKind("cold", 100, METRICS)),
        held_out_uses=2,
        rules=True,
        origin=Origin(model="offers", run_id="abc"),
    )
    return dataclasses.replace(whole, **values)  # type: ignore[arg-type]
