import numpy as np
import pytest

from retention_lab.clv.beta_geo import fit_rows
from retention_lab.clv.history import HABITS, history_of
from retention_lab.clv.purchase_days import PurchaseDays
from retention_lab.clv.value_model import ValueModel, earlier_cut, fit_value_model
from retention_lab.errors import LabError
from tests.clv.reference import END, HORIZON, cdnow_days


def log_of(customers: int, seed: int, *, days: int = 400) -> PurchaseDays:
    """Customers who buy at rates of their own, and whose values follow their first one."""
    rng = np.random.default_rng(seed)
    who, when, paid = [], [], []
    for i in range(customers):
        start, rate = rng.integers(0, days // 3), rng.gamma(1.0, 0.01)
        times = start + np.concatenate([[0], np.cumsum(rng.exponential(1 / rate, 40))])
        found = np.unique(times[times < days].astype(int))
        who += [i] * len(found)
        when += found.tolist()
        paid += (rng.gamma(3.0, 10.0) * rng.gamma(4.0, 0.25, len(found))).tolist()
    ids = np.array([f"c{i}" for i in range(customers)], dtype=object)
    return PurchaseDays(ids, np.array(who), np.array(when), np.array(paid))


def test_the_holdout_cannot_change_the_model() -> None:
    days = cdnow_days()
    before = days.before(END + 1)
    assert fit_value_model(days, END, 7.0, HORIZON) == fit_value_model(before, END, 7.0, HORIZON)


def test_the_cut_divides_the_past_as_the_end_divides_past_and_future() -> None:
    days = cdnow_days()
    for horizon in (20.0, 39.0):
        cut = earlier_cut(days, END, 7.0, horizon)
        observed = cut.history.summary.rows.age.max()
        assert cut.t / observed == pytest.approx(horizon / 38.86, rel=0.02)
        assert cut.t + observed == pytest.approx(38.86, abs=0.01)


def test_files_hold_the_model_to_the_bit() -> None:
    days = log_of(1_500, 1)
    model = fit_value_model(days, 300, 7.0, 14.0)
    again, history = ValueModel.from_files(model.to_files()), history_of(days, 300, 7.0)
    np.testing.assert_array_equal(
        again.expected_purchases(history, 14.0), model.expected_purchases(history, 14.0)
    )
    np.testing.assert_array_equal(again.expected_value(history, 14.0), model.expected_value(history, 14.0))
    np.testing.assert_array_equal(again.probability_alive(history), model.probability_alive(history))


def test_it_learns_what_the_purchase_model_cannot_know() -> None:
    days = log_of(4_000, 2)
    shop = days.customer % 2 == 0  # half of all customers stop buying on day 150, whatever they did before
    kept = ~(shop & (days.day > 150))
    stopped = PurchaseDays(days.ids, days.customer[kept], days.day[kept], days.value[kept])
    history = history_of(stopped, 300, 7.0)
    made, spent = stopped.of(history.summary.ids, 301, 400)
    model = fit_value_model(stopped, 300, 7.0, 14.0)
    base = fit_rows(history.summary.rows).model.expected_purchases(history.summary.rows, 99 / 7)
    forecast = model.expected_purchases(history, 99 / 7)
    assert np.mean((forecast - made) ** 2) < np.mean((base - made) ** 2)
    assert abs(model.expected_value(history, 99 / 7).sum() / spent.sum() - 1) < 0.25


def test_habits_are_shares_and_missing_where_a_purchase_tells_nothing() -> None:
    history = history_of(log_of(300, 3), 300, 7.0)
    habits = dict(zip(HABITS, history.habits.T, strict=True))
    once = habits["repeats"] == 0
    assert np.isnan(habits["value_ratio"][once]).all()
    assert np.isfinite(habits["value_ratio"][~once]).all()
    assert ((habits["idle_share"] >= 0) & (habits["idle_share"] <= 1)).all()


def test_a_log_that_is_too_short_or_small_is_refused() -> None:
    with pytest.raises(LabError, match="customers bought in the part"):
        fit_value_model(log_of(40, 4), 300, 7.0, 14.0)
    with pytest.raises(LabError, match="cannot be cut"):
        earlier_cut(log_of(40, 4).before(1), 0, 7.0, 14.0)


def test_without_amounts_there_is_no_value() -> None:
    days = log_of(1_500, 5)
    model = fit_value_model(days, 300, 7.0, 14.0, amounts=False)
    with pytest.raises(LabError, match="No amounts"):
        model.expected_value(history_of(days, 300, 7.0), 14.0)
