"""What a campaign caused: measured on its randomised rows, by assignment, against no offer for all.

Each customer who got an offer is compared with customers who had the same chances and got none. Where
chances differ (the policy's choice shifts them), customers are compared within groups of equal odds of an
offer, and a customer without one stands for as many with one as the odds say.
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.targeting.skewed import Comparison, total_difference

LEAST_WITHOUT = 20  # rows without an offer in a group of their own; smaller groups join the next


@dataclass(frozen=True, slots=True)
class CampaignRows:
    """One row per assigned customer, with what followed within the horizon; arrays of length n.

    arm: drawn, 0 = none. intended: the policy's choice. role: policy, exploration or holdout.
    propensity: (n, K + 1) logged, none first. contribution, redemption_cost, contact_cost: money.
    covariates: (n, d), known before assignment (past revenue, a prediction of contribution under none, …), or
    None. They narrow the intervals and bias nothing, since the draw did not look at them within a group.
    """

    arm: Ints
    intended: Ints
    role: np.ndarray
    propensity: Floats
    contribution: Floats
    redemption_cost: Floats
    contact_cost: Floats
    covariates: Floats | None = None

    def part(self, rows: np.ndarray) -> "CampaignRows":
        """The same for some of the customers."""
        known = None if self.covariates is None else self.covariates[rows]
        return CampaignRows(
            self.arm[rows],
            self.intended[rows],
            self.role[rows],
            self.propensity[rows],
            self.contribution[rows],
            self.redemption_cost[rows],
            self.contact_cost[rows],
            known,
        )

    @property
    def cost(self) -> Floats:
        """(n,) money spent on each row, beyond what the contribution already lacks."""
        return self.redemption_cost + self.contact_cost


@dataclass(frozen=True, slots=True)
class OfferResult:
    """What one offer caused among the customers who drew it; see `Measured` for the totals."""

    arm: int
    rows: int
    incremental_contribution: Estimate | None
    cost: Estimate
    profit: Estimate | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Measured:
    """Totals over all assigned rows as drawn, in money, against none for all.

    cost is what was spent, a fact without an interval. roi is profit per money spent; None where nothing was.
    """

    incremental_contribution: Estimate
    cost: Estimate
    profit: Estimate
    roi: Estimate | None
    per_offer: tuple[OfferResult, ...]


@dataclass(frozen=True, slots=True)
class GroupResult:
    """Totals of one group of customers, as `Measured` has them of all; or None with the reason."""

    name: str
    rows: int
    incremental_contribution: Estimate | None
    cost: Estimate
    profit: Estimate | None
    reason: str | None


def measure(rows: CampaignRows, *, confidence: float = 0.95) -> Measured:
    """Incremental contribution, cost, profit and return, in all and by offer drawn.

    The intervals are built for spend that few customers have and that varies much between those: `skewed`.
    Raises LabError where no customer got an offer, or fewer than 20 without one can stand for those who did.
    """
    check_rows(rows)
    treated = rows.arm > 0
    contribution = increment(rows, rows.contribution, treated, confidence=confidence)
    profit = increment(rows, rows.contribution, treated, cost=rows.cost, confidence=confidence)
    spent = fact(float(rows.cost.sum()))
    roi = profit.scaled(1 / spent.value) if spent.value > 0 else None
    offers = tuple(_offer(rows, arm, confidence) for arm in range(1, rows.propensity.shape[1]))
    return Measured(contribution, spent, profit, roi, offers)


def increment(
    rows: CampaignRows,
    outcome: Floats,
    treated: Bools,
    *,
    cost: Floats | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Total over `treated` rows of an outcome (contribution, revenue, orders, …) less the same under none.

    outcome: (n,). treated: (n,) rows of one offer or of several. cost: (n,) taken off the treated rows.
    """
    comparison = compare(rows, outcome, treated, np.zeros(len(outcome)) if cost is None else cost)
    return total_difference(comparison, confidence=confidence)


def compare(rows: CampaignRows, outcome: Floats, treated: Bools, cost: Floats) -> Comparison:
    """The treated rows, and the rows without an offer that could have been treated, in groups of equal odds.

    Raises LabError where nobody was treated, or fewer than 20 rows without an offer could have been.
    """
    arms = np.unique(rows.arm[treated])
    chance, none = rows.propensity[:, arms].sum(axis=1), rows.propensity[:, 0]
    used = treated | ((rows.arm == 0) & (chance > 0))
    without = used & ~treated
    if not treated.any() or without.sum() < LEAST_WITHOUT:
        raise LabError(
            f"{int(treated.sum())} customers got the offer and {int(without.sum())} without one can be "
            f"compared with them; {LEAST_WITHOUT} are the least.",
            "Measure after a launch with a larger holdout.",
        )
    odds = (chance[used] / none[used]).round(9)
    group = _groups(odds, treated[used])
    weight = np.where(treated[used], 1.0, _normalised(odds, treated[used], group))
    covariates = None if rows.covariates is None else rows.covariates[used]
    adjusted = without_covariates(outcome[used], covariates, treated[used], group)
    return Comparison(adjusted, cost[used], treated[used], weight, group)


def check_rows(rows: CampaignRows) -> None:
    """Refuse what no campaign can have logged.

    Raises LabError with the first wrong row: propensities that are no probabilities, an arm drawn that could
    not be drawn, an amount that is missing or infinite.
    """
    n = len(rows.arm)
    total = rows.propensity.sum(axis=1)
    received = rows.propensity[np.arange(n), rows.arm]
    wrong = (np.abs(total - 1) > 1e-6) | (rows.propensity < 0).any(axis=1) | ~(received > 0)
    if wrong.any():
        raise LabError(
            f"The propensities of row {int(np.argmax(wrong))} do not sum to one, or give its arm no chance.",
            "Use the propensities that the launch logged.",
        )
    for name in ("contribution", "redemption_cost", "contact_cost"):
        missing = ~np.isfinite(getattr(rows, name))
        if missing.any():
            raise LabError(
                f"{name} of row {int(np.argmax(missing))} is missing or infinite.",
                "A customer without transactions has 0; correct the table.",
            )
    if rows.covariates is not None and not np.isfinite(rows.covariates).all():
        raise LabError("A covariate is missing or infinite.", "Fill it, or leave the column out.")


def _offer(rows: CampaignRows, arm: int, confidence: float) -> OfferResult:
    drawn = rows.arm == arm
    spent = fact(float(rows.cost[drawn].sum()))
    try:
        contribution = increment(rows, rows.contribution, drawn, confidence=confidence)
        profit = increment(rows, rows.contribution, drawn, cost=rows.cost, confidence=confidence)
    except LabError as error:
        return OfferResult(arm, int(drawn.sum()), None, spent, None, error.found)
    return OfferResult(arm, int(drawn.sum()), contribution, spent, profit, None)


def _groups(odds: Floats, treated: Bools) -> Ints:
    """Rows of equal odds; a group with too few rows without an offer, or none with one, joins the next."""
    levels, code = np.unique(odds, return_inverse=True)
    with_offer = np.bincount(code, treated, len(levels))
    without = np.bincount(code, ~treated, len(levels))
    group = np.zeros(len(levels), dtype=np.int64)
    now, held, offered = 0, 0.0, 0.0
    for level in range(len(levels)):
        full = held >= LEAST_WITHOUT and offered > 0
        if full and without[level:].sum() >= LEAST_WITHOUT and with_offer[level:].sum() > 0:
            now, held, offered = now + 1, 0.0, 0.0
        group[level] = now
        held, offered = held + without[level], offered + with_offer[level]
    return np.asarray(group[code], dtype=np.int64)


def _normalised(odds: Floats, treated: Bools, group: Ints) -> Floats:
    """Odds of rows without an offer, scaled to sum to the number with one in their group."""
    size = int(group.max()) + 1
    total = np.bincount(group, np.where(treated, 0.0, odds), size)
    return np.asarray(odds * (np.bincount(group, treated, size) / total)[group], dtype=np.float64)


def without_covariates(outcome: Floats, covariates: Floats | None, treated: Bools, group: Ints) -> Floats:
    """Outcome less its linear part in the covariates, centred: one slope for all, seen within group and arm.

    Source: Lin (2013), Annals of Applied Statistics 7(1), doi:10.1214/12-AOAS583.
    """
    if covariates is None or covariates.shape[1] == 0:
        return outcome
    cell = 2 * group + treated
    inside = covariates - _cell_means(covariates, cell)
    scale = inside.std(axis=0)
    varying = scale > 1e-12
    if not varying.any():
        return outcome
    standard = inside[:, varying] / scale[varying]
    centred = outcome - _cell_means(outcome[:, None], cell)[:, 0]
    slope = np.linalg.lstsq(standard, centred, rcond=1e-8)[0]
    level = (covariates - covariates.mean(axis=0))[:, varying] / scale[varying]
    return np.asarray(outcome - level @ slope, dtype=np.float64)


def _cell_means(values: Floats, cell: Ints) -> Floats:
    size = np.bincount(cell).clip(1)
    means = np.column_stack([np.bincount(cell, column) / size for column in values.T])
    return np.asarray(means[cell], dtype=np.float64)


def fact(value: float) -> Estimate:
    """What was counted and not estimated: an interval of one point."""
    return Estimate(value, 0.0, value, value, None)
