import numpy as np
import pytest

from retention_lab.clv.metrics import accuracy, by_frequency, coverage, error_difference, gini
from retention_lab.clv.pareto_nbd import fit_rows
from retention_lab.clv.summary import day_number, summary_of
from retention_lab.clv.tracking import track
from retention_lab.errors import LabError
from tests.clv.reference import END, HORIZON, cdnow_days, expected


def test_cdnows_holdout_is_missed_as_measured_before() -> None:
    days = cdnow_days()
    known = summary_of(days.before(END + 1), END, 7.0)
    made, _ = days.of(known.ids, END + 1, END + 274)
    found = accuracy(fit_rows(known.rows).expected_purchases(HORIZON), made)
    measured = expected("holdout_39w")["accuracy"]["pareto_nbd"]
    assert found.bias.value == pytest.approx(measured["bias"], abs=2e-4)
    assert found.mae.value == pytest.approx(measured["mae"], abs=2e-4)
    assert found.rmse == pytest.approx(measured["rmse"], abs=1e-3)
    assert found.bias.low < found.bias.value < found.bias.high < 0


def test_gini_is_the_area_it_says_and_its_error_is_that_of_resampling() -> None:
    rng = np.random.default_rng(1)
    outcome = rng.poisson(rng.gamma(0.5, 2.0, 2_000)).astype(float)
    score = np.round(outcome + rng.normal(0, 2, 2_000), 1)
    found = gini(outcome, score)
    order = np.argsort(score, kind="stable")
    lorenz = np.concatenate([[0], np.cumsum(outcome[order])]) / outcome.sum()
    area = 1 - 2 * np.trapezoid(lorenz, dx=1 / 2_000)
    assert found.value == pytest.approx(area, abs=0.01)  # ties are in the order of the rows there
    again = [gini(outcome[i], score[i]).value for i in rng.integers(0, 2_000, (200, 2_000))]
    assert found.se == pytest.approx(np.std(again), rel=0.2)
    assert gini(outcome, np.ones(2_000)).value == pytest.approx(0, abs=1e-12)
    assert gini(outcome, -score).value == pytest.approx(-found.value)


def test_a_paired_difference_sees_what_two_intervals_do_not() -> None:
    rng = np.random.default_rng(2)
    made = rng.poisson(2.0, 500).astype(float)
    one, other = made + 1.0, made + 1.1
    found = error_difference(one, other, made)
    assert found.value == pytest.approx(-0.1)
    assert found.high < 0


def test_groups_and_coverage() -> None:
    x = np.array([0, 0, 1, 1, 9, 12, 3], dtype=float)
    names = [name for name, _ in by_frequency(x, x, x)]
    assert names == ["0", "1", "7+"]  # one customer alone shows no spread
    assert coverage(np.zeros(4), np.ones(4), np.array([0.0, 1.0, 2.0, 1.0])).value == 0.75


def test_nothing_bought_has_no_bias_and_missing_forecasts_are_refused() -> None:
    with pytest.raises(LabError, match="Nobody bought"):
        accuracy(np.ones(3), np.zeros(3))
    with pytest.raises(LabError, match="one finite number"):
        accuracy(np.array([np.nan, 1.0]), np.ones(2))


def test_tracking_counts_every_repeat_purchase_and_follows_them() -> None:
    days = cdnow_days()
    known = summary_of(days.before(END + 1), END, 7.0)
    found = track(fit_rows(known.rows).model, days, 7.0, day_number("1997-01-01"), day_number("1998-07-01"))
    assert len(found.made) == 78
    assert found.made.sum() == 2_457 + 1_882
    assert abs(found.expected[:39].sum() / found.made[:39].sum() - 1) < 0.05
    assert found.expected.sum() < found.made.sum()  # as published: forecasts fall short from week 40 on
