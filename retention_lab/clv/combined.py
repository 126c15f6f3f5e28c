"""Several purchase models as one: a mixture of their chances, weighted and paced by an earlier cut."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.optimize import brentq

from retention_lab.arrays import Floats
from retention_lab.clv.beta_geo import BetaGeo
from retention_lab.clv.modified_beta_geo import ModifiedBetaGeo
from retention_lab.clv.pareto_nbd import ParetoNbd
from retention_lab.clv.predictive import probability_of
from retention_lab.clv.purchases import FILE, PurchaseModel
from retention_lab.clv.rows import PurchaseRows
from retention_lab.errors import LabError

_READERS: Mapping[str, Callable[[Mapping[str, bytes]], PurchaseModel]] = {
    "beta_geo": BetaGeo.from_files,
    "modified_beta_geo": ModifiedBetaGeo.from_files,
    "pareto_nbd": ParetoNbd.from_files,
}
_ABOUT = "combined.json"
_FASTEST = 4.0  # pace; 1 over it is the slowest
_ROUNDS = 1_000


@dataclass(frozen=True, slots=True)
class Combined:
    """parts: models by name, as `learners` name them. weights: (parts,) that sum to 1, in their order.

    pace: time ahead runs so much faster for all of them; 1 leaves them as they are.
    """

    parts: Mapping[str, PurchaseModel]
    weights: tuple[float, ...]
    pace: float = 1.0

    @property
    def params(self) -> dict[str, float]:
        """The pace, the weights, and what the parts have, named `<part>.<name>`."""
        found = {"pace": self.pace}
        for (name, part), weight in zip(self.parts.items(), self.weights, strict=True):
            found[f"{name}.weight"] = weight
            found |= {f"{name}.{key}": value for key, value in part.params.items()}
        return found

    def expected_purchases(self, rows: PurchaseRows, t: float) -> Floats:
        """(n,) purchases expected in the t after each customer's end of observation."""
        return self._mean(lambda part: part.expected_purchases(rows, t * self.pace))

    def probability_alive(self, rows: PurchaseRows) -> Floats:
        """(n,) chance to be a customer still."""
        return self._mean(lambda part: part.probability_alive(rows))

    def probability_at_least(self, rows: PurchaseRows, n: Floats, t: float) -> Floats:
        """(rows,) chance of at least n (rows,) purchases in the t after the end."""
        return self._mean(lambda part: part.probability_at_least(rows, n, t * self.pace))

    def draw(self, rows: PurchaseRows, t: float, draws: int, seed: int) -> Floats:
        """(draws, n) purchases, each draw from one part."""
        rng = np.random.default_rng([seed, 1])
        which = rng.choice(len(self.weights), (draws, len(rows)), p=self.weights)
        drawn = [part.draw(rows, t * self.pace, draws, seed) for part in self.parts.values()]
        return np.choose(which, drawn)

    def to_files(self) -> dict[str, bytes]:
        """Weights and pace, and the parameters of each part in a folder of its name."""
        about = {"parts": list(self.parts), "weights": list(self.weights), "pace": self.pace}
        own = {f"{name}/{FILE}": part.to_files()[FILE] for name, part in self.parts.items()}
        return {_ABOUT: json.dumps(about, allow_nan=False).encode(), **own}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Combined":
        """The model that `to_files` wrote."""
        about = json.loads(files[_ABOUT])
        parts = {name: _READERS[name]({FILE: files[f"{name}/{FILE}"]}) for name in about["parts"]}
        return Combined(parts, tuple(about["weights"]), about["pace"])

    def _mean(self, of: Callable[[PurchaseModel], Floats]) -> Floats:
        parts = [weight * of(part) for weight, part in zip(self.weights, self.parts.values(), strict=True)]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


def combine(
    earlier: Mapping[str, PurchaseModel],
    now: Mapping[str, PurchaseModel],
    rows: PurchaseRows,
    t: float,
    purchases: Floats,
) -> Combined:
    """The models of `now`, with weights and a pace that those of an `earlier` cut would have wanted.

    rows: (n,) customers at that cut; purchases: (n,) what they made in the t after it. Weights make what
    happened most likely; the pace makes the total right, within a quarter and four times.
    Raises LabError where the two name other models.
    Source of the weights: Hall and Mitchell (2007), International Journal of Forecasting 23(1),
    doi:10.1016/j.ijforecast.2006.08.001 (linear pools by log score).
    """
    if list(earlier) != list(now):
        raise LabError(
            f"Weights of {list(earlier)} cannot be those of {list(now)}.", "Fit the same models twice."
        )
    chances = np.column_stack([probability_of(part, rows, t, purchases) for part in earlier.values()])
    pool = Combined(earlier, tuple(_weights(chances).tolist()))
    return Combined(now, pool.weights, _pace(pool, rows, t, float(purchases.sum())))


def _weights(chances: Floats) -> Floats:
    """(n, k) chances of what happened -> (k,) weights of the most likely mixture, by expectation steps."""
    known = np.maximum(chances, 1e-300)
    weights = np.full(known.shape[1], 1 / known.shape[1])
    for _ in range(_ROUNDS):
        weights = np.mean(known * weights / (known @ weights)[:, None], axis=0)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _pace(pool: Combined, rows: PurchaseRows, t: float, total: float) -> float:
    @cache  # the ends are asked for twice
    def excess(log_pace: float) -> float:
        at = replace(pool, pace=float(np.exp(log_pace)))
        return float(at.expected_purchases(rows, t).sum()) - total

    slowest, fastest = -np.log(_FASTEST), np.log(_FASTEST)
    if excess(slowest) >= 0:
        return 1 / _FASTEST
    if excess(fastest) <= 0:
        return _FASTEST
    return float(np.exp(brentq(excess, slowest, fastest, xtol=1e-6)))
