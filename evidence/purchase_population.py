"""Customers who buy and leave as a purchase model says, and what they do after they were observed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.beta_geo import BetaGeo
from retention_lab.clv.beta_geo import fit_rows as fit_beta_geo
from retention_lab.clv.modified_beta_geo import ModifiedBetaGeo
from retention_lab.clv.modified_beta_geo import fit_rows as fit_modified_beta_geo
from retention_lab.clv.pareto_nbd import ParetoNbd
from retention_lab.clv.pareto_nbd import fit_rows as fit_pareto_nbd
from retention_lab.clv.purchases import PurchaseFit, PurchaseModel
from retention_lab.clv.rows import PurchaseRows

# Time is in weeks: about CDNOW's customers, who buy seldom, and customers who buy nearly every week.
TRUTHS: dict[str, tuple[PurchaseModel, PurchaseModel]] = {
    "beta_geo": (BetaGeo(0.243, 4.41, 0.79, 2.43), BetaGeo(2.0, 3.0, 0.6, 12.0)),
    "modified_beta_geo": (ModifiedBetaGeo(0.525, 6.18, 0.89, 1.61), ModifiedBetaGeo(2.0, 3.0, 0.6, 12.0)),
    "pareto_nbd": (ParetoNbd(0.553, 10.58, 0.606, 11.67), ParetoNbd(2.0, 3.0, 0.8, 25.0)),
}
FITS: dict[str, Callable[[PurchaseRows], PurchaseFit[PurchaseModel]]] = {
    "beta_geo": fit_beta_geo,
    "modified_beta_geo": fit_modified_beta_geo,
    "pareto_nbd": fit_pareto_nbd,
}


@dataclass(frozen=True, slots=True)
class Lived:
    """rows: as observed for 27 to 39 weeks; later: (n,) purchases in the weeks after."""

    rows: PurchaseRows
    later: Floats


def draw(model: PurchaseModel, customers: int, weeks: float, seed: int) -> Lived:
    """So many customers of a model, and their purchases in so many weeks after the observation."""
    rng = np.random.default_rng(seed)
    age, p = rng.uniform(27, 39, customers), model.params
    rate = rng.gamma(p["r"], 1 / p["alpha"], customers)
    if isinstance(model, ParetoNbd):
        life = rng.standard_exponential(customers) / rng.gamma(p["s"], 1 / p["beta"], customers)
        seen = np.minimum(life, age)
        x = rng.poisson(rate * seen).astype(float)
        last = _latest(x, x, seen, rng)
        later = rng.poisson(rate * np.clip(life - age, 0, weeks)).astype(float)
        return Lived(PurchaseRows(x, last, age), later)
    chance = np.maximum(rng.beta(p["a"], p["b"], customers), 1e-15)
    stays = rng.geometric(chance) - isinstance(model, ModifiedBetaGeo)  # repeat purchases, then gone
    made = rng.poisson(rate * age)
    x = np.minimum(made, stays).astype(float)
    later = np.minimum(rng.poisson(rate * weeks), stays - x).astype(float)
    return Lived(PurchaseRows(x, _latest(x, made, age, rng), age), later)


def _latest(x: Floats, made: Floats, seen: Floats, rng: np.random.Generator) -> Floats:
    """(n,) moment of the x-th of `made` purchases, which come at uniform moments."""
    return np.where(x > 0, seen * rng.beta(np.maximum(x, 1), np.maximum(made - x + 1, 1)), 0.0)
