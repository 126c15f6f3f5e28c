import dataclasses

import pytest

from retention_lab.checks import check
from retention_lab.errors import LabError
from retention_lab.estimate import normal_estimate
from retention_lab.reports.numbers import LANGUAGES
from retention_lab.reports.parts import Origin
from retention_lab.reports.recommend import CustomerKind, RecommendCandidate, RecommendPage
from retention_lab.reports.recommend_report import render_recommend
from tests.reports.reading import words_of

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
        origin=Origin(model="offers", run_id="abc"),
    )
    return dataclasses.replace(whole, **values)  # type: ignore[arg-type]


def test_a_better_model_says_so_for_whom_and_by_how_much() -> None:
    text = words_of(render_recommend(page(), "en"))
    assert "find more of what customers take" in text
    assert "5,120 customers, 1,682 products" in text
    assert "with a history" in text
    assert "without a history" in text
    assert "looked at" not in text or "2" in text


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (normal_estimate(0.01, 0.02), "is not clear"),
        (normal_estimate(-0.1, 0.02), "find less"),
    ],
)
def test_a_gain_that_is_none_is_not_called_one(gain: object, words: str) -> None:
    assert words in words_of(render_recommend(page(gain=gain), "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language: str) -> None:
    html = render_recommend(page(), language)
    assert "recommend." not in words_of(html).replace("lab", "")


def test_a_cut_within_customers_is_called_no_forecast() -> None:
    assert "How it does in the future" in words_of(render_recommend(page(cut="random 0.25 per user"), "en"))
    assert "How it does in the future" not in words_of(render_recommend(page(), "en"))


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(LabError):
        render_recommend(page(gain=normal_estimate(float("nan"), 0.1)), "en")
