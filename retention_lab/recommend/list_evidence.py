"""The metrics of lists with intervals over users, warm and cold users apart, and models side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate
from retention_lab.recommend.list_metrics import (
    Shelf,
    average_precision,
    diversity,
    found,
    hit,
    ndcg,
    novelty,
    popular_share,
    recall,
)
from retention_lab.recommend.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Resampling:
    """How intervals are made: so many draws of as many users as there are, with that seed."""

    draws: int = 1_000
    seed: int = 0
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class UserMetrics:
    """The metrics of lists of length k, user by user.

    values: (u,) each; NaN where a user has none, as the novelty of an empty list. lists: (u, k).
    """

    k: int
    values: Mapping[str, Floats]
    lists: Ints
    warm: Bools

    def among(self, chosen: Bools) -> "UserMetrics":
        """Those of the users that `chosen`, (u,), marks."""
        values = {name: value[chosen] for name, value in self.values.items()}
        return UserMetrics(self.k, values, self.lists[chosen], self.warm[chosen])


def user_metrics(lists: Ints, wanted: Wanted, shelf: Shelf, k: int | None = None) -> UserMetrics:
    """Every metric of the first k places, user by user; diversity where the shelf knows what items are like.

    lists: (u, at least k), one for each user of `wanted`, in that order; k None: their whole length.
    Raises LabError where the lists are shorter than k, or are not these users'.
    """
    k = lists.shape[1] if k is None else k
    if k < 1 or lists.shape[1] < k:
        raise LabError(
            f"Lists of {lists.shape[1]} items cannot be judged at {k}.",
            "Recommend that many, or judge at fewer.",
            key="k",
        )
    first = np.asarray(lists[:, :k], dtype=np.int64)
    hits = found(first, wanted)
    values = {
        "recall": recall(hits, wanted),
        "ndcg": ndcg(hits, wanted),
        "map": average_precision(hits, wanted),
        "hit": hit(hits),
        "novelty": novelty(first, shelf),
        "popular_share": popular_share(first, shelf),
    }
    if shelf.vectors is not None:
        values["diversity"] = diversity(first, shelf)
    return UserMetrics(k, values, first, wanted.warm)


def list_evidence(
    metrics: UserMetrics, shelf: Shelf, resampling: Resampling | None = None
) -> dict[str, Estimate]:
    """Each metric's mean over users, `<metric>_at_<k>`, with its bootstrap percentile interval.

    Coverage is the share of the items on offer that any list holds. A resample of users holds fewer different
    lists than there are and so covers less: its interval is the resamples' spread, moved back to the value.
    A metric that no user has is left out.
    Raises LabError with fewer than two users.
    Source: Efron and Tibshirani (1993), "An introduction to the bootstrap", chapter 13.
    """
    rule = resampling or Resampling()
    users = len(metrics.lists)
    if users < 2:
        raise LabError(
            f"Lists of {users} users show no spread, so no interval can be given.",
            "Provide at least two users with something to find after the cut.",
        )
    known = {name: value for name, value in metrics.values.items() if not np.isnan(value).all()}
    table = np.column_stack(list(known.values()))
    means, covered = _resampled(table, metrics.lists, len(shelf.popularity), rule)
    result = {
        f"{name}_at_{metrics.k}": _percentile(float(np.nanmean(value)), means[:, j], rule.confidence)
        for j, (name, value) in enumerate(known.items())
    }
    share = len(np.unique(metrics.lists[metrics.lists >= 0])) / int(shelf.offered.sum())
    shares = covered / int(shelf.offered.sum())
    result[f"coverage_at_{metrics.k}"] = _clipped(
        _percentile(share, shares - shares.mean() + share, rule.confidence)
    )
    return result


def evidence_by_warmth(
    metrics: UserMetrics, shelf: Shelf, resampling: Resampling | None = None
) -> dict[str, dict[str, Estimate]]:
    """The evidence of users with a history before the cut and of those without, each where there are two."""
    groups = {"warm": metrics.warm, "cold": ~metrics.warm}
    return {
        name: list_evidence(metrics.among(chosen), shelf, resampling)
        for name, chosen in groups.items()
        if chosen.sum() >= 2
    }


def paired_difference(
    ours: UserMetrics, theirs: UserMetrics, *, confidence: float = 0.95
) -> dict[str, Estimate]:
    """Each metric of our lists less that of theirs, on the same users; p-value against 0.

    Users whom both lists serve equally well cost nothing: the interval is of the differences.
    Raises LabError when the metrics are of different users or lengths.
    """
    if ours.k != theirs.k or len(ours.lists) != len(theirs.lists):
        raise LabError(
            f"Lists of {len(ours.lists)} users at {ours.k} and of {len(theirs.lists)} at {theirs.k} "
            "cannot be paired.",
            "Judge both models on the same users and at the same length.",
        )
    result = {}
    for name in (one for one in ours.values if one in theirs.values):
        gap = ours.values[name] - theirs.values[name]
        gap = gap[~np.isnan(gap)]
        if len(gap) >= 2:
            result[f"{name}_at_{ours.k}"] = mean_estimate(gap, confidence=confidence)
    return result


def _resampled(table: Floats, lists: Ints, items: int, rule: Resampling) -> tuple[Floats, Floats]:
    """(draws, metrics) means over resampled users, and (draws,) how many items their lists hold."""
    rng = np.random.default_rng(rule.seed)
    users = len(table)
    there = ~np.isnan(table)
    both = np.column_stack([np.where(there, table, 0.0), there])
    sums = np.empty((rule.draws, both.shape[1]))
    covered = np.empty(rule.draws)
    places = np.where(lists < 0, items, lists)
    for draw in range(rule.draws):
        times = np.bincount(rng.integers(0, users, users), minlength=users)
        sums[draw] = times @ both
        held = np.zeros(items + 1, dtype=np.bool_)
        held[places[times > 0]] = True
        covered[draw] = held[:items].sum()
    metrics = table.shape[1]
    means = np.full((rule.draws, metrics), np.nan)
    np.divide(sums[:, :metrics], sums[:, metrics:], out=means, where=sums[:, metrics:] > 0)
    return means, covered


def _percentile(value: float, draws: Floats, confidence: float) -> Estimate:
    tail = 50 * (1 - confidence)
    low, high = np.nanpercentile(draws, [tail, 100 - tail])
    return Estimate(value, float(np.nanstd(draws, ddof=1)), float(low), float(high))


def _clipped(one: Estimate) -> Estimate:
    return Estimate(one.value, one.se, max(one.low, 0.0), min(one.high, 1.0))
