"""Features ranked by how much each alone tells about leaving, straight line or not."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.churn.sample import ChurnSample

_BINS = 10


@dataclass(frozen=True, slots=True)
class Information:
    """feature; nats: mutual information with leaving, less what a useless feature of its kind would show;
    p_value: of the hypothesis that it says nothing."""

    feature: str
    nats: float
    p_value: float


def feature_information(sample: ChurnSample, bins: int = _BINS) -> tuple[Information, ...]:
    """Most informative first. Numbers are cut at quantiles; missing is a value of its own.

    By chance alone the figure is about (cells - 1) / 2n, which is taken off (and may leave less than 0); 2n
    times the raw figure is the likelihood ratio statistic, whose p-value stands beside it.
    Source: Miller (1955), Information Theory in Psychology, for the bias; Cover and Thomas (2006), Elements
    of Information Theory, section 2.3.
    """
    from scipy.stats import chi2

    found = []
    for j, name in enumerate(sample.features.schema.names):
        values = sample.features.values[:, j]
        code = _codes(values, bins if sample.features.schema.levels[j] is None else None)
        nats, freedom = _information(code, sample.left)
        p_value = float(chi2.sf(2 * len(code) * nats, freedom)) if freedom else 1.0
        found.append(Information(name, nats - freedom / (2 * len(code)), p_value))
    return tuple(sorted(found, key=lambda one: -one.nats))


def _codes(values: Floats, bins: int | None) -> Ints:
    missing = np.isnan(values)
    if bins is None:
        code = np.unique(np.where(missing, -1.0, values), return_inverse=True)[1]
        return np.asarray(code, dtype=np.int64)
    known = values[~missing]
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])) if len(known) else np.zeros(0)
    return np.where(missing, len(cuts) + 1, np.searchsorted(cuts, values, side="left")).astype(np.int64)


def _information(code: Ints, left: Floats) -> tuple[float, int]:
    counts = np.stack([np.bincount(code, weights=side) for side in (1 - left, left)])
    table: Floats = counts[:, counts.sum(axis=0) > 0] / len(code)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(table > 0, table * np.log(table / expected), 0.0)
    return float(terms.sum()), (table.shape[1] - 1) * (int((table.sum(axis=1) > 0).sum()) - 1)
