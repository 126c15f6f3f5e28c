import numpy as np
import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from retention_lab.recommend.content import fit_content
from retention_lab.recommend.interactions import interactions

TEXTS = ["green tea leaves", "black tea leaves", "steel hammer", "绿茶 茶叶", "红茶 茶叶", ""]


def test_items_with_the_same_words_are_alike_in_both_languages() -> None:
    items = [str(code) for code in range(6)]
    data = interactions(pa.table({"user": ["a", "b"], "item": ["0", "3"]}), items=items)
    scores = fit_content(TEXTS).scores(data)
    assert scores[0, 1] > scores[0, [2, 3, 4, 5]].max()
    assert scores[1, 4] > scores[1, [0, 1, 2, 5]].max()
    assert scores[0, 5] == 0


def test_a_category_makes_items_alike_that_share_no_word() -> None:
    found = fit_content(["anvil", "saw", "tea"], ["hand tools", "hand tools", None]).vectors
    likeness = (found @ found.T).toarray()
    assert likeness[0, 1] > 0
    assert likeness[0, 2] == 0
    np.testing.assert_allclose(np.diag(likeness), 1, rtol=1e-6)


def test_items_without_any_word_are_refused() -> None:
    with pytest.raises(LabError, match="None of 2 items"):
        fit_content(["", "!"], [None, None])
