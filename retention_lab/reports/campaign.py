"""What a campaign report says, as plain values that must add up."""

from dataclasses import dataclass, field
from datetime import date

from retention_lab.checks import Check, hard_failures
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.reports.charts.waterfall import adds_up
from retention_lab.reports.parts import Origin


@dataclass(frozen=True, slots=True)
class Money:
    """Where the money went, over all assigned customers against none; every cost is a positive sum.

    incremental_revenue: amount paid plus discount (before coupons), beyond the holdout; None where only
        contribution is known, and then cost_of_goods is None too.
    discount: money taken off by offers, beyond the holdout; already missing from incremental contribution.
    discount_anyway: the part of it that went to customers who would have bought anyway; None where unknown.
    redemption_cost: what redemptions cost beyond the discount (points, gifts, postage).
    contact_cost: what messages cost.

    incremental contribution = incremental_revenue - cost_of_goods - discount
    profit = incremental contribution - redemption_cost - contact_cost
    """

    incremental_revenue: float | None
    cost_of_goods: float | None
    discount: float
    discount_anyway: float | None
    redemption_cost: float
    contact_cost: float


@dataclass(frozen=True, slots=True)
class OfferResult:
    """One offer, segment or tenth: its customers, and its profit over all of them (project currency).

    profit None: could not be computed, and reason says why.
    """

    offer: str
    customers: int
    profit: Estimate | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """Another way of choosing, and what the plan says it would have earned.

    name: everyone, risk_only, response_only, random, nobody; other names are shown as they are.
    """

    name: str
    profit: Estimate


@dataclass(frozen=True, slots=True)
class Budget:
    """Expected profit by budget, ascending, in the project's currency.

    planned: the campaign's own budget; random: (budget, expected profit) of random customers.
    together: the points' intervals are a band, which holds at all budgets at once. recommended: a budget
    that was chosen on some rows, and its profit on others; None: not split.
    """

    points: tuple[tuple[float, Estimate], ...]
    planned: float
    random: tuple[tuple[float, float], ...] = ()
    together: bool = False
    recommended: tuple[float, Estimate] | None = None

    @property
    def best(self) -> tuple[float, Estimate]:
        """The recommended budget; else the smallest with the highest expected profit on the curve."""
        return self.recommended or max(self.points, key=lambda point: (point[1].value, -point[0]))


@dataclass(frozen=True, slots=True)
class Groups:
    """Shares of the audience in the four groups, as the model estimates them; they come to 1."""

    persuadable: float
    sure_thing: float
    lost_cause: float
    sleeping_dog: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What only a simulation knows: true expected profit of what was drawn, and of other ways by their names.

    ways may hold `oracle`, the best that perfect knowledge allows under the same budget.
    """

    profit: float
    ways: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """Everything the page says; None leaves a part out. Money is in `currency`.

    campaign: the definition's name; experiment: the launch; title: as people say it ("": the launch).
    first_day, last_day: the horizon, both days included.
    customers: all assigned, holdout included; holdout: those left alone.
    roi: profit per unit of cost; extra_customers: customers who bought, beyond the holdout (a count).
    expected: the plan's expected profit; policy_vs_random: profit per customer of the policy's choices less
    that of random offers. segments, tenths: customers known apart before the draw, tenths by what the plan
    expected of them, the highest first, called 1 to 10. uplift: the model definition's name, for the retrain
    command. gate_passed: whether the model that chose still passes its gate; None where that is not known.
    """

    campaign: str
    experiment: str
    currency: str
    first_day: date
    last_day: date
    customers: int
    holdout: int
    trustworthy: bool
    checks: tuple[Check, ...]
    profit: Estimate
    incremental_contribution: Estimate
    title: str = ""
    channel: str | None = None
    confidence: float = 0.95
    roi: Estimate | None = None
    extra_customers: Estimate | None = None
    money: Money | None = None
    offers: tuple[OfferResult, ...] = ()
    segments: tuple[OfferResult, ...] = ()
    tenths: tuple[OfferResult, ...] = ()
    expected: Estimate | None = None
    policy_vs_random: Estimate | None = None
    baselines: tuple[Way, ...] = ()
    budget: Budget | None = None
    groups: Groups | None = None
    truth: Truth | None = None
    uplift: str | None = None
    gate_passed: bool | None = None
    origin: Origin = field(default_factory=Origin)

    def __post_init__(self) -> None:
        _refuse_unequal_sums(self)
        failed = hard_failures(self.checks)
        if self.trustworthy and failed:
            raise LabError(
                f"The result is called trustworthy, but a hard check failed: {', '.join(failed)}.",
                "Call it untrustworthy, or make the check a soft one.",
            )
        if not 0 < self.holdout < self.customers:
            raise LabError(
                f"{self.holdout} of {self.customers} customers were left alone, so nothing can be compared.",
                "Measure a campaign that has both a holdout and customers with offers.",
            )


def _refuse_unequal_sums(report: CampaignReport) -> None:
    money = report.money
    if money is None:
        return
    if (money.incremental_revenue is None) != (money.cost_of_goods is None):
        raise LabError(
            "Extra revenue and cost of goods come together: one alone cannot lead to the profit.",
            "Give both, or neither.",
        )
    if money.discount_anyway is not None and not 0 <= money.discount_anyway <= max(money.discount, 0.0):
        raise LabError(
            f"Coupons of customers who would have bought anyway ({money.discount_anyway!r}) are no part of "
            f"all coupons ({money.discount!r}).",
            "Give the part that lies between 0 and all coupons, or None where it is unknown.",
        )
    contribution = report.incremental_contribution.value
    costs = [money.redemption_cost, money.contact_cost]
    _refuse_gap("profit", contribution - sum(costs), report.profit.value, [contribution, *costs])
    if money.incremental_revenue is not None and money.cost_of_goods is not None:
        parts = [money.incremental_revenue, -money.cost_of_goods, -money.discount]
        _refuse_gap("incremental contribution", sum(parts), contribution, parts)


def _refuse_gap(name: str, reached: float, stated: float, parts: list[float]) -> None:
    if not adds_up(reached, stated, parts):
        raise LabError(
            f"The parts come to {reached!r}, but the {name} is {stated!r}: the bars would not add up.",
            "Compute the parts and the total from the same assignment rows.",
        )
