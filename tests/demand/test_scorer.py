from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.demand.backtest import roll
from retention_lab.demand.campaigns import customers_under_offer, lift_window
from retention_lab.demand.intervals import fit_spread
from retention_lab.demand.learners import fit_learner
from retention_lab.demand.panel import Panel, panel_of
from retention_lab.demand.scorer import Columns, DemandScorer, from_files, log_lines
from retention_lab.errors import LabError
from tests.demand.panels import noisy_with_campaigns, panel_with, seasonal

COLUMNS = Columns("what", "day", "sold")
MONDAY = date(2024, 1, 1)


def log_table(values: np.ndarray) -> pa.Table:
    series, length = values.shape
    return pa.table({
        "what": [f"s{k}" for k in range(series) for _ in range(length)],
        "day": [MONDAY + timedelta(weeks=t) for _ in range(series) for t in range(length)],
        "sold": values.reshape(-1),
    })  # fmt: skip


def scorer_of(name: str, panel: Panel, columns: Columns = COLUMNS) -> DemandScorer:
    model = fit_learner(name, panel.before(50), 13, 4)
    spread = fit_spread(panel, roll(model, panel, 50, 70, 4))
    return DemandScorer(name, model, spread, "week", 4, 13, 50, columns, id_column=columns.series)


VALUES = seasonal(3, 70, noise=0.1)


def test_a_log_comes_in_and_a_row_for_each_series_and_period_comes_out() -> None:
    found = scorer_of("smoothing", panel_with(VALUES)).predict(log_table(VALUES), {})
    assert found.column_names == ["series", "period", "forecast", "low", "high"]
    assert found["series"].to_pylist() == [f"s{k}" for k in range(3) for _ in range(4)]
    assert found["period"].to_pylist()[:2] == ["2025-05-05", "2025-05-12"]
    low, high = (np.asarray(found[name]) for name in ("low", "high"))
    assert (low < high).all()


@pytest.mark.parametrize("name", ["seasonal_naive", "lightgbm"])
def test_files_hold_the_scorer(name: str) -> None:
    scorer = scorer_of(name, panel_with(VALUES))
    again = from_files(scorer.to_files())
    assert again.predict(log_table(VALUES), {}).equals(scorer.predict(log_table(VALUES), {}))
    assert again.columns == COLUMNS
    assert again.id_column == "what"


def test_the_end_of_the_log_may_be_told() -> None:
    table = log_table(VALUES)
    found = scorer_of("naive", panel_with(VALUES)).predict(table, {"end": "2025-05-18"})
    assert found["period"][0].as_py() == "2025-05-19"


def test_a_model_that_knows_campaigns_says_what_would_be_without() -> None:
    values, calendar = noisy_with_campaigns(series=3)
    calendar[:, 110:] = 1.0
    panel = panel_with(values, calendar)
    model = fit_learner("lightgbm", panel, 1, 4)
    spread = fit_spread(panel, roll(model, panel, 80, 110, 4))
    scorer = DemandScorer("lightgbm", model, spread, "week", 4, 1, 110, COLUMNS)
    found = scorer.scores(panel)
    gap = np.asarray(found["forecast"]) - np.asarray(found["without_campaign"])
    assert gap.mean() > 20


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (log_table(VALUES).drop(["sold"]), "no column 'sold'"),
        (log_table(VALUES).slice(0, 0), "empty"),
        (log_table(np.where(VALUES > 150, np.nan, VALUES)).slice(0, 0), "empty"),
        (pa.table({"what": ["a"], "day": ["soon"], "sold": [1.0]}), "no dates"),
        (pa.table({"what": ["a"], "day": [MONDAY], "sold": ["much"]}), "not numbers"),
        (pa.table({"what": [None, "a"], "day": [MONDAY] * 2, "sold": [1.0, 1.0]}), "Row 1 has no series"),
        (pa.table({"what": ["a"] * 2, "day": [MONDAY] * 2, "sold": [1.0, None]}), "Row 2 has no value"),
    ],
)
def test_what_is_no_log_is_refused(table: pa.Table, message: str) -> None:
    with pytest.raises(LabError, match=message):
        panel_of(log_lines(table, COLUMNS), "week")


def test_a_log_without_a_series_column_is_one_series() -> None:
    found = log_lines(log_table(VALUES), Columns(None, "day", "sold"))
    assert found.names == ("all",)


def test_a_contact_counts_for_as_long_as_an_offer_is_open() -> None:
    day = np.array([4, 4, 11], dtype=np.int64)
    found = customers_under_offer(day, np.array([7, 7, 70]), (1, 5), "week", 14)
    np.testing.assert_allclose(found, [14.0, 84.0, 70.0, 0.0])


def test_the_lift_is_told_of_what_is_planned_else_of_where_most_ran() -> None:
    calendar = np.zeros((1, 30))
    calendar[0, [8, 12, 13]] = 1.0
    panel = panel_with(np.ones((1, 20)), calendar)
    assert lift_window(panel, 2, 5) == 12
    calendar[0, 21] = 1.0
    assert lift_window(panel, 2, 5) == 20
    assert lift_window(panel_with(np.ones((1, 20))), 2, 5) is None
