"""What every recommender can do."""

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from retention_lab.recommend.interactions import Interactions

# (users, items) of half the usual width: they are ranked, not added up, and there are many.
Scores = NDArray[np.float32]


class Recommender(Protocol):
    """A fitted model: a function of what users have had, so that it holds nothing about anybody.

    Its items are those of the interactions it was fitted to.
    """

    def scores(self, history: Interactions) -> Scores:
        """(users, items), the higher the better for the user; whether an item was had plays no part.

        history: over the model's items; users need not be those that it was fitted to. Equal scores, as of
        users without a history, are left for `lists` to order by popularity.
        """

    def to_files(self) -> dict[str, bytes]:
        """The model in open formats."""


@runtime_checkable
class ByItem(Protocol):
    """A model whose score of an item is a sum over the items that the user has had."""

    def parts(self, history: Interactions, item: int) -> sparse.csr_matrix:
        """(users, items) what each item of the history adds to the score of `item`."""
