"""Purchase models on a million customers: one thread, CPU seconds, lifetimes in the same run."""

import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.beta_geo import fit_beta_geo
from retention_lab.clv.gamma_gamma import fit_gamma_gamma
from retention_lab.clv.modified_beta_geo import fit_modified_beta_geo
from retention_lab.clv.pareto_nbd import fit_pareto_nbd
from retention_lab.clv.rows import PurchaseRows, purchase_rows

TITLE = "Purchase models on a million customers"
NOTE = (
    "Simulated customers as in CDNOW, observed for 27 to 39 weeks, times to the day or as they come. One "
    "thread, CPU seconds (user and system); ours: medians after one run that is not counted, lifetimes: one "
    "run, with its default settings, on times to the day (Pareto/NBD: of fewer customers). Fit: parameters "
    "and standard errors; forecast: purchases of every customer in 39 weeks. Times faster: than lifetimes, "
    "fit and forecast together. Not finite: forecasts that are NaN or infinite; heavy: those of the 1,000 "
    "customers with the most purchases, had each made 300 more."
)
BESIDE = ("lifetimes",)
CUSTOMERS = 1_000_000
WEEKS = 39.0
_RUNS = 5
_PEER_CUSTOMERS = {"Pareto/NBD": 100_000}  # lifetimes searches for many minutes among more


_HEAD = (
    "model, customers, times",
    "tool",
    "fit s",
    "forecast s",
    "sum s",
    "times faster",
    "not finite",
    "heavy",
)


def table() -> list[list[str]]:
    """Rows of model, data, tool, CPU seconds of fit and forecast, times faster, what is not finite."""
    rows = [list(_HEAD)]
    for name, (ours, theirs) in _models().items():
        for n in dict.fromkeys((CUSTOMERS, _PEER_CUSTOMERS.get(name, CUSTOMERS))):
            both = theirs is not None and n == _PEER_CUSTOMERS.get(name, CUSTOMERS)
            days = customers(n, name, to_the_day=True)
            peer = measure(theirs, days) if theirs is not None and both else None
            for grid in ("to the day", "as they come"):
                data = days if grid == "to the day" else customers(n, name, to_the_day=False)
                mine = [measure(ours, data) for _ in range(_RUNS + 1)][1:]
                fit, forecast = (statistics.median(one[k] for one in mine) for k in (0, 1))
                faster = None if peer is None else (peer[0] + peer[1]) / (fit + forecast)
                said = f"{name}, {n:,}, {grid}"
                rows.append(_row(said, "retention-lab", fit, forecast, faster, *mine[0][2:]))
            if peer is not None:
                rows.append(
                    _row(f"{name}, {n:,}, to the day", "lifetimes", peer[0], peer[1], None, *peer[2:])
                )
    return [*rows, _spending()]


Tool = Callable[[PurchaseRows], tuple[Callable[[PurchaseRows], Floats], float]]


def measure(tool: Tool, data: PurchaseRows) -> tuple[float, float, float, float]:
    """CPU seconds of fit and forecast, share of forecasts not finite, and of those of heavy buyers."""
    start = time.process_time()
    forecast, _ = tool(data)
    fitted = time.process_time()
    purchases = forecast(data)
    end = time.process_time()
    most = np.argsort(-data.frequency, kind="stable")[:1_000]
    heavy = PurchaseRows(data.frequency[most] + 300, data.recency[most], data.age[most])
    of_heavy = forecast(heavy)
    return fitted - start, end - fitted, _not_finite(purchases), _not_finite(of_heavy)


def customers(n: int, model: str, *, to_the_day: bool, seed: int = 1) -> PurchaseRows:
    """As the model says they live, with about CDNOW's parameters."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(27, 39, n)
    if model == "Pareto/NBD":
        rate, leaving = rng.gamma(0.553, 1 / 10.58, n), rng.gamma(0.606, 1 / 11.67, n)
        seen = np.minimum(rng.exponential(1 / np.maximum(leaving, 1e-12)), age)
        x = rng.poisson(rate * seen).astype(float)
        last = np.where(x > 0, seen * rng.random(n) ** (1 / np.maximum(x, 1)), 0.0)
    else:
        rate, leaves = rng.gamma(0.243, 1 / 4.41, n), rng.beta(0.793, 2.426, n)
        made, stays = rng.poisson(rate * age), rng.geometric(np.maximum(leaves, 1e-12))
        x = np.minimum(made, stays).astype(float)
        # the x-th of so many uniform moments
        share = rng.beta(np.maximum(x, 1), np.maximum(made - x + 1, 1))
        last = np.where(x > 0, age * share, 0.0)
    if to_the_day:
        age = np.round(age * 7) / 7
        last = np.where(x > 0, np.clip(np.ceil(last * 7) / 7, 1 / 7, age), 0.0)
    return purchase_rows(x, last, age)


def _models() -> dict[str, tuple[Tool, Tool | None]]:
    from lifetimes import BetaGeoFitter, ParetoNBDFitter

    def ours(fit: Callable[..., object]) -> Tool:
        def run(data: PurchaseRows) -> tuple[Callable[[PurchaseRows], Floats], float]:
            found = fit(data.frequency, data.recency, data.age)
            return lambda rows: found.model.expected_purchases(rows, WEEKS), 0.0

        return run

    def theirs(fitter: Callable[[], object], forecast: str) -> Tool:
        def run(data: PurchaseRows) -> tuple[Callable[[PurchaseRows], Floats], float]:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = fitter().fit(data.frequency, data.recency, data.age)  # type: ignore[attr-defined]

            def purchases(rows: PurchaseRows) -> Floats:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    told = getattr(found, forecast)(WEEKS, rows.frequency, rows.recency, rows.age)
                return np.asarray(told, dtype=np.float64)

            return purchases, 0.0

        return run

    forecast = "conditional_expected_number_of_purchases_up_to_time"
    return {
        "BG/NBD": (ours(fit_beta_geo), theirs(BetaGeoFitter, forecast)),
        "Pareto/NBD": (ours(fit_pareto_nbd), theirs(ParetoNBDFitter, forecast)),
        "MBG/NBD": (ours(fit_modified_beta_geo), None),
    }


def _spending() -> list[str]:
    rng = np.random.default_rng(1)
    x = rng.geometric(0.4, CUSTOMERS).astype(float)
    mean = rng.gamma(6.25 * x, 1 / (x * rng.gamma(3.74, 1 / 15.45, CUSTOMERS)))
    found = []
    for _ in range(_RUNS + 1):
        start = time.process_time()
        fit = fit_gamma_gamma(x, mean)
        fitted = time.process_time()
        value = fit.expected_value()
        found.append((fitted - start, time.process_time() - fitted))
    fit_s, forecast_s = (statistics.median(one[k] for one in found[1:]) for k in (0, 1))
    return _row("Gamma-Gamma", "retention-lab", fit_s, forecast_s, None, _not_finite(value), None)


def _row(
    name: str, tool: str, fit: float, forecast: float, faster: float | None, lost: float, heavy: float | None
) -> list[str]:
    return [
        name,
        tool,
        f"{fit:.2f}",
        f"{forecast:.2f}",
        f"{fit + forecast:.2f}",
        "" if faster is None else f"{faster:.0f}",
        f"{lost:.2%}",
        "" if heavy is None else f"{heavy:.0%}",
    ]


def _not_finite(values: Floats) -> float:
    return float(np.mean(~np.isfinite(values)))
