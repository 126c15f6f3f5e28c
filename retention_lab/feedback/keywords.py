"""The words by which some messages differ from the others, each of as many customers as may be shown."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from retention_lab.arrays import Bools, Floats
from retention_lab.feedback.terms import is_shown
from retention_lab.feedback.vocabulary import Matrix, Vocabulary

_NEGATIONS = frozenset({"no", "not", "never", "nothing", "nobody", "too"})  # which turn what follows round
_LEAST_SCORE = 1.96  # standard deviations of the log odds


@dataclass(frozen=True, slots=True)
class Keyword:
    """customers: who wrote it in these messages; score: how surely it is commoner in them than elsewhere, in
    standard deviations."""

    term: str
    customers: int
    score: float


def keywords(
    vocabulary: Vocabulary, counts: Matrix, inside: Bools, customer: np.ndarray, most: int = 8
) -> tuple[Keyword, ...]:
    """Of (n, d) counts, the terms that set the rows `inside` (n,) apart from all others, strongest first.

    A term that is a part of a stronger one, or holds it, is left out. Each was written by at least
    `vocabulary.least` customers inside.
    Source: Monroe, Colaresi, Quinn (2008), Political Analysis 16(4), doi:10.1093/pan/mpn018 (log odds with an
    informative prior).
    """
    there = sp.csr_array((np.ones(counts.nnz), counts.indices, counts.indptr), shape=counts.shape)
    score = _log_odds(there, inside)
    customers = _customers(there, inside, customer)
    able = (customers >= vocabulary.least) & (score >= _LEAST_SCORE)
    found: list[Keyword] = []
    for place in np.argsort(-score, kind="stable"):
        term = vocabulary.terms[place]
        if not able[place] or not _tells(term):
            continue
        if any(term in one.term or one.term in term for one in found):
            continue
        found.append(Keyword(term, int(customers[place]), float(score[place])))
        if len(found) == most:
            break
    return tuple(found)


def _tells(term: str) -> bool:
    """Whether a term means something: no single Han character, and none that begins or ends in `the`."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    words = term.split(" ")
    ends = {words[0], words[-1]} & (ENGLISH_STOP_WORDS - _NEGATIONS)
    return is_shown(term) and len(term) > 1 and not ends and not set(words) <= _NEGATIONS


def _log_odds(there: Matrix, inside: Bools) -> Floats:
    """(d,) z-scores; the prior is every term's own count, as strong as a tenth of the messages."""
    yes = np.asarray(there[inside].sum(axis=0)).ravel()
    no = np.asarray(there[~inside].sum(axis=0)).ravel()
    prior = 0.1 * (yes + no) + 0.01
    total = prior.sum()
    ours, theirs = yes + prior, no + prior
    odds = np.log(ours / (yes.sum() + total - ours)) - np.log(theirs / (no.sum() + total - theirs))
    return np.asarray(odds / np.sqrt(1 / ours + 1 / theirs), dtype=np.float64)


def _customers(there: Matrix, inside: Bools, customer: np.ndarray) -> np.ndarray:
    """(d,) how many customers wrote each term in the rows inside."""
    codes = np.unique(customer[inside], return_inverse=True)[1]
    if len(codes) == 0:
        return np.zeros(there.shape[1])
    whose = sp.csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))))
    return np.asarray(((whose @ there[inside]) > 0).sum(axis=0)).ravel()
