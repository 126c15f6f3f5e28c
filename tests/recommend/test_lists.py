from dataclasses import dataclass

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.recommend import lists as under_test
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.lists import recommend_lists
from retention_lab.recommend.protocol import Scores
from tests.recommend.tastes import tastes

DATA = tastes(50)
TIES = np.arange(DATA.item_count)


@dataclass(frozen=True)
class Noise:
    """Scores by the user's id, so that blocks do not matter."""

    rounded: int = 6

    def scores(self, history: Interactions) -> Scores:
        rows = [np.random.default_rng(int(user[1:])).random(history.item_count) for user in history.users]
        return np.round(np.array(rows), self.rounded).astype(np.float32)

    def to_files(self) -> dict[str, bytes]:
        return {}


def test_lists_hold_the_best_unseen_items_and_nothing_else() -> None:
    scores = Noise().scores(DATA)
    scores[DATA.seen().nonzero()] = -np.inf
    found = recommend_lists(Noise(), DATA, TIES, 7)
    np.testing.assert_array_equal(found.item, np.argsort(-scores, axis=1, kind="stable")[:, :7])
    np.testing.assert_array_equal(found.score, np.take_along_axis(scores, found.item, axis=1))


def test_of_equally_good_items_the_earlier_in_the_order_of_ties_wins() -> None:
    ties = TIES[::-1].copy()
    scores = Noise(rounded=1).scores(DATA)
    scores[DATA.seen().nonzero()] = -np.inf
    place = np.empty_like(ties)
    place[ties] = np.arange(len(ties))
    wanted = np.array([np.lexsort((place, -row))[:9] for row in scores])
    np.testing.assert_array_equal(recommend_lists(Noise(rounded=1), DATA, ties, 9).item, wanted)


def test_blocks_give_what_one_piece_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = recommend_lists(Noise(), DATA, TIES, 5)
    monkeypatch.setattr(under_test, "_CELLS", 7 * DATA.item_count)
    parts = recommend_lists(Noise(), DATA, TIES, 5)
    np.testing.assert_array_equal(parts.item, whole.item)
    np.testing.assert_array_equal(parts.score, whole.score)


def test_what_is_not_allowed_is_in_no_list_and_short_lists_end_in_nothing() -> None:
    allowed = np.zeros(DATA.item_count, dtype=bool)
    allowed[[3, 8]] = True
    found = recommend_lists(Noise(), DATA, TIES, 4, allowed).item
    assert set(np.unique(found)) <= {-1, 3, 8}
    assert (found[:, 2:] == -1).all()
    assert not any(DATA.seen()[u, i] for u in range(DATA.user_count) for i in found[u] if i >= 0)


def test_a_rule_of_each_customer_holds_for_that_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = np.random.default_rng(2).random((DATA.user_count, DATA.item_count)) < 0.3
    monkeypatch.setattr(under_test, "_CELLS", 9 * DATA.item_count)
    found = recommend_lists(Noise(), DATA, TIES, 6, allowed).item
    assert all(allowed[u, i] for u in range(DATA.user_count) for i in found[u] if i >= 0)


def test_an_empty_list_cannot_be_asked_for() -> None:
    with pytest.raises(LabError) as caught:
        recommend_lists(Noise(), DATA, TIES, 0)
    assert caught.value.key == "k"
