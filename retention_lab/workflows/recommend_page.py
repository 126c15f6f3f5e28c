"""The page of a trained recommender, from what the training found."""

from retention_lab.reports.parts import Origin
from retention_lab.reports.recommend import CustomerKind, RecommendCandidate, RecommendPage
from retention_lab.reports.recommend_report import render_recommend
from retention_lab.workflows.project import Lab
from retention_lab.workflows.recommend_report import RecommendTrainReport
from retention_lab.workflows.recommend_training import CHOSEN_BY, Fitted


def recommend_page(lab: Lab, result: RecommendTrainReport, fitted: Fitted) -> str:
    """The report as one HTML file, in the project's language."""
    return render_recommend(recommend_values(result, fitted), lab.settings.language)


def recommend_values(result: RecommendTrainReport, fitted: Fitted) -> RecommendPage:
    """What the page says, as plain values."""
    named = {one.name for one in fitted.candidates}
    beside = () if fitted.baseline.name in named else (fitted.baseline,)
    warm = fitted.held.wanted.warm
    sizes = {"warm": int(warm.sum()), "cold": int((~warm).sum())}
    return RecommendPage(
        name=result.name,
        version=result.model_version,
        winner=result.winner,
        baseline=fitted.baseline.name,
        cut=result.cut,
        users=result.users,
        items=result.items,
        interactions=result.interactions,
        gain=fitted.gain[CHOSEN_BY],
        hit=fitted.winner.evidence["hit_at_10"],
        checks=tuple(result.checks),
        candidates=tuple(RecommendCandidate(one.name, one.evidence) for one in (*fitted.candidates, *beside)),
        kinds=tuple(CustomerKind(kind, sizes[kind], dict(found)) for kind, found in fitted.warmth.items()),
        held_out_uses=int(result.held_out["uses"]),
        origin=Origin(model=result.name, run_id=result.run_id),
    )
