"""Candidates of a value model, chosen inside the calibration, and judged on what came after it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.checks import Check, check
from retention_lab.clv.balanced import balanced_forecast
from retention_lab.clv.history import History
from retention_lab.clv.learners import Model, Window, fit_learner, forecast
from retention_lab.clv.metrics import accuracy, coverage, error_difference
from retention_lab.clv.newton import at_edge
from retention_lab.clv.predictive import ENOUGH_CUSTOMERS, purchase_interval
from retention_lab.clv.purchase_days import PurchaseDays
from retention_lab.clv.purchases import PurchaseModel
from retention_lab.clv.same_rate import SameRate
from retention_lab.clv.scorer import ClvScorer, Columns
from retention_lab.clv.value_model import spending_of
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

BASELINES = ("same_rate", "long_term_rate")
_EARLIER = (0.5, 0.75)  # of the calibration: where models are fitted to be compared
_CORRELATED = 0.3
_OFF = 0.1  # of the total
_FEWEST_REPEATERS = 100
_MOST = 20_000  # customers whose distributions are looked at


@dataclass(frozen=True, slots=True)
class Question:
    """window: what candidates may see. end: the last day of the log. horizon_days, discount_rate_year: as
    the definition has them."""

    window: Window
    end: int
    horizon_days: int
    discount_rate_year: float
    columns: Columns


@dataclass(frozen=True, slots=True)
class Held:
    """What came after a version's calibration: the history before, and (n,) purchases and money until `t`
    units later, of customers known at its end."""

    history: History
    t: float
    purchases: Floats
    value: Floats


@dataclass(frozen=True, slots=True)
class Candidate:
    """loss: absolute error over that of the same rate, on earlier cuts; None for a baseline. evidence: on
    the holdout."""

    name: str
    scorer: ClvScorer
    loss: float | None
    seconds: float
    evidence: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Fitted:
    """winner: the candidate with the least loss. baselines: for comparison, never registered. refused: what
    could not be fitted, and why."""

    candidates: tuple[Candidate, ...]
    baselines: tuple[Candidate, ...]
    winner: Candidate
    held: Held
    refused: dict[str, str]


def fit(question: Question, names: Sequence[str], say: Callable[[str], None]) -> Fitted:
    """Fit all candidates, choose by earlier cuts alone, then look at the holdout.

    Raises LabError where none can be fitted.
    """
    held = held_out(question.window.days, question.window.last, question.window.unit, question.end)
    found, refused = [], {}
    for name in names:
        say(f"fitting {name}")
        try:
            loss = earlier_loss(name, question.window)
            found.append(_candidate(question, name, held, loss))
        except LabError as error:
            refused[name] = error.found
    if not found:
        raise LabError(
            f"No candidate could be fitted: {'; '.join(f'{n}: {why}' for n, why in refused.items())}",
            "Provide a longer log or more customers, or name other models.",
        )
    baselines = [_candidate(question, name, held, None) for name in BASELINES]
    winner = min(found, key=lambda one: float(one.loss or np.inf))
    return Fitted(tuple(found), tuple(baselines), winner, held, refused)


def held_out(days: PurchaseDays, last: int, unit: float, end: int) -> Held:
    """The holdout after day `last`, until the log's end."""
    history = Window(days, last, unit, 1.0, amounts=True).history
    purchases, value = days.of(history.summary.ids, last + 1, end + 1)
    return Held(history, (end - last) / unit, purchases, value)


def earlier_loss(name: str, window: Window) -> float:
    """Mean over cuts inside the window of the absolute error, over that of everybody's own rate.

    Candidates are fitted anew at each cut to what lay before it, and forecast until the window's end: what
    comes after the window is not touched.
    """
    first = int(window.days.day.min())
    found = []
    for share in _EARLIER:
        at = first + round((window.last - first) * share)
        ahead = (window.last - at) / window.unit
        model = fit_learner(name, replace(window, last=at, horizon=ahead))
        held = held_out(window.days, at, window.unit, window.last)
        error = np.abs(forecast(model, held.history, ahead) - held.purchases).mean()
        rate = np.abs(forecast(SameRate(), held.history, ahead) - held.purchases).mean()
        found.append(float(error / max(rate, 1e-12)))
    return float(np.mean(found))


def judge(scorer: ClvScorer, held: Held) -> dict[str, Estimate]:
    """Errors per customer, totals and order on a holdout, each with its interval.

    mae, bias, gini: of purchases expected; mae_gain: absolute error less that of the same rate; mae_balanced:
    of forecasts at one level of all distributions; covered: customers within their 95 % interval;
    value_mae, value_bias: of money, not discounted.
    """
    days = held.t * scorer.unit_days
    expected, rows = scorer.expected_purchases(held.history, days), held.history.summary.rows
    found = accuracy(expected, held.purchases)
    same = SameRate().expected_purchases(rows, held.t)
    evidence = {
        "mae": found.mae,
        "mae_gain": error_difference(expected, same, held.purchases),
        "bias": found.bias,
        "gini": found.gini,
    }
    if hasattr(scorer.model, "probability_at_least"):
        evidence |= _of_distributions(cast(PurchaseModel, scorer.model), held)
    if scorer.spending is not None:
        of_money = accuracy(scorer.expected_value(held.history, days), held.value)
        evidence |= {"value_mae": of_money.mae, "value_bias": of_money.bias}
    return evidence


def checks_of(question: Question, fitted: Fitted) -> list[Check]:
    """What a reader should know before believing the figures."""
    summary = fitted.held.history.summary
    bought = summary.rows.frequency > 0
    repeaters = int(bought.sum())
    found = [
        check(
            "repeat_buyers", "soft", repeaters >= _FEWEST_REPEATERS, float(repeaters), _FEWEST_REPEATERS,
            f"{repeaters:,} of {len(summary):,} customers bought again before the holdout.",
        ),
        check(
            "enough_customers", "soft", len(summary) >= ENOUGH_CUSTOMERS, len(summary), ENOUGH_CUSTOMERS,
            f"{len(summary):,} customers. Fewer than {ENOUGH_CUSTOMERS:,} leave leaving rates "
            "uncertain, and chances and intervals take them as known.",
        ),
        _close_total(fitted.winner.evidence["bias"]),
        _seen_as_far_as_told(question, summary.rows.age),
    ]  # fmt: skip
    if question.window.amounts and repeaters > 2:
        found.append(_independent_values(summary.rows.frequency[bought], summary.mean_value[bought]))
    params = getattr(fitted.winner.scorer.model, "params", {})
    at = [name for name, edge in zip(params, at_edge(np.array(list(params.values()))), strict=True) if edge]
    if params and fitted.winner.name != "combined":
        told = f"Ran away: {', '.join(at)}. A simpler model would do." if at else "All parameters are inside."
        found.append(check("parameters_inside", "soft", not at, None, None, told))
    refused = "; ".join(f"{name}: {why}" for name, why in fitted.refused.items())
    found.append(
        check("candidates_fitted", "soft", not refused, None, None, refused or "Every candidate was fitted.")
    )
    return found


def _candidate(question: Question, name: str, held: Held, loss: float | None) -> Candidate:
    start = time.perf_counter()
    window = question.window
    model: Model = fit_learner(name, window)
    scorer = ClvScorer(
        learner=name,
        model=model,
        spending=spending_of(held.history.summary) if window.amounts else None,
        unit_days=window.unit,
        horizon_days=question.horizon_days,
        discount_rate_year=question.discount_rate_year,
        last_day=window.last,
        columns=question.columns,
        id_column=question.columns.customer,
    )
    seconds = time.perf_counter() - start
    return Candidate(name, scorer, loss, seconds, judge(scorer, held))


def _of_distributions(model: PurchaseModel, held: Held) -> dict[str, Estimate]:
    """What needs whole distributions, of every k-th customer where there are many: they cost more."""
    some = slice(None, None, max(1, len(held.purchases) // _MOST))
    rows, made = held.history.summary.rows.take(some), held.purchases[some]
    if not made.any():
        return {}
    return {
        "mae_balanced": accuracy(balanced_forecast(model, rows, held.t), made).mae,
        "covered": coverage(*purchase_interval(model, rows, held.t), made),
    }


def _seen_as_far_as_told(question: Question, age: Floats) -> Check:
    observed, ahead = float(age.max()) * question.window.unit, float(question.horizon_days)
    return check(
        "horizon_seen", "soft", ahead <= 2 * observed, ahead, 2 * observed,
        f"Customers were observed for up to {observed:,.0f} days, and are valued over {ahead:,.0f}.",
    )  # fmt: skip


def _close_total(bias: Estimate) -> Check:
    told = f"The forecast total is {bias.value:+.1%} off, from {bias.low:+.1%} to {bias.high:+.1%}."
    return check("total_close", "soft", abs(bias.value) <= _OFF, bias.value, _OFF, told)


def _independent_values(frequency: Floats, mean: Floats) -> Check:
    known = np.ptp(frequency) > 0 and np.ptp(mean) > 0
    correlation = float(np.corrcoef(frequency, mean)[0, 1]) if known else 0.0
    return check(
        "spending_independent", "soft", abs(correlation) <= _CORRELATED, correlation, _CORRELATED,
        f"Number and mean value of purchases correlate at {correlation:+.2f}; the spending model takes 0.",
    )  # fmt: skip
