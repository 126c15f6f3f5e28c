from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.abtest.design.outcome import MeanOutcome, outcome_of_ratio, outcome_of_values
from retention_lab.abtest.design.past import Past, past_metric
from retention_lab.abtest.design.precision import explained_share
from retention_lab.abtest.metrics import Metric
from retention_lab.abtest.specification import specification
from retention_lab.errors import LabError

ROWS = 4_000


def metric(**keys: Any) -> Metric:
    name = {"name": keys.get("column", "m")}
    return specification({"unit": "u", "arm": "a", "control": "c", "metrics": [name | keys]}).metrics[0]


SPEND = metric(type="mean", column="spend")
BOUGHT = metric(type="proportion", column="bought")
BASKET = metric(type="ratio", name="basket", numerator="spend", denominator="orders")


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    """Spend follows what was spent before, differs by region, and is alike within a shop."""
    rng = np.random.default_rng(1)
    region, shop = rng.integers(0, 3, ROWS), np.repeat(np.arange(ROWS // 10), 10)
    before = rng.gamma(2.0, 10.0, ROWS)
    orders = rng.poisson(1.2, ROWS)
    shops = rng.normal(scale=5.0, size=ROWS // 10)[shop]
    spend = 20 + before + 30 * region + shops + rng.normal(scale=10.0, size=ROWS)
    return pa.table(
        {
            "spend": spend,
            "bought": (rng.random(ROWS) < 0.2).astype(int),
            "orders": orders,
            "before": before,
            "region": np.array(["north", "south", "west"])[region],
            "shop": shop,
        }
    )


def column(rows: pa.Table, name: str) -> np.ndarray:
    return np.asarray(rows[name].to_numpy(), dtype=np.float64)


def mean_outcome(past: Past) -> MeanOutcome:
    assert isinstance(past.outcome, MeanOutcome)
    return past.outcome


def test_a_mean_is_that_of_its_values(rows: pa.Table) -> None:
    past, own = past_metric(rows, SPEND), outcome_of_values(column(rows, "spend"))
    assert past.outcome.baseline == pytest.approx(own.baseline)
    assert mean_outcome(past).variance == pytest.approx(own.variance)
    assert mean_outcome(past).skewness == pytest.approx(own.skewness)
    assert (past.units, past.missing, past.cap, past.precision.factor) == (ROWS, 0, None, 1.0)


def test_a_ratio_is_that_of_its_sums(rows: pa.Table) -> None:
    past = past_metric(rows, BASKET)
    own = outcome_of_ratio(column(rows, "spend"), column(rows, "orders"))
    assert past.outcome.baseline == pytest.approx(own.baseline)
    assert mean_outcome(past).variance == pytest.approx(own.variance)


def test_a_share_is_the_mean_of_its_zeros_and_ones(rows: pa.Table) -> None:
    assert past_metric(rows, BOUGHT).outcome.baseline == pytest.approx(column(rows, "bought").mean())
    with pytest.raises(LabError, match="neither 0 nor 1"):
        past_metric(rows, metric(type="proportion", column="orders"))


def test_profit_takes_costs_off(rows: pa.Table) -> None:
    profit = metric(type="profit", name="profit", contribution="spend", contact_cost="before")
    own = outcome_of_values(column(rows, "spend") - column(rows, "before"))
    assert past_metric(rows, profit).outcome.baseline == pytest.approx(own.baseline)


def test_covariates_take_off_what_they_explain(rows: pa.Table) -> None:
    adjusted = past_metric(rows, metric(type="mean", column="spend", covariates=["before"]))
    share = explained_share(column(rows, "spend"), column(rows, "before"))
    assert 0.1 < share < 0.9
    assert adjusted.precision.factor == pytest.approx(1 - share)


def test_strata_take_off_what_lies_between_them(rows: pa.Table) -> None:
    plain, spend = past_metric(rows, SPEND, strata="region"), column(rows, "spend")
    region = np.array(rows["region"].to_pylist())
    within = sum(np.sum((spend[region == r] - spend[region == r].mean()) ** 2) for r in set(region))
    assert plain.precision.explained == pytest.approx(1 - within / np.sum((spend - spend.mean()) ** 2))
    both = metric(type="mean", column="spend", covariates=["before"])
    found = past_metric(rows, both, strata="region").precision.explained
    assert found == pytest.approx(1 - (100 + 25) / spend.var(), abs=0.02)  # what the noise and shops leave


def test_clusters_cost_more_where_their_units_are_alike(rows: pa.Table) -> None:
    adjusted = metric(type="mean", column="spend", covariates=["before"])
    without_regions = rows.set_column(
        0, "spend", pa.array(column(rows, "spend") - 30 * (np.array(rows["region"]) == "south"))
    ).filter(pa.array(np.array(rows["region"]) != "west"))
    precision = past_metric(without_regions, adjusted, cluster="shop").precision
    assert precision.intraclass_correlation == pytest.approx(25 / 125, abs=0.05)
    assert precision.cluster_size == pytest.approx(10 * 2 / 3, rel=0.05)
    assert precision.explained > 0.3


def test_a_winsorised_metric_is_cut_as_the_analysis_cuts_it(rows: pa.Table) -> None:
    past = past_metric(rows, metric(type="mean", column="spend", winsorise=0.9))
    spend = column(rows, "spend")
    assert past.cap == pytest.approx(np.quantile(spend, 0.9))
    assert past.outcome.baseline == pytest.approx(np.minimum(spend, np.quantile(spend, 0.9)).mean())


def test_units_without_the_metric_are_counted_and_left_out(rows: pa.Table) -> None:
    spend = column(rows, "spend").copy()
    spend[:100] = np.nan
    past = past_metric(rows.set_column(0, "spend", pa.array(spend)), SPEND)
    assert (past.units, past.missing) == (ROWS - 100, 100)
    assert past.outcome.baseline == pytest.approx(spend[100:].mean())


def test_a_missing_covariate_keeps_the_unit(rows: pa.Table) -> None:
    before = column(rows, "before").copy()
    before[::2] = np.nan
    gaps = rows.set_column(3, "before", pa.array(before, from_pandas=True))
    adjusted = metric(type="mean", column="spend", covariates=["before"])
    assert past_metric(gaps, adjusted).units == ROWS
    assert (
        0 < past_metric(gaps, adjusted).precision.explained < past_metric(rows, adjusted).precision.explained
    )


@pytest.mark.parametrize(("q", "density"), [(0.5, 0.39894), (0.9, 0.17550)])
def test_a_quantile_has_the_variance_of_its_density(q: float, density: float) -> None:
    table = pa.table({"x": np.random.default_rng(4).normal(size=40_000)})
    past = past_metric(table, metric(type="quantile", column="x", q=q))
    # the density rests on some 5,000 values: a variance from it is known to 3 %, and bent tails add a little
    assert mean_outcome(past).variance == pytest.approx(q * (1 - q) / density**2, rel=0.1)


def test_a_quantile_inside_a_tie_is_refused() -> None:
    with pytest.raises(LabError, match="variance of one unit is 0"):
        past_metric(pa.table({"x": [0.0] * 90 + [5.0] * 10}), metric(type="quantile", column="x", q=0.5))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"spend": np.full(ROWS, np.nan)}, "0 of 4000 past units have the metric"),
        ({"spend": np.r_[np.inf, np.ones(ROWS - 1)]}, "infinite value"),
        ({"spend": np.full(ROWS, 3.0)}, "variance of one unit is 0"),
        ({"spend": ["a"] * ROWS}, "not numbers"),
    ],
)
def test_histories_that_say_nothing_are_refused(rows: pa.Table, change: dict[str, Any], words: str) -> None:
    with pytest.raises(LabError, match=words):
        past_metric(rows.set_column(0, "spend", pa.array(change["spend"])), SPEND)


def test_a_ratio_of_nothing_and_a_column_that_is_not_there_are_refused(rows: pa.Table) -> None:
    nothing = rows.set_column(2, "orders", pa.array(np.zeros(ROWS)))
    with pytest.raises(LabError, match="sum to 0"):
        past_metric(nothing, BASKET)
    with pytest.raises(LabError, match="no column 'spent'"):
        past_metric(rows, metric(type="mean", column="spent"))
    with pytest.raises(LabError, match="no column 'shops'"):
        past_metric(rows, SPEND, cluster="shops")
