from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.clv.discounting import discounted_purchases, rate_of_period
from retention_lab.clv.learners import Window, fit_learner, forecast, read_learner
from retention_lab.clv.scorer import ClvScorer, Columns, from_files, log_days
from retention_lab.clv.value_model import spending_of
from retention_lab.errors import LabError
from tests.clv.test_value_model import log_of

NAMES = (
    "beta_geo", "modified_beta_geo", "pareto_nbd", "beta_geometric", "value_model", "combined", "same_rate",
    "long_term_rate",
)  # fmt: skip
WINDOW = Window(log_of(1_500, 1), 300, 7.0, 14.0, amounts=True)
COLUMNS = Columns("who", "day", "paid")


def scorer_of(name: str, *, spending: bool = True) -> ClvScorer:
    found = spending_of(WINDOW.history.summary) if spending else None
    return ClvScorer(name, fit_learner(name, WINDOW), found, 7.0, 365, 0.1, 300, COLUMNS, id_column="who")


def log_table() -> pa.Table:
    days = WINDOW.days
    return pa.table({
        "who": pa.array(days.ids[days.customer], pa.string()),
        "day": [date(1970, 1, 1) + timedelta(days=int(day)) for day in days.day],
        "paid": days.value,
    })  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_learner_is_read_back_to_the_bit(name: str) -> None:
    model = fit_learner(name, WINDOW)
    again = read_learner(name, model.to_files())
    before, after = (forecast(one, WINDOW.history, 14.0) for one in (model, again))
    np.testing.assert_array_equal(before, after)
    assert np.isfinite(before).all()
    assert (before >= 0).all()


@pytest.mark.parametrize("name", ["pareto_nbd", "value_model", "combined"])
def test_files_hold_the_scorer(name: str) -> None:
    scorer = scorer_of(name)
    again, history = from_files(scorer.to_files()), WINDOW.history
    assert again.columns == COLUMNS
    assert again.id_column == "who"
    assert again.scores(history).equals(scorer.scores(history))


def test_a_log_comes_in_and_a_row_a_customer_out_in_order_of_appearance() -> None:
    scorer, table = scorer_of("beta_geo"), log_table()
    turned = table.take(np.arange(table.num_rows)[::-1])
    found = scorer.predict(turned, {"end": "1970-10-28"})
    seen = [who for who, day in zip(turned["who"].to_pylist(), turned["day"].to_pylist(), strict=True)
            if day <= date(1970, 10, 28)]  # fmt: skip
    assert found["id"].to_pylist() == list(dict.fromkeys(seen))
    assert found.schema == scorer.output_schema()
    straight = scorer.predict(table, {"end": "1970-10-28"})
    by_id = dict(zip(straight["id"].to_pylist(), straight["clv"].to_pylist(), strict=True))
    for who, value in zip(found["id"].to_pylist(), found["clv"].to_pylist(), strict=True):
        assert by_id[who] == pytest.approx(value)


def test_value_is_discounted_purchases_times_the_value_of_one() -> None:
    scorer, history = scorer_of("beta_geo"), WINDOW.history
    rows, period = history.summary.rows, 365 / 12
    purchases = discounted_purchases(
        scorer.model,
        rows,
        period / 7,
        12,
        rate_of_period(0.1, period),  # type: ignore[arg-type]
    )
    each = spending_of(history.summary).expected_value(rows.frequency, history.summary.mean_value)
    np.testing.assert_allclose(scorer.lifetime_value(history), purchases * each, rtol=1e-9)


def test_without_amounts_there_are_no_values_and_the_scores_say_null() -> None:
    scorer = scorer_of("beta_geo", spending=False)
    assert scorer.scores(WINDOW.history)["clv"].null_count == len(WINDOW.history)
    with pytest.raises(LabError, match="no amounts"):
        scorer.lifetime_value(WINDOW.history)


def test_a_log_without_its_columns_is_refused() -> None:
    with pytest.raises(LabError, match="no column 'paid'"):
        log_days(log_table().drop(["paid"]), COLUMNS)
    texts = log_table().set_column(2, "paid", pa.array(["much"] * len(WINDOW.days)))
    with pytest.raises(LabError, match="not numbers"):
        log_days(texts, COLUMNS)
