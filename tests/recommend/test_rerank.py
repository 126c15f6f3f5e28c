import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.recommend.inner import inner_cuts, lessons
from retention_lab.recommend.rerank import RerankParams, fit_rerank
from tests.recommend.tastes import tastes

DATA = tastes()
SMALL = RerankParams(rounds=10, seeds=1)


def test_what_it_learns_from_lies_wholly_before_what_it_is_taught() -> None:
    cuts = inner_cuts(DATA, (0.5, 0.8), 0.2, seed=7)
    found = list(lessons(DATA, cuts, seed=7))
    assert len(found) == 2
    for cut, one in zip(cuts, found, strict=True):
        assert one.before.timed().max() < DATA.timed()[cut.test].min()
        assert (one.before.item[:, None] != np.flatnonzero(~one.offered)).all()
        had = one.history.seen().toarray() > 0
        assert not had[one.wanted.rows(), one.wanted.item].any()


def test_items_that_no_parent_puts_high_stand_below_all_others() -> None:
    model = fit_rerank(DATA, params=RerankParams(rounds=10, seeds=1, candidates=12))
    scores = model.scores(DATA)
    reached = (scores > -1e29).sum(axis=1)
    assert (reached >= 4).all()
    assert (reached <= 12).all()


def test_nobody_who_comes_back_teaches_nothing() -> None:
    once = DATA.take(np.unique(DATA.user, return_index=True)[1])
    with pytest.raises(LabError, match="nothing teaches an order"):
        fit_rerank(once, params=SMALL)
