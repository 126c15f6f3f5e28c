"""What a retention campaign earns when a model says whom to contact, in money per customer.

A contacted customer who was going to leave takes the incentive and stays with chance `acceptance`; one who
was not, takes it anyway. So a contact earns acceptance x (clv - incentive) - contact cost from a leaver and
costs incentive + contact cost with everybody else.
Source: Neslin, Gupta, Kamakura, Lu, Mason (2006), Journal of Marketing Research 43(2),
doi:10.1509/jmkr.43.2.204; Verbeke, Dejaeger, Martens, Hur, Baesens (2012), EJOR 218(1),
doi:10.1016/j.ejor.2011.09.031 (maximum profit); Verbraken, Verbeke, Baesens (2013), IEEE TKDE 25(5),
doi:10.1109/TKDE.2012.50 (expected maximum profit).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError
from retention_lab.ranks import Ranking, ranking

_CERTAINTY = 20.0  # sum of the beta distribution's parameters, as in Verbraken et al.: 6 + 14


@dataclass(frozen=True, slots=True)
class Campaign:
    """clv: what a customer who is kept is worth, or (n,) of each; contact_cost, incentive: per contact; all
    in the project's currency; acceptance: share of leavers whom the incentive keeps."""

    clv: float | Floats
    contact_cost: float
    incentive: float
    acceptance: float

    def __post_init__(self) -> None:
        clv = np.atleast_1d(np.asarray(self.clv, dtype=np.float64))
        if not (np.isfinite(clv).all() and (clv >= 0).all() and (clv > 0).any()):
            raise LabError(
                "A customer's value is missing, infinite or below 0, or nobody has any.",
                "Correct `profit.clv`.",
            )
        if min(self.contact_cost, self.incentive) < 0 or not 0 < self.acceptance <= 1:
            raise LabError(
                f"A contact costs {self.contact_cost}, the incentive {self.incentive}, and a share of "
                f"{self.acceptance} accepts it.",
                "Give costs from 0 on, and a share above 0, at most 1.",
                key="profit",
            )

    @property
    def gain(self) -> float | Floats:
        """Expected gain of contacting one who is leaving."""
        return self.acceptance * (self.clv - self.incentive) - self.contact_cost

    @property
    def loss(self) -> float:
        """What it costs to contact one who stays anyway."""
        return self.incentive + self.contact_cost

    def expected(self, probability: Floats) -> Floats:
        """(n,) expected profit of contacting each customer."""
        return np.asarray(probability * self.gain - (1 - probability) * self.loss, dtype=np.float64)

    @property
    def average(self) -> "Campaign":
        """The same with one value for everybody, which the two criteria are defined for."""
        return Campaign(float(np.mean(self.clv)), self.contact_cost, self.incentive, self.acceptance)


def contacted(probability: Floats, campaign: Campaign) -> Bools:
    """(n,) whom the probabilities say to contact: those whose expected profit is above 0."""
    return np.asarray(campaign.expected(probability) > 0, dtype=np.bool_)


def profit_terms(left: Floats, contact: Bools, campaign: Campaign) -> Floats:
    """(n,) expected profit of each customer given who left; their mean is the profit per customer."""
    earned = np.where(left == 1, campaign.gain, -campaign.loss)
    return np.asarray(np.where(contact, earned, 0.0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Criterion:
    """value: profit per customer; share: of the customers contacted; terms: (n,) whose mean is the value and
    whose spread is its uncertainty, the choice of the threshold taken as given: it is the best one, so moving
    it a little changes nothing."""

    value: float
    share: float
    terms: Floats


def maximum_profit(left: Floats, score: Floats, campaign: Campaign) -> Criterion:
    """Profit per customer at the best threshold on these very rows (MPC); 0 where contacting nobody is best.

    Of any score that ranks. A threshold picked on the rows that judge it flatters, by some 2 % on
    800 customers and by little on thousands.

    >>> campaign = Campaign(clv=200, contact_cost=1, incentive=10, acceptance=0.3)
    >>> maximum_profit(np.array([1.0, 0.0]), np.array([0.9, 0.1]), campaign).value
    28.0
    """
    order, one = ranking(score), campaign.average
    earned = profit_terms(left, np.ones(len(left), dtype=np.bool_), one)[order.row]
    total = np.concatenate([[0.0], np.cumsum(order.sums(earned))])
    best = int(np.argmax(total))
    rows = int(order.end[best - 1]) if best else 0
    terms = order.by_row(np.where(np.arange(len(left)) < rows, earned, 0.0))
    return Criterion(float(total[best]) / len(left), rows / len(left), terms)


def expected_maximum_profit(
    left: Floats, score: Floats, campaign: Campaign, certainty: float = _CERTAINTY
) -> Criterion:
    """As `maximum_profit`, averaged over an acceptance that is not known exactly (EMPC).

    The acceptance follows a beta distribution with the campaign's as its mean, and parameters that sum to
    `certainty`; for each acceptance the best threshold is used, which lies on the convex hull of the ROC
    curve.

    >>> campaign = Campaign(clv=200, contact_cost=1, incentive=10, acceptance=0.3)
    >>> perfect = expected_maximum_profit(np.array([1.0, 0.0]), np.array([0.9, 0.1]), campaign)
    >>> f"{perfect.value:.3f}"
    '28.000'
    """
    order, one = ranking(score), campaign.average
    if one.acceptance == 1:  # there is nothing to be unsure of
        return maximum_profit(left, score, one)
    y = left[order.row]
    if y.min() == y.max():
        raise LabError("Nobody left, or everybody did: no threshold tells them apart.", "Provide more rows.")
    ends = _hull(order, y)
    alpha, beta = certainty * one.acceptance, certainty * (1 - one.acceptance)
    leavers = np.diff(np.concatenate([[0.0], np.cumsum(y)[ends - 1]]))
    stayers = np.diff(np.concatenate([[0.0], np.cumsum(1 - y)[ends - 1]]))
    reach = float(one.clv) - one.incentive
    with np.errstate(divide="ignore", invalid="ignore"):
        least = (leavers * one.contact_cost + stayers * one.loss) / (leavers * reach)
    least = np.clip(np.where(leavers > 0, least, 1.0), 0.0, 1.0)  # acceptance from which it is contacted
    often = 1 - betainc(alpha, beta, least)
    partly = one.acceptance * (1 - betainc(alpha + 1, beta, least))
    segment = np.searchsorted(ends, np.arange(len(y)), side="right")
    earned = np.where(
        y == 1, reach * partly[segment] - one.contact_cost * often[segment], -one.loss * often[segment]
    )
    share = float(np.mean(often[segment]))
    return Criterion(float(np.mean(earned)), share, order.by_row(np.asarray(earned)))


def _hull(order: Ranking, y: Floats) -> np.ndarray:
    """Last places + 1 of the segments of the ROC curve's upper convex hull, best scores first."""
    x = np.cumsum(order.sums(1 - y))
    height = np.cumsum(order.sums(y))
    kept: list[tuple[float, float, int]] = [(0.0, 0.0, 0)]
    for a, b, end in zip(x, height, order.end, strict=True):
        while len(kept) > 1 and _turns_up(kept[-2], kept[-1], (a, b)):
            kept.pop()
        kept.append((float(a), float(b), int(end)))
    return np.array([end for _, _, end in kept[1:]])


def _turns_up(one: tuple[float, float, int], two: tuple[float, float, int], new: tuple[float, float]) -> bool:
    return (two[0] - one[0]) * (new[1] - one[1]) >= (two[1] - one[1]) * (new[0] - one[0])
