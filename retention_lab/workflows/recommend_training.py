"""Candidates of a recommender, chosen inside what they may see, and judged on what customers took later."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Ints
from retention_lab.checks import Check, check
from retention_lab.config.recommend import RecommendDefinition, RecommendSplit
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.recommend.content import Content
from retention_lab.recommend.cuts import Cut, last_cut, random_cut, time_cut
from retention_lab.recommend.fit import best_sellers
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.learners import Known, fit_learner
from retention_lab.recommend.list_evidence import (
    UserMetrics,
    evidence_by_warmth,
    list_evidence,
    paired_difference,
    user_metrics,
)
from retention_lab.recommend.list_metrics import Shelf
from retention_lab.recommend.lists import recommend_lists
from retention_lab.recommend.protocol import Recommender
from retention_lab.recommend.wanted import Wanted, wanted_items

BASELINE = "decayed_popular"
CHOSEN_BY = "ndcg_at_10"
JUDGED = 10  # the length at which candidates are chosen and the gate looks
_FEWEST_USERS = 100
_NEURAL, _SIMPLER = "neural", "ease"


@dataclass(frozen=True, slots=True)
class Held:
    """What came after a cut: histories before it, in the order of wanted.user, and what these users took.

    train: all rows before. ties: what sold best by then. shelf: what could be offered.
    """

    train: Interactions
    history: Interactions
    wanted: Wanted
    ties: Ints
    shelf: Shelf

    def metrics(self, model: Recommender, k: int = JUDGED) -> UserMetrics:
        """The metrics of a model's lists of k, user by user."""
        lists = recommend_lists(model, self.history, self.ties, k, self.shelf.offered)
        return user_metrics(lists.item, self.wanted, self.shelf)


@dataclass(frozen=True, slots=True)
class Candidate:
    """loss: 0 less the NDCG of ten on the inner cut; None for a baseline. metrics: on the holdout, at ten.
    evidence: of users with a history, at every length asked for."""

    name: str
    model: Recommender
    loss: float | None
    seconds: float
    metrics: UserMetrics
    evidence: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Fitted:
    """winner: the best inside. baseline: decayed popularity, or popularity where times are not known.
    warmth: the winner's evidence, with and without a history. gain: winner less baseline, on the same users.
    refused: what could not be fitted, and why."""

    candidates: tuple[Candidate, ...]
    baseline: Candidate
    winner: Candidate
    held: Held
    warmth: dict[str, dict[str, Estimate]]
    gain: dict[str, Estimate]
    refused: dict[str, str]


def cut_of(data: Interactions, split: RecommendSplit, seed: int) -> Cut:
    """The definition's way to hold rows out. Raises LabError where the rows do not allow it."""
    if split.random_per_user is not None:
        return random_cut(data.user, split.random_per_user, seed=seed)
    if split.last is not None:
        return last_cut(data.user, data.timed(), split.last)
    assert split.time is not None
    return time_cut(data.timed(), split.time)


def held_out(data: Interactions, cut: Cut, content: Content | None) -> Held:
    """The two sides of a cut, for items that somebody had before it.

    Raises LabError where nobody turned to anything new after it.
    """
    train = data.take(cut.train)
    offered = np.bincount(train.item, minlength=data.item_count) > 0
    wanted = wanted_items(data.user, data.item, cut, offered)
    history = train.among(wanted.user)
    return Held(train, history, wanted, best_sellers(train), _shelf(train, offered, content))


def fit(
    data: Interactions, content: Content | None, definition: RecommendDefinition, say: Callable[[str], None]
) -> Fitted:
    """Fit all candidates, choose by an inner cut alone, then look at the holdout.

    Raises LabError where none can be fitted.
    """
    cut = cut_of(data, definition.split, definition.seed)
    held = held_out(data, cut, content)
    inner = held_out(held.train, _inner_cut(held.train, definition.split, definition.seed), content)
    lengths = tuple(dict.fromkeys((JUDGED, *definition.k)))
    baseline = _candidate(baseline_name(data), held, Known(held.train, content, definition.seed), lengths)
    found: list[Candidate] = []
    inside: dict[str, UserMetrics] = {}
    refused: dict[str, str] = {}
    for name in definition.models:
        say(f"fitting {name}")
        try:
            model = fit_learner(name, Known(inner.train, content, definition.seed))
            inside[name] = inner.metrics(model)
            known = Known(held.train, content, definition.seed)
            found.append(_candidate(name, held, known, lengths, inside[name]))
        except LabError as error:
            refused[name] = error.found
    if not found:
        raise LabError(
            f"No candidate could be fitted: {'; '.join(f'{n}: {why}' for n, why in refused.items())}",
            "Provide more interactions, or name other models.",
        )
    winner = _chosen(found, inside)
    judged = judged_users(held.wanted.warm)
    return Fitted(
        tuple(found),
        baseline,
        winner,
        held,
        evidence_by_warmth(winner.metrics, held.shelf),
        paired_difference(winner.metrics.among(judged), baseline.metrics.among(judged)),
        refused,
    )


def checks_of(fitted: Fitted) -> list[Check]:
    """What a reader should know before believing the figures."""
    warm = fitted.held.wanted.warm
    known, share = int(warm.sum()), float(warm.mean())
    gain = fitted.gain[CHOSEN_BY]
    refused = "; ".join(f"{name}: {why}" for name, why in fitted.refused.items())
    return [
        check(
            "customers_with_history", "soft", known >= _FEWEST_USERS, float(known), _FEWEST_USERS,
            f"{known:,} of {len(warm):,} customers after the cut had bought before; figures are of them.",
        ),
        check(
            "mostly_known_customers", "soft", share >= 0.5, share, 0.5,
            "Customers without a history are offered what sells best of late, whatever the model.",
        ),
        check(
            "better_than_best_sellers", "soft", gain.low > 0, gain.value, 0.0,
            f"NDCG of ten less that of {fitted.baseline.name}: {gain.value:+.4f}, from {gain.low:+.4f} to "
            f"{gain.high:+.4f}.",
        ),
        check(
            "candidates_fitted", "soft", not refused, None, None, refused or "Every candidate was fitted."
        ),
    ]  # fmt: skip


def evidence_at(
    model: Recommender, held: Held, lengths: Sequence[int]
) -> tuple[UserMetrics, dict[str, Estimate]]:
    """User by user at ten, and the evidence of users with a history (of all where there are no two)."""
    longest = max(*lengths, JUDGED)
    lists = recommend_lists(model, held.history, held.ties, longest, held.shelf.offered)
    found: dict[str, Estimate] = {}
    for k in lengths:
        at = user_metrics(lists.item, held.wanted, held.shelf, k)
        found |= list_evidence(at.among(judged_users(held.wanted.warm)), held.shelf)
    return user_metrics(lists.item, held.wanted, held.shelf, JUDGED), found


def judged_users(warm: Bools) -> Bools:
    """Those with a history; everybody where there are no two of them."""
    return warm if warm.sum() >= 2 else np.ones(len(warm), dtype=np.bool_)


def baseline_name(data: Interactions) -> str:
    """What a recommender has to beat: what sells best of late, or ever where times are not known."""
    return "popular" if data.time is None else BASELINE


def _candidate(
    name: str, held: Held, known: Known, lengths: Sequence[int], inside: UserMetrics | None = None
) -> Candidate:
    start = time.perf_counter()
    model = fit_learner(name, known)
    seconds = time.perf_counter() - start
    metrics, evidence = evidence_at(model, held, lengths)
    loss = None if inside is None else -_mean_ndcg(inside)
    return Candidate(name, model, loss, seconds, metrics, evidence)


def _chosen(found: Sequence[Candidate], inside: dict[str, UserMetrics]) -> Candidate:
    """The best on the inner cut; the network only where it surely beats EASE there."""
    ranked = sorted(found, key=lambda one: float(one.loss or 0.0))
    if ranked[0].name == _NEURAL and _SIMPLER in inside and len(ranked) > 1:
        ours, theirs = inside[_NEURAL], inside[_SIMPLER]
        if not paired_difference(ours, theirs)[CHOSEN_BY].low > 0:
            return ranked[1]
    return ranked[0]


def _inner_cut(train: Interactions, split: RecommendSplit, seed: int) -> Cut:
    """As the holdout was cut, so that what wins inside is what the definition asks for."""
    return cut_of(train, split, seed + 1)


def _mean_ndcg(metrics: UserMetrics) -> float:
    return float(metrics.values["ndcg"][judged_users(metrics.warm)].mean())


def _shelf(train: Interactions, offered: Bools, content: Content | None) -> Shelf:
    seen = train.seen()
    popularity = np.asarray(seen.sum(axis=0)).ravel().astype(np.int64)
    users = int((np.diff(seen.indptr) > 0).sum())
    return Shelf(popularity, users, offered, None if content is None else content.vectors)
