"""Measures of a classifier's probabilities, each as the mean of (n,) terms: their spread is its uncertainty.

Where a measure is a plain mean (accuracy, Brier score, log loss) the terms are what is averaged; where it is
a ratio or a rank statistic they are its value plus each row's influence. So one function gives every
interval, for units of several rows too, and the difference of two models is that of their terms.
Source of the influence: Hampel (1974), JASA 69(346), doi:10.1080/01621459.1974.10482962; for the AUC it is
the variance of DeLong, DeLong, Clarke-Pearson (1988), Biometrics 44(3), doi:10.2307/2531595.

label: (n,) 0 or 1; probability: (n,), by a model that has not seen these rows.
"""

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.ranks import Ranking, ranking

_EDGE = 1e-15


def accuracy_terms(label: Floats, probability: Floats, threshold: float = 0.5) -> Floats:
    """Share of rows of which the right thing was said."""
    return np.asarray((probability >= threshold) == (label == 1), dtype=np.float64)


def brier_terms(label: Floats, probability: Floats) -> Floats:
    """Squared error of the probability. Source: Brier (1950), Monthly Weather Review 78(1)."""
    return np.asarray((probability - label) ** 2, dtype=np.float64)


def log_loss_terms(label: Floats, probability: Floats) -> Floats:
    """Minus the log of the probability that was given to what happened."""
    p = np.clip(probability, _EDGE, 1 - _EDGE)
    return np.asarray(-np.where(label == 1, np.log(p), np.log1p(-p)), dtype=np.float64)


def precision_terms(label: Floats, probability: Floats, threshold: float = 0.5) -> Floats:
    """Share of positives among those called positive. Raises LabError where nobody is."""
    called = (probability >= threshold).astype(np.float64)
    if not called.any():
        raise LabError(
            f"No probability reaches {threshold}, so there is no precision.", "Set a lower threshold."
        )
    return _ratio(called * label, called)


def recall_terms(label: Floats, probability: Floats, threshold: float = 0.5) -> Floats:
    """Share of the positives who are called so."""
    called = (probability >= threshold).astype(np.float64)
    return _ratio(called * label, _with_both(label))


def f1_terms(label: Floats, probability: Floats, threshold: float = 0.5) -> Floats:
    """Harmonic mean of precision and recall."""
    called = (probability >= threshold).astype(np.float64)
    return _ratio(2 * called * label, called + _with_both(label))


def auc_terms(label: Floats, probability: Floats) -> Floats:
    """Chance that a positive ranks above a negative, ties counting half."""
    order = ranking(probability)
    y = _with_both(label)[order.row]
    positives, negatives = order.sums(y), order.sums(1 - y)
    above = np.cumsum(positives) - positives / 2  # positives who rank above a run, half of its own
    below = negatives.sum() - np.cumsum(negatives) + negatives / 2
    share = float(y.mean())
    value = float(np.sum(positives * below)) / (positives.sum() * negatives.sum())
    placed = np.where(
        y == 1,
        (order.spread(below) / negatives.sum() - value) / share,
        (order.spread(above) / positives.sum() - value) / (1 - share),
    )
    return order.by_row(value + placed)


def average_precision_terms(label: Floats, probability: Floats) -> Floats:
    """Mean precision at the positives' own ranks; scores that tie are called together."""
    order = ranking(probability)
    y = _with_both(label)[order.row]
    n, total = len(y), float(y.sum())
    in_run = order.sums(y)
    hits, called = np.cumsum(in_run), order.end.astype(np.float64)
    precision = hits / called
    value = float(np.sum(in_run * precision)) / total
    # one more row at a rank adds a call, and perhaps a hit, to every run from there down
    gains = np.cumsum((in_run / called)[::-1])[::-1]
    costs = np.cumsum((in_run * hits / called**2)[::-1])[::-1]
    own = y * (order.spread(precision) - value)
    others = y * order.spread(gains) - order.spread(costs)
    return order.by_row(np.asarray(value + n / total * (own + others), dtype=np.float64))


def lift_terms(label: Floats, probability: Floats, share: float) -> Floats:
    """How many times as many positives the best `share` holds as a random one of its size.

    A tie at the cut is taken in part. Raises LabError when the share is not above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise LabError(f"A share of {share} of the rows was asked for.", "Give one above 0, at most 1.")
    order = ranking(probability)
    y = _with_both(label)[order.row]
    inside, at_cut = _top(order, share), _rate_at_cut(order, y, share)
    held = inside * (y - at_cut) + share * at_cut  # a row inside the cut pushes another out
    rate = float(y.mean())
    value = float(held.mean()) / share / rate
    return order.by_row(np.asarray(value + (held / share - value * y) / rate, dtype=np.float64))


def _top(order: Ranking, share: float) -> Floats:
    """(n,) by place: 1 within the best share, a part in the run that ties at the cut."""
    inside = np.zeros(len(order))
    cut = order.run_at(share)
    start, end = int(order.start[cut]), int(order.end[cut])
    inside[:start] = 1.0
    inside[start:end] = min(1.0, (share - order.above[cut]) / (order.through[cut] - order.above[cut]))
    return inside


def _rate_at_cut(order: Ranking, y: Floats, share: float) -> float:
    return float(np.mean(y[order.near(share, 0.05)])) if share < 1 else 0.0


def _ratio(above: Floats, below: Floats) -> Floats:
    size = float(below.mean())
    value = float(above.mean()) / size
    return np.asarray(value + (above - value * below) / size, dtype=np.float64)


def _with_both(label: Floats) -> Floats:
    if label.min(initial=1.0) == label.max(initial=0.0):
        raise LabError(
            f"All {len(label)} rows have the same label, so nothing can be ranked.",
            "Provide rows of both, positives and negatives.",
        )
    return label
