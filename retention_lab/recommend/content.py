"""Content: items whose words and categories are like those of what the customer bought."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from retention_lab.errors import LabError
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.profiles import profiles
from retention_lab.recommend.protocol import Scores
from retention_lab.recommend.sparse_files import sparse_arrays, sparse_bytes

_FILE = "content.npz"
_CATEGORY = "category:"  # keeps a category apart from the word of the same letters
_WORD = re.compile(r"category:\S+|[^\W_\u4e00-\u9fff]{2,}|[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Content:
    """vectors: (items, words) TF-IDF of unit length; an item without text is 0. New items have theirs too."""

    vectors: sparse.csr_matrix

    def scores(self, history: Interactions) -> Scores:
        """The cosine between an item's words and those of all that the user had."""
        own = profiles(history) @ self.vectors
        return np.asarray((own @ self.vectors.T).toarray(), dtype=np.float32)

    def parts(self, history: Interactions, item: int) -> sparse.csr_matrix:
        """What each item of the history adds."""
        likeness = self.vectors @ self.vectors[item].T
        return profiles(history).multiply(likeness.T).tocsr()

    def to_files(self) -> dict[str, bytes]:
        """Arrays; the words themselves are not needed again."""
        return {_FILE: sparse_bytes(self.vectors)}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Content":
        """The model that `to_files` wrote."""
        return Content(sparse_arrays(files[_FILE]))


def fit_content(texts: Sequence[str], categories: Sequence[str | None] | None = None) -> Content:
    """TF-IDF of each item's text, in the order of the items' codes, its category as one more word.

    Raises LabError where no item has a word.
    Source: Salton and Buckley (1988), Information Processing and Management 24(5),
    doi:10.1016/0306-4573(88)90021-0.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    named = categories or [None] * len(texts)
    words = [f"{text} {_category(name)}" for text, name in zip(texts, named, strict=True)]
    try:
        found = TfidfVectorizer(analyzer=_words, sublinear_tf=True, dtype=np.float32).fit_transform(words)
    except ValueError as error:
        raise LabError(
            f"None of {len(texts)} items has a text or a category, so none is like another.",
            "Give a title, a description or a category, or leave `content` out.",
            key="models",
        ) from error
    return Content(sparse.csr_matrix(found))


def _words(text: str) -> list[str]:
    """Words of two letters or more, and every two neighbours of a run of Chinese characters.

    >>> _words("A red mug, 红茶杯")
    ['red', 'mug', '红茶', '茶杯']
    """
    found = []
    for word in _WORD.findall(text.lower()):
        chinese = "\u4e00" <= word[0] <= "\u9fff" and len(word) > 2
        found += [word[i : i + 2] for i in range(len(word) - 1)] if chinese else [word]
    return found


def _category(name: str | None) -> str:
    return "" if not name else _CATEGORY + "_".join(name.split())
