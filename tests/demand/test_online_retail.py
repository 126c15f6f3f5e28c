"""Real sales of a year: weekly revenue by country and by product, with returns and gaps."""

import duckdb
import numpy as np
import pytest

from retention_lab.demand.accuracy import period_mean, scaled_error
from retention_lab.demand.backtest import roll
from retention_lab.demand.intervals import fit_spread
from retention_lab.demand.learners import LEARNERS, fit_learner
from retention_lab.demand.naive import Repeat
from retention_lab.demand.panel import Lines, Panel, panel_of
from retention_lab.demand.scale import error_scale
from retention_lab.log_columns import coded, day_numbers
from tests.shared_data import shared_file

pytestmark = pytest.mark.slow
HORIZON = 4


def panel_by(column: str, most: int) -> Panel:
    found = duckdb.sql(
        f'SELECT "{column}" AS series, CAST(InvoiceDate AS DATE) AS day, sum(Quantity * UnitPrice) AS value '
        f"FROM '{shared_file('online_retail/online_retail_sample.parquet')}' GROUP BY 1, 2 ORDER BY 1, 2"
    ).to_arrow_table()
    names, codes = coded(found["series"], "series", "")
    values = np.asarray(found["value"], dtype=np.float64)
    return panel_of(Lines(tuple(names), codes, day_numbers(found["day"]), values), "week", most=most)


@pytest.fixture(scope="module", params=[("Country", 8), ("StockCode", 100)], ids=["country", "product"])
def panel(request: pytest.FixtureRequest) -> Panel:
    return panel_by(*request.param)


def test_the_sales_add_up_to_the_files_less_weeks_in_part(panel: Panel) -> None:
    assert panel.length in (51, 52)  # from Monday 6 December 2010 to Sunday 4 December 2011
    assert (panel.first, panel.end) == (2136, 2187 if panel.length == 51 else 2188)
    assert np.nansum(panel.values) > 1_000_000


@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_forecasts_every_series_that_has_begun(panel: Panel, name: str) -> None:
    model = fit_learner(name, panel.before(36), 1, HORIZON)
    known = panel.rows(np.flatnonzero(~np.isnan(panel.values[:, :36]).all(axis=1)))
    assert np.isfinite(roll(model, known, 36, known.length, HORIZON).forecast).all()


@pytest.mark.parametrize("name", ["smoothing", "lightgbm"])
def test_intervals_learned_before_hold_after(panel: Panel, name: str) -> None:
    early = panel.before(24)
    known = panel.rows(np.flatnonzero(~np.isnan(panel.values[:, :24]).all(axis=1)))
    spread = fit_spread(known, roll(fit_learner(name, early, 1, HORIZON), known, 24, 38, HORIZON))
    later = roll(fit_learner(name, known.before(38), 1, HORIZON), known, 38, known.length, HORIZON)
    _, low, high = spread.around(known, later.origins, later.forecast)
    inside = (low <= later.actual) & (later.actual <= high)
    assert 0.88 < inside.mean() <= 1.0  # autumn sells more than the weeks from which they were learned


def test_products_are_forecast_better_than_by_their_last_week() -> None:
    products = panel_by("StockCode", 100)
    known = products.rows(np.flatnonzero(~np.isnan(products.values[:, :38]).all(axis=1)))
    scale = error_scale(known.before(38), 1)
    one, last = (
        roll(model, known, 38, known.length, HORIZON)
        for model in (fit_learner("smoothing", known.before(38), 1, HORIZON), Repeat(1))
    )
    gain = period_mean(scaled_error(one, scale) - scaled_error(last, scale), one)
    assert gain.high < 0
