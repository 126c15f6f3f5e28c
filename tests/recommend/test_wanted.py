import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.recommend.cuts import Cut
from retention_lab.recommend.wanted import wanted_items

USER = np.array([0, 0, 0, 1, 1, 2, 2])
ITEM = np.array([5, 5, 3, 2, 2, 4, 1])
CUT = Cut("by hand", *(np.array(one, dtype=bool) for one in ([1, 0, 0, 1, 0, 0, 0], [0, 1, 1, 0, 1, 1, 1])))


def test_wanted_is_what_a_user_had_not_had_before() -> None:
    found = wanted_items(USER, ITEM, CUT)
    assert found.user.tolist() == [0, 2]  # user 1 came back for the same
    assert found.item.tolist() == [3, 1, 4]
    assert found.count.tolist() == [1, 2]
    assert found.warm.tolist() == [True, False]


def test_items_that_are_not_offered_are_not_wanted() -> None:
    found = wanted_items(USER, ITEM, CUT, np.arange(6) != 4)
    assert found.item.tolist() == [3, 1]


def test_some_of_the_users_keep_their_items() -> None:
    found = wanted_items(USER, ITEM, CUT).among(np.array([False, True]))
    assert (found.user.tolist(), found.start.tolist(), found.item.tolist()) == ([2], [0, 2], [1, 4])


def test_nothing_wanted_is_refused() -> None:
    with pytest.raises(LabError, match="first time"):
        wanted_items(USER, ITEM, CUT, np.zeros(6, dtype=bool))
