"""The terms that a model knows, each written by enough customers, and messages as rows of their weights."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.feedback.terms import LONGEST_RUN, PART_MARK, pieces, terms

Matrix = Any  # (n, d) sparse rows of SciPy, which is untyped
LEAST_KNOWN = 0.25  # of a message's pieces: below, what little is known of it says nothing of the rest


@dataclass(frozen=True)
class Vocabulary:
    """terms: (d,) sorted; rarity: (d,) inverse document frequency; least: customers who wrote each term."""

    terms: tuple[str, ...]
    rarity: Floats
    least: int

    def __len__(self) -> int:
        return len(self.terms)

    def counts(self, texts: Sequence[str]) -> Matrix:
        """(n, d) how often each cleaned text has each term."""
        columns, ends = [], [0]
        place = self._place
        for text in texts:
            there = [place[term] for term in terms(text) if term in place]
            columns.append(np.array(there, dtype=np.int32))
            ends.append(ends[-1] + len(there))
        column = np.concatenate([np.empty(0, dtype=np.int32), *columns])
        found = sp.csr_array(
            (np.ones(len(column)), column, np.array(ends, dtype=np.int32)), shape=(len(texts), len(self))
        )
        found.sum_duplicates()
        return found

    def weigh(self, counts: Matrix) -> Matrix:
        """(n, d) counts -> weights (1 + log count) x rarity, each row of length 1.

        Source: Salton and Buckley (1988), Information Processing & Management 24(5).
        """
        data = (1 + np.log(counts.data)) * self.rarity[counts.indices]
        found = sp.csr_array((data, counts.indices, counts.indptr), shape=counts.shape)
        length = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
        scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
        return sp.csr_array(sp.diags_array(scale) @ found)

    def known(self, texts: Sequence[str], counts: Matrix) -> Bools:
        """(n,) whether enough of each text is known to say anything about it."""
        known = np.asarray(counts[:, self._smallest].sum(axis=1)).ravel()
        total = np.array([len(pieces(text)) for text in texts])
        return np.asarray((total > 0) & (known >= LEAST_KNOWN * np.maximum(total, 1)), dtype=np.bool_)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {term: i for i, term in enumerate(self.terms)}

    @cached_property
    def _smallest(self) -> Ints:
        """Places of the terms that are pieces."""
        whole = [pieces(term) == [term] and not term.startswith(PART_MARK) for term in self.terms]
        return np.flatnonzero(whole)


def fit_vocabulary(
    texts: Sequence[str], customer: np.ndarray, least: int, *, never: Collection[str] = ()
) -> Vocabulary:
    """Every term of (n,) cleaned texts that at least `least` of the (n,) customers wrote.

    So nothing that is kept of the texts is of fewer customers than may be shown. never: words, names of
    people say, that are no terms and in no term.
    Raises LabError where no term is left.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    _require_texts(texts, least)
    counter = CountVectorizer(analyzer=terms, binary=True, dtype=np.float64)
    there = counter.fit_transform(texts)
    names = np.array(counter.get_feature_names_out(), dtype=object)
    codes = np.unique(customer, return_inverse=True)[1]
    whose = sp.csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))))
    customers = np.asarray(((whose @ there) > 0).sum(axis=0)).ravel()
    kept = (customers >= least) & ~_named(names.tolist(), never)
    if not kept.any():
        raise _too_few(len(texts), least)
    documents = np.asarray(there.sum(axis=0)).ravel()[kept]
    rarity = np.log((1 + len(texts)) / (1 + documents)) + 1
    return Vocabulary(tuple(names[kept]), rarity, least)


def _named(found: Iterable[str], never: Collection[str]) -> Bools:
    """(d,) terms that hold one of the words, or two neighbouring characters of a Han one."""
    words = frozenset(never)
    parts = {run for word in words if not word.isascii() for run in _runs(word)}

    def is_named(term: str) -> bool:
        if not words.isdisjoint(term.removeprefix(PART_MARK).split(" ")):
            return True
        return not term.isascii() and not parts.isdisjoint(_runs(term))

    return np.array([is_named(term) for term in found], dtype=np.bool_)


def _runs(text: str) -> list[str]:
    """Its runs of two characters up to the longest of a term."""
    lengths = range(2, LONGEST_RUN + 1)
    return [text[i : i + length] for length in lengths for i in range(len(text) - length + 1)]


def _require_texts(texts: Sequence[str], least: int) -> None:
    if not any(pieces(text) for text in texts):
        raise _too_few(0, least)


def _too_few(texts: int, least: int) -> LabError:
    return LabError(
        f"No word of {texts} messages was written by {least} customers or more, and rarer ones are not kept: "
        "they could tell who wrote.",
        "Provide more messages.",
    )
