import numpy as np
import pytest

from retention_lab.recommend.learners import Known, fit_learner
from retention_lab.recommend.reasons import because
from tests.recommend.tastes import shelf_of, tastes

DATA = tastes()


@pytest.mark.parametrize("name", ["ease", "item_knn"])
def test_what_each_purchase_adds_sums_to_the_score(name: str) -> None:
    model = fit_learner(name, Known(DATA))
    one = DATA.among(np.array([11]))
    for item in (2, 25):
        parts = model.parts(one, item)  # type: ignore[attr-defined]
        assert parts.sum() == pytest.approx(float(model.scores(one)[0, item]), rel=1e-4, abs=1e-7)
        assert set(parts.nonzero()[1]) <= set(one.item)


@pytest.mark.parametrize("name", ["ease", "item_knn", "hybrid"])
def test_reasons_are_own_purchases_of_the_same_shelf_with_shares(name: str) -> None:
    model = fit_learner(name, Known(DATA))
    code = DATA.users.index("u3")
    one = DATA.among(np.array([code]))
    unseen = next(item for item in range(30, 40) if item not in one.item)
    found = because(model, one, unseen)
    assert 1 <= len(found) <= 3
    assert all(reason.item in one.item and shelf_of(np.array(reason.item)) == 3 for reason in found)
    assert 0 < sum(reason.share for reason in found) <= 1 + 1e-9


@pytest.mark.parametrize("name", ["popular", "als"])
def test_a_model_that_knows_no_purchases_gives_no_reasons(name: str) -> None:
    assert because(fit_learner(name, Known(DATA)), DATA.among(np.array([0])), 5) == ()
