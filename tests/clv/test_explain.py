from dataclasses import astuple

import numpy as np
import pytest

from retention_lab.clv.explain import RHYTHM, ClvReasons, even_log, explain, facts_of
from retention_lab.clv.history import history_of
from retention_lab.clv.purchase_days import PurchaseDays
from tests.clv.test_scorer import WINDOW, scorer_of

DAYS, LAST = WINDOW.days.before(WINDOW.last + 1), WINDOW.last


def reasons_of(name: str, place: int, *, spending: bool = True) -> ClvReasons:
    return explain(scorer_of(name, spending=spending), DAYS, LAST, place)


@pytest.mark.parametrize("name", ["pareto_nbd", "beta_geometric", "value_model", "combined"])
def test_the_parts_sum_to_the_score(name: str) -> None:
    scorer, place = scorer_of(name), 17
    scores = scorer.scores(scorer.history(DAYS, LAST)).slice(place, 1).to_pylist()[0]
    found = explain(scorer, DAYS, LAST, place)
    wanted = [scores["expected_purchases"], scores["probability_alive"], scores["clv"]]
    np.testing.assert_allclose(astuple(found.now), wanted, rtol=1e-12, atol=1e-12)
    total = np.sum([astuple(found.base), *(astuple(part.adds) for part in found.parts)], axis=0)
    np.testing.assert_allclose(total, wanted, rtol=1e-9, atol=1e-9)


def test_a_fact_that_the_model_does_not_read_adds_nothing() -> None:
    by_fact = {part.fact: part.adds for part in reasons_of("pareto_nbd", 17).parts}
    for fact in ("value", RHYTHM):
        assert by_fact[fact].expected_purchases == pytest.approx(0, abs=1e-9)
        assert by_fact[fact].probability_alive == pytest.approx(0, abs=1e-9)
    assert abs(by_fact["value"].clv or 0) > 1
    assert all(abs(by_fact[fact].expected_purchases) > 1e-4 for fact in ("repeats", "idle_days"))


def test_customers_who_are_all_alike_have_no_reasons() -> None:
    alike = PurchaseDays(
        np.array([f"c{i}" for i in range(20)]),
        np.repeat(np.arange(20), 3),
        np.tile([100, 150, 200], 20),
        np.full(60, 30.0),
    )
    found = explain(scorer_of("combined"), alike, LAST, 4)
    for part in found.parts:
        np.testing.assert_allclose(astuple(part.adds), 0, atol=1e-9)
    assert found.now.expected_purchases == pytest.approx(found.base.expected_purchases)


def test_who_bought_often_and_lately_is_told_so() -> None:
    facts = facts_of(DAYS, LAST)
    heavy = int(np.argmax(facts[:, 0] - 0.2 * facts[:, 1]))
    parts = {part.fact: part for part in reasons_of("beta_geo", heavy).parts}
    assert parts["repeats"].adds.expected_purchases > 1
    assert parts["repeats"].value == facts[heavy, 0]
    assert parts["repeats"].typical == np.median(facts[:, 0])


def test_an_order_raises_the_forecast_of_a_quiet_customer_and_waiting_lowers_it() -> None:
    facts = facts_of(DAYS, LAST)
    quiet = int(np.argmax(np.where(facts[:, 0] >= 3, facts[:, 1], -1)))
    found = reasons_of("pareto_nbd", quiet)
    order, month, quarter = (change.then for change in found.changes)
    assert [(change.what, change.days) for change in found.changes] == [
        ("order", 1),
        ("no_order", 30),
        ("no_order", 90),
    ]
    assert order.probability_alive > found.now.probability_alive > month.probability_alive
    assert month.probability_alive > quarter.probability_alive
    assert order.expected_purchases > found.now.expected_purchases > quarter.expected_purchases


def test_what_happens_is_forecast_as_the_log_of_that_day_would_be() -> None:
    scorer, place = scorer_of("value_model"), 17
    later = scorer.scores(scorer.history(DAYS, LAST + 30)).slice(place, 1).to_pylist()[0]
    then = explain(scorer, DAYS, LAST, place).changes[1].then
    assert then.expected_purchases == pytest.approx(later["expected_purchases"], rel=1e-12)
    assert then.clv == pytest.approx(later["clv"], rel=1e-12)


def test_without_amounts_there_is_no_value_to_explain() -> None:
    found = reasons_of("beta_geo", 3, spending=False)
    assert found.now.clv is None
    assert [part.fact for part in found.parts] == ["repeats", "idle_days", "tenure_days", "rhythm"]


def test_facts_are_those_of_the_even_log() -> None:
    facts = facts_of(DAYS, LAST)
    np.testing.assert_allclose(facts_of(even_log(facts, LAST), LAST), facts)


def test_facts_that_cannot_be_together_are_brought_to_a_history_that_can() -> None:
    asked = np.array([[5.0, 50.0, 20.0, 9.0], [30.0, 0.0, 10.0, 9.0], [0.0, 3.0, 20.0, 9.0]])
    found = facts_of(even_log(asked, 100), 100)
    np.testing.assert_array_equal(found, [[5, 15, 20, 9], [10, 0, 10, 9], [0, 20, 20, 9]])
    history_of(even_log(asked, 100), 100, 7.0)
