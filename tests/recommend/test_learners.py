"""What holds for every recommender, whatever it is made of."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.recommend.content import Content, fit_content
from retention_lab.recommend.fit import best_sellers
from retention_lab.recommend.learners import BASELINES, LEARNERS, Known, fit_learner, read_learner
from retention_lab.recommend.lists import recommend_lists
from retention_lab.recommend.protocol import Recommender
from tests.recommend.tastes import SHELVES, shelf_of, tastes

DATA = tastes()
PERSONAL = [name for name in LEARNERS if name not in BASELINES]


@cache
def content() -> Content:
    return fit_content([f"shelf{code // 10} thing{code}" for code in range(DATA.item_count)])


@cache
def model_of(name: str) -> Recommender:
    small = {
        "rerank": {"rounds": 20, "seeds": 1},
        "neural": {"hidden": 64, "batch": 20},
        "als": {"factors": 8},
    }
    return fit_learner(name, Known(DATA, content()), **small.get(name, {}))


@pytest.mark.parametrize("name", PERSONAL)
def test_it_finds_the_shelf_that_a_customer_buys_from(name: str) -> None:
    lists = recommend_lists(model_of(name), DATA, best_sellers(DATA), 3).item
    users = np.array([int(user[1:]) for user in DATA.users])
    right = shelf_of(lists) == (users % SHELVES)[:, None]
    assert right.mean() > 0.7  # by chance a tenth: of 32 unseen items, three are of the own shelf


@pytest.mark.parametrize("name", LEARNERS)
def test_it_scores_alike_after_its_files_were_read(name: str) -> None:
    read = read_learner(name, model_of(name).to_files())
    np.testing.assert_array_equal(read.scores(DATA), model_of(name).scores(DATA))


@pytest.mark.parametrize("name", LEARNERS)
def test_a_customer_is_scored_alike_alone_and_among_others(name: str) -> None:
    together = model_of(name).scores(DATA)[[5, 90]]
    alone = np.concatenate([model_of(name).scores(DATA.among(np.array([u]))) for u in (5, 90)])
    np.testing.assert_allclose(alone, together, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", LEARNERS)
def test_the_order_of_rows_does_not_show_in_the_scores(name: str) -> None:
    shuffled = DATA.take(np.random.default_rng(3).permutation(len(DATA)))
    np.testing.assert_allclose(
        model_of(name).scores(shuffled), model_of(name).scores(DATA), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("name", LEARNERS)
def test_somebody_without_a_history_is_offered_what_sells_best(name: str) -> None:
    nobody = replace(DATA.take(np.zeros(0, dtype=np.int64)), users=("new",))
    found = recommend_lists(model_of(name), nobody, best_sellers(DATA), 5)
    if name == "popular":  # best of all times, not of late
        buyers = np.asarray(DATA.seen().sum(axis=0)).ravel()
        np.testing.assert_array_equal(found.score[0], np.sort(buyers)[::-1][:5])
    else:
        np.testing.assert_array_equal(found.item[0], best_sellers(DATA)[:5])


@pytest.mark.parametrize("name", ["als", "neural", "rerank", "hybrid"])
def test_the_same_seed_gives_the_same_model(name: str) -> None:
    small = {"rerank": {"rounds": 5, "seeds": 1}, "neural": {"epochs": 2}, "als": {"rounds": 2}}
    one, other = (
        fit_learner(name, Known(DATA, content()), **small.get(name, {})).to_files() for _ in range(2)
    )
    assert one == other


def test_an_unknown_name_or_option_is_refused() -> None:
    with pytest.raises(LabError, match="Did you mean 'ease'"):
        fit_learner("eas", Known(DATA))
    with pytest.raises(LabError, match="options it does not have: l3"):
        fit_learner("ease", Known(DATA), l3=1)


@pytest.mark.parametrize("name", ["decayed_popular", "rerank"])
def test_what_needs_times_is_refused_without_them(name: str) -> None:
    with pytest.raises(LabError, match="no time"):
        fit_learner(name, Known(replace(DATA, time=None)))


def test_content_is_refused_where_nothing_is_written() -> None:
    with pytest.raises(LabError, match="Nothing is known about the items"):
        fit_learner("content", Known(DATA))
