"""Which topic a message has: by a theme's words, else by what resembles the messages that have such words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.feedback.themes import OTHER, Themes
from retention_lab.feedback.vocabulary import Matrix

LEAST_EXAMPLES = 20  # messages of a topic from which it is learned
SURE = 0.5  # probability from which a message without a theme's words is given a topic


@dataclass(frozen=True, slots=True)
class Topics:
    """names: (k,) topics. themes: the words that decide at once, None where topics were given by people.

    weights: (d, m), intercept: (m,) of the learned topics, whose places among the names are `learned`, (m,);
    none where too few messages tell.
    """

    names: tuple[str, ...]
    themes: Themes | None
    learned: Ints
    weights: Floats
    intercept: Floats

    def of(self, texts: Sequence[str], weighed: Matrix) -> np.ndarray:
        """(n,) the topic of each cleaned text, `other` where none is likely."""
        found = self._likely(weighed)
        if self.themes is not None:
            said = self.themes.places(texts)
            found = np.where(said >= 0, said, found)
        return np.array([*self.names, OTHER], dtype=object)[found]

    def _likely(self, weighed: Matrix) -> Ints:
        if len(self.learned) == 0:
            return np.full(weighed.shape[0], -1, dtype=np.int64)
        odds = np.asarray(weighed @ self.weights) + self.intercept
        share = np.exp(odds - odds.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        best = share.argmax(axis=1)
        return np.where(share.max(axis=1) >= SURE, self.learned[best], -1)


def fit_topics(names: Sequence[str], place: Ints, weighed: Matrix, themes: Themes | None = None) -> Topics:
    """Learn from the (n,) place of each row's topic among the names, -1 where it is not known.

    Topics of fewer than `LEAST_EXAMPLES` messages are not learned, only told by their words.
    Source of learning from words that were given: Liu, Li, Lee, Yu (2004), AAAI, Text Classification by
    Labeling Words.
    """
    count = np.bincount(place[place >= 0], minlength=len(names))
    learned = np.flatnonzero(count >= LEAST_EXAMPLES)
    if len(learned) < 2:
        none = np.empty(0, dtype=np.int64)
        return Topics(tuple(names), themes, none, np.empty((weighed.shape[1], 0)), np.empty(0))
    from sklearn.linear_model import LogisticRegression

    rows = np.isin(place, learned)
    model = LogisticRegression(C=4.0, max_iter=1000).fit(weighed[rows], place[rows])
    weights, intercept = np.asarray(model.coef_.T), np.asarray(model.intercept_)
    if len(learned) == 2:  # of two, scikit-learn keeps the second one's weights alone
        weights = np.column_stack([np.zeros(len(weights)), weights[:, 0]])
        intercept = np.array([0.0, float(intercept[0])])
    return Topics(tuple(names), themes, learned, weights, intercept)
