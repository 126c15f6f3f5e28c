"""What another way to recommend would have earned, from what was shown at random and what came of it.

Held-out lists ask what customers took of themselves; this asks what they took because it was shown. It needs
a log of what was shown and of the probability with which it was, and some chance for everything.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate
from retention_lab.off_policy import self_normalised_value, weighted_value


@dataclass(frozen=True, slots=True)
class ShownLog:
    """One row for each item that was shown to a user, in one place of a page.

    user: (n,) rows of the lists; item: (n,) codes; propensity: (n,) with which just this item was shown
    there; outcome: (n,) in its own unit, a click or money.
    """

    user: Ints
    item: Ints
    propensity: Floats
    outcome: Floats


@dataclass(frozen=True, slots=True)
class ListValue:
    """Value per shown item of showing, at random, one of the items of a user's list.

    weighted: unbiased, and noisy; self_normalised: slightly biased, steadier; doubly_robust: what a model
    expects, corrected by where it was wrong, None without one. effective_rows: how many rows of equal weight
    would say as much (Kish 1965, "Survey sampling", chapter 8).
    """

    weighted: Estimate
    self_normalised: Estimate
    doubly_robust: Estimate | None
    effective_rows: float


def list_value(
    log: ShownLog, lists: Ints, predict: Callable[[Ints, Ints], Floats] | None = None
) -> ListValue:
    """What the lists would have earned, with 95 % intervals; rows of one user count as one draw.

    lists: (users, k), -1 where there is none; with k = 1 the policy shows its first choice. predict: outcome
    that a model, fitted on other rows, expects of (m,) users and items. Lists must not have been made from
    these outcomes. A page of several places is several rows, where what comes of one depends on its own item
    and place alone.
    Raises LabError where the log showed nothing of the lists, a propensity is none, or a list is empty.
    Source: Li, Chu, Langford, Wang (2011), WSDM, doi:10.1145/1935826.1935878; Dudík, Erhan, Langford, Li
    (2014), Statistical Science 29(4), doi:10.1214/14-STS500.
    """
    own = lists[log.user]
    size = (own >= 0).sum(axis=1)
    if not size.all():
        raise LabError(
            f"{int((size == 0).sum())} rows are of users with an empty list, whose value nobody knows.",
            "Fill lists up with what is popular.",
        )
    _require_propensities(log.propensity)
    wanted = (own == log.item[:, None]).any(axis=1) / size
    weight = wanted / log.propensity
    # what was shown is one arm, and everything else in the catalogue the other
    shown = np.zeros(len(log.item), dtype=np.int64)
    logged, policy = (np.column_stack([share, 1 - share]) for share in (log.propensity, wanted))
    robust = None
    if predict is not None:
        wrong = log.outcome - predict(log.user, log.item)
        expected = _expected(log.user, own, size, predict)
        robust = mean_estimate(np.asarray(expected + weight * wrong, dtype=np.float64), log.user)
    return ListValue(
        weighted=weighted_value(log.outcome, shown, logged, policy, log.user),
        self_normalised=self_normalised_value(log.outcome, shown, logged, policy, log.user),
        doubly_robust=robust,
        effective_rows=float(np.sum(weight)) ** 2 / float(np.sum(weight**2)),
    )


def _require_propensities(propensity: Floats) -> None:
    fine = (propensity > 0) & (propensity <= 1)
    if not fine.all():
        raise LabError(
            f"Row {int(np.argmin(fine)) + 1} of {len(fine)} was shown with a probability that cannot be.",
            "Log the probability with which each item is shown, when it is shown.",
            key="propensity",
        )


def _expected(user: Ints, own: Ints, size: Ints, predict: Callable[[Ints, Ints], Floats]) -> Floats:
    """(n,) mean prediction over the items of each row's list."""
    row, place = np.nonzero(own >= 0)
    total = np.bincount(row, weights=predict(user[row], own[row, place]), minlength=len(own))
    return np.asarray(total / size, dtype=np.float64)
