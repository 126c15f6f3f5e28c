"""How far forecasts were off, with intervals that know that neighbouring periods err together."""

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.demand.backtest import Rolled
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, normal_estimate

# Of Kiefer and Vogelsang's two-sided 95 % point for Bartlett's kernel, in the share of lags used.
_FIXED_B = (1.9600, 2.9694, 0.4160, -0.5324)


def scaled_error(rolled: Rolled, scale: Floats) -> Floats:
    """(s, o, h) absolute errors in units of each series' own scale (s,), as MASE adds them up."""
    return np.asarray(np.abs(rolled.forecast - rolled.actual) / scale[:, None, None], dtype=np.float64)


def period_mean(values: Floats, rolled: Rolled) -> Estimate:
    """Mean of (s, o, h) values of a backtest, NaN left out, with a 95 % interval over periods.

    What is estimated is the mean over other periods of these same series. A period's errors, of all series
    and from all origins, count as one draw, and neighbouring periods are correlated, which is looked at over
    twice the horizon. With so few periods the interval's factor is that of fixed-b asymptotics, and longer
    by the share of periods over origins; it still covers less than 95 % where fewer than five horizons judge.
    Raises LabError where fewer than two periods have a value.
    Source: Kiefer and Vogelsang (2005), Econometric Theory 21(6), doi:10.1017/S0266466605050565; Diebold and
    Mariano (1995), doi:10.1080/07350015.1995.10524599, for the difference of two models.
    """
    known = np.isfinite(values)
    place = np.broadcast_to(rolled.target - rolled.target.min(), values.shape)[known]
    periods = int(place.max()) + 1 if len(place) else 0
    if periods < 2:
        raise LabError(
            "Fewer than two periods judge the forecasts.", "Provide a longer log or a shorter horizon."
        )
    found = values[known]
    mean = float(found.mean())
    part = np.bincount(place, found - mean, minlength=periods) * periods / len(found)
    lags = min(2 * rolled.horizon, periods)
    variance = float(part @ part) / periods
    for k in range(1, lags):
        variance += 2 * (1 - k / lags) * float(part[k:] @ part[:-k]) / periods
    share = lags / periods
    factor = sum(c * share**k for k, c in enumerate(_FIXED_B)) / _FIXED_B[0]
    # the first and the last few periods are forecast from few origins, and count little
    factor *= (len(rolled.origins) + rolled.horizon - 1) / len(rolled.origins)
    return normal_estimate(mean, factor * float(np.sqrt(max(variance, 0.0) / periods)))


def total_error(rolled: Rolled) -> Estimate:
    """Forecast total over actual total, less 1, over all series, origins and steps.

    Raises LabError where nothing was sold in all.
    """
    known = np.isfinite(rolled.forecast) & np.isfinite(rolled.actual)
    sold = float(np.abs(rolled.actual[known]).mean()) if known.any() else 0.0
    if sold == 0:
        raise LabError("Nothing was sold in the periods that judge.", "Provide a longer log.")
    off = period_mean(np.where(known, rolled.forecast - rolled.actual, np.nan), rolled)
    return off.scaled(1 / sold)


def absolute_share(rolled: Rolled) -> Estimate:
    """Absolute errors over what was sold (WAPE): a large series counts as much as it sells."""
    known = np.isfinite(rolled.forecast) & np.isfinite(rolled.actual)
    sold = float(np.abs(rolled.actual[known]).mean()) if known.any() else 0.0
    if sold == 0:
        raise LabError("Nothing was sold in the periods that judge.", "Provide a longer log.")
    return period_mean(np.abs(rolled.forecast - rolled.actual), rolled).scaled(1 / sold)
