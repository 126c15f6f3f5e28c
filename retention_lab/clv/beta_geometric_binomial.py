"""BG/BB: purchases at discrete opportunities (a yearly appeal, a weekly visit), and customers who may leave
before any of them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import betaln, digamma

from retention_lab.arrays import Floats
from retention_lab.clv.newton import maximise, with_differences
from retention_lab.clv.purchases import PurchaseFit, fitted, params_file, params_of, require_repeats
from retention_lab.clv.rows import PurchaseRows, distinct, purchase_rows
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class BetaGeometricBinomial:
    """alpha, beta: of the beta of chances to buy at an opportunity; gamma, delta: of chances to leave.

    In rows, frequency and recency count opportunities after the first purchase, and age how many there were.
    """

    alpha: float
    beta: float
    gamma: float
    delta: float

    @property
    def params(self) -> dict[str, float]:
        """alpha, beta, gamma, delta."""
        return asdict(self)

    def probability_alive(self, rows: PurchaseRows) -> Floats:
        """(n,) chance that a customer is still one when the last opportunity is over."""
        log_alive, log_total = self._logs(rows)
        return np.asarray(np.exp(log_alive - log_total), dtype=np.float64)

    def expected_purchases(self, rows: PurchaseRows, t: float) -> Floats:
        """(n,) purchases expected at the next t opportunities, a whole number."""
        total = np.zeros(len(rows))
        for share in self._stays(rows, _whole(t)):
            total += share
        x, n = rows.frequency, rows.age
        chance = (self.alpha + x) / (self.alpha + self.beta + n)
        return np.asarray(self.probability_alive(rows) * chance * total, dtype=np.float64)

    def probability_at_least(self, rows: PurchaseRows, n: Floats, t: float) -> Floats:
        """(rows,) chance of at least n (rows,) purchases, n from 1 on, at the next t opportunities."""
        steps = _whole(t)
        stays = [*self._stays(rows, steps), np.zeros(len(rows))]
        total = np.zeros(len(rows))
        for j in range(1, steps + 1):
            ends = stays[j - 1] - stays[j] if j < steps else stays[j - 1]  # through j, and no further
            total += ends * self._tail(rows, n, j)
        return np.asarray(self.probability_alive(rows) * total, dtype=np.float64)

    def draw(self, rows: PurchaseRows, t: float, draws: int, seed: int) -> Floats:
        """(draws, n) numbers of purchases at the next t opportunities."""
        rng, size = np.random.default_rng(seed), (draws, len(rows))
        x, n = rows.frequency, rows.age
        chance = rng.beta(self.alpha + x, self.beta + n - x, size)
        leaves = np.maximum(rng.beta(self.gamma, self.delta + n, size), 1e-15)
        here = rng.random(size) < self.probability_alive(rows)
        seen = np.minimum(rng.geometric(leaves) - 1, _whole(t))
        return np.asarray(np.where(here, rng.binomial(seen, chance), 0), dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """The parameters."""
        return params_file(self.params)

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "BetaGeometricBinomial":
        """The model that `to_files` wrote."""
        return BetaGeometricBinomial(**params_of(files))

    def _stays(self, rows: PurchaseRows, steps: int) -> list[Floats]:
        """Chances (n,) of who is alive to be so through each of the next opportunities."""
        base = betaln(self.gamma, self.delta + rows.age)
        return [np.exp(betaln(self.gamma, self.delta + rows.age + j) - base) for j in range(1, steps + 1)]

    def _tail(self, rows: PurchaseRows, least: Floats, trials: int) -> Floats:
        """(rows,) chance of at least so many purchases at so many opportunities, staying throughout."""
        a, b = self.alpha + rows.frequency, self.beta + rows.age - rows.frequency
        total = np.zeros(len(rows))
        for k in range(1, trials + 1):
            log_ways = -betaln(k + 1, trials - k + 1) - np.log(trials + 1)
            mass = np.exp(log_ways + betaln(a + k, b + trials - k) - betaln(a, b))
            total += np.where(k >= least, mass, 0.0)
        return total

    def _logs(self, rows: PurchaseRows) -> tuple[Floats, Floats]:
        params = np.array([self.alpha, self.beta, self.gamma, self.delta])
        parts = _parts(rows, params)
        return parts[0], np.asarray(np.logaddexp.reduce(parts, axis=0), dtype=np.float64)


def fit_beta_geometric_binomial(
    frequency: Any, recency: Any, age: Any, weight: Any = None
) -> PurchaseFit[BetaGeometricBinomial]:
    """Fit BG/BB to (n,) purchases at opportunities after the first, the last one's number, and how many
    there were; weight: customers that a row stands for.

    Raises LabError where rows are no histories or not whole, or nobody bought again.
    Source: Fader, Hardie, Shang (2010), Marketing Science 29(6), doi:10.1287/mksc.1100.0580.
    """
    rows = purchase_rows(frequency, recency, age, weight)
    require_repeats(rows)
    for name, values in {"recency": rows.recency, "age": rows.age}.items():
        if np.any(values != np.rint(values)) or np.any(rows.frequency > values):
            raise LabError(
                f"{name} counts opportunities, and is not whole or below the number of purchases.",
                "Number the opportunities 1, 2, 3, … after the first purchase.",
                key=name,
            )
    few = distinct(rows)
    found = maximise(with_differences(_likelihood(few)), np.array([1.0, 1.0, 0.7, 2.5]), tolerance=1e-7)
    return fitted(rows, BetaGeometricBinomial(*found.params.tolist()), found)


def _likelihood(rows: PurchaseRows) -> Any:
    weight = np.ones(len(rows)) if rows.weight is None else rows.weight
    steps = _left_after(rows)
    x, n, last = rows.frequency, rows.age, rows.recency

    def value_and_gradient(params: Floats) -> tuple[float, Floats]:
        a, b, c, d = params
        parts = _parts(rows, params)
        total = np.logaddexp.reduce(parts, axis=0)
        share = np.exp(parts - total)  # (1 + steps, n): of each way to have gone through this history
        seen = np.vstack([n, last + steps])  # opportunities at which the customer was there
        bought = digamma(a + b) - digamma(a + b + seen)
        by_a = digamma(a + x) - digamma(a) + bought
        by_b = digamma(b + seen - x) - digamma(b) + bought
        left = np.vstack([np.zeros((1, len(n))), np.ones((len(steps), len(n)))])
        all_of = digamma(c + d) - digamma(c + d + seen + left)
        by_c = digamma(c + left) - digamma(c) + all_of
        by_d = digamma(d + seen) - digamma(d) + all_of
        gradient = [float(weight @ np.sum(share * part, axis=0)) for part in (by_a, by_b, by_c, by_d)]
        return float(weight @ total), np.array(gradient)

    return value_and_gradient


def _parts(rows: PurchaseRows, params: Floats) -> Floats:
    """(1 + steps, n) log chances: alive to the end, or gone after so many opportunities past the last
    purchase; minus infinity where there were not so many."""
    a, b, c, d = params
    x, n, last = rows.frequency, rows.age, rows.recency
    steps = _left_after(rows)
    base = betaln(a, b) + betaln(c, d)
    alive = betaln(a + x, b + n - x) + betaln(c, d + n) - base
    there = np.minimum(last + steps, n)
    gone = betaln(a + x, b + there - x) + betaln(c + 1, d + there) - base
    return np.vstack([alive, np.where(last + steps < n, gone, -np.inf)])


def _left_after(rows: PurchaseRows) -> Floats:
    """(steps, 1) opportunities that may have passed between the last purchase and leaving."""
    return np.arange(max(int((rows.age - rows.recency).max()), 1), dtype=np.float64)[:, None]


def _whole(t: float) -> int:
    if t != round(t) or t < 0:
        raise LabError(
            f"{t:g} is not a number of opportunities.",
            "Give a whole number from 0 on: BG/BB has no time between.",
        )
    return int(t)
