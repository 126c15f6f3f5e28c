"""Several purchase models as one: the mean of their chances, at a pace learned from an earlier cut."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from retention_lab.arrays import Floats
from retention_lab.clv.beta_geo import BetaGeo
from retention_lab.clv.modified_beta_geo import ModifiedBetaGeo
from retention_lab.clv.pareto_nbd import ParetoNbd
from retention_lab.clv.purchases import FILE, PurchaseModel
from retention_lab.clv.rows import PurchaseRows

_READERS: Mapping[str, Callable[[Mapping[str, bytes]], PurchaseModel]] = {
    "beta_geo": BetaGeo.from_files,
    "modified_beta_geo": ModifiedBetaGeo.from_files,
    "pareto_nbd": ParetoNbd.from_files,
}
_FASTEST = 4.0  # pace, and 1 over it the slowest


@dataclass(frozen=True, slots=True)
class Combined:
    """names, parts: the models. pace: time ahead runs so much faster for all of them."""

    names: tuple[str, ...]
    parts: tuple[PurchaseModel, ...]
    pace: float = 1.0

    @property
    def params(self) -> dict[str, float]:
        """The pace, and those of the parts, named `<part>.<name>`."""
        named = zip(self.names, self.parts, strict=True)
        return {"pace": self.pace} | {
            f"{name}.{key}": value for name, part in named for key, value in part.params.items()
        }

    def expected_purchases(self, rows: PurchaseRows, t: float) -> Floats:
        """(n,) mean of the parts' expectations."""
        return self._mean(part.expected_purchases(rows, t * self.pace) for part in self.parts)

    def probability_alive(self, rows: PurchaseRows) -> Floats:
        """(n,) mean of the parts' chances."""
        return self._mean(part.probability_alive(rows) for part in self.parts)

    def probability_at_least(self, rows: PurchaseRows, n: Floats, t: float) -> Floats:
        """(rows,) mean of the parts' chances of at least n (rows,) purchases in the next t."""
        return self._mean(part.probability_at_least(rows, n, t * self.pace) for part in self.parts)

    def draw(self, rows: PurchaseRows, t: float, draws: int, seed: int) -> Floats:
        """(draws, n) purchases, each draw from one part at random."""
        which = np.random.default_rng([seed, 1]).integers(0, len(self.parts), (draws, len(rows)))
        drawn = [part.draw(rows, t * self.pace, draws, seed) for part in self.parts]
        return np.choose(which, drawn)

    def to_files(self) -> dict[str, bytes]:
        """The parameters of the parts in a folder each, and the pace."""
        files = {"combined.json": json.dumps({"names": self.names, "pace": self.pace}).encode()}
        for name, part in zip(self.names, self.parts, strict=True):
            files[f"{name}/{FILE}"] = part.to_files()[FILE]
        return files

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Combined":
        """The model that `to_files` wrote."""
        about = json.loads(files["combined.json"])
        names = tuple(about["names"])
        return Combined(names, tuple(_READERS[n]({FILE: files[f"{n}/{FILE}"]}) for n in names), about["pace"])

    def _mean(self, found: "Sequence[Floats] | object") -> Floats:
        total = sum(found)  # type: ignore[call-overload]  # of arrays
        return np.asarray(total / len(self.parts), dtype=np.float64)


def learned_pace(model: Combined, rows: PurchaseRows, t: float, purchases: float) -> float:
    """The pace at which the model expects as many purchases in t as `rows`, an earlier cut, then made.

    Within a quarter and four times: beyond, the earlier cut was another world. 1 where nothing is expected.
    """

    def excess(log_pace: float) -> float:
        at = Combined(model.names, model.parts, float(np.exp(log_pace)))
        return float(at.expected_purchases(rows, t).sum()) - purchases

    slowest, fastest = -np.log(_FASTEST), np.log(_FASTEST)
    if excess(slowest) >= 0:
        return 1 / _FASTEST
    if excess(fastest) <= 0:
        return _FASTEST
    return float(np.exp(brentq(excess, slowest, fastest, xtol=1e-6)))
