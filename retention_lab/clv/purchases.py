"""A model of repeat purchases, fitted: the protocol that all share, and the fit with its uncertainty."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.newton import Likelihood, Maximum, at_edge, maximise
from retention_lab.clv.rows import PurchaseRows, new_customer
from retention_lab.errors import LabError

FILE = "params.json"


class RowModel(Protocol):
    """A forecast from frequency, recency and age. Times are in the unit of the rows it was fitted on."""

    @property
    def params(self) -> dict[str, float]:
        """The parameters by the field's names."""

    def expected_purchases(self, rows: PurchaseRows, t: float) -> Floats:
        """(n,) purchases expected in the t after each customer's end of observation."""

    def to_files(self) -> dict[str, bytes]:
        """The parameters, as text."""


class PurchaseModel(RowModel, Protocol):
    """A forecast that knows leaving, and the chances of every number of purchases."""

    def probability_alive(self, rows: PurchaseRows) -> Floats:
        """(n,) chance that the customer has not left for good."""

    def probability_at_least(self, rows: PurchaseRows, n: Floats, t: float) -> Floats:
        """(rows,) chance of at least n (rows,) purchases in the t after the end of observation."""

    def draw(self, rows: PurchaseRows, t: float, draws: int, seed: int) -> Floats:
        """(draws, n) numbers of purchases in the t after the end, as the model thinks they may come."""


Model = TypeVar("Model", bound=PurchaseModel)


@dataclass(frozen=True, slots=True)
class PurchaseFit(Generic[Model]):
    """A model and the customers that it was fitted on.

    log_likelihood: summed over the customers, in the units given.
    standard_errors: by parameter, from the observed information; None where it has no inverse.
    edge: parameters that ran towards 0 or infinity. The data then want a simpler model (nobody leaves, or
    all buy at one rate): forecasts stand, the parameters themselves say nothing.
    """

    model: Model
    rows: PurchaseRows
    log_likelihood: float
    standard_errors: dict[str, float] | None
    edge: tuple[str, ...]

    @property
    def params(self) -> dict[str, float]:
        """The parameters by the field's names."""
        return self.model.params

    def expected_purchases(self, t: float) -> Floats:
        """(n,) purchases expected of the fitted customers in the next t."""
        return self.model.expected_purchases(self.rows, t)

    def probability_alive(self) -> Floats:
        """(n,) chance that each fitted customer has not left for good."""
        return self.model.probability_alive(self.rows)


def fitted(rows: PurchaseRows, model: Model, maximum: Maximum) -> PurchaseFit[Model]:
    """The fit at a maximum of the likelihood, whose parameters are in the order of the model's."""
    names = list(model.params)
    edge = tuple(name for name, out in zip(names, at_edge(maximum.params), strict=True) if out)
    errors = None
    if maximum.covariance is not None and not edge:
        errors = dict(zip(names, np.sqrt(np.diag(maximum.covariance)).tolist(), strict=True))
    return PurchaseFit(model, rows, maximum.value, errors, edge)


_SMALL = 50_000


def climb(rows: PurchaseRows, start: Floats, likelihood_of: "LikelihoodOf") -> Maximum:
    """The maximum over all rows; of many, every k-th first, so that few passes over all are left.

    Raises LabError where nobody bought again.
    """
    require_repeats(rows)
    if len(rows) > 4 * _SMALL:
        some = rows.take(slice(None, None, len(rows) // _SMALL))
        start = maximise(likelihood_of(some), start, tolerance=1e-4).params
    return maximise(likelihood_of(rows), start, tolerance=1e-5)


class LikelihoodOf(Protocol):
    """The likelihood of rows."""

    def __call__(self, rows: PurchaseRows) -> Likelihood:
        """As a function of the parameters."""


def require_repeats(rows: PurchaseRows) -> None:
    """Raise LabError where the rows cannot tell a buying rate."""
    if not rows.frequency.any():
        raise LabError(
            f"None of the {len(rows)} customers bought again, so no buying rate can be learned.",
            "Take a longer period of observation.",
        )


def require_horizon(t: float) -> None:
    """Raise LabError for a time that does not lie ahead."""
    if not 0 <= t < np.inf:
        raise LabError(f"{t:g} is not a time ahead.", "Give a number from 0 on, in the unit of the rows.")


def buying_rate(rows: PurchaseRows) -> float:
    """Repeat purchases in a unit of time, over all customers."""
    weight = np.ones(len(rows)) if rows.weight is None else rows.weight
    return float(weight @ rows.frequency) / max(float(weight @ rows.age), 1e-12)


def expected_of_new(model: RowModel, t: float) -> float:
    """Repeat purchases expected of a customer in the t after the first purchase.

    That is a customer whose history ended at its beginning.
    """
    return float(model.expected_purchases(new_customer(), t)[0])


def params_file(params: Mapping[str, float]) -> dict[str, bytes]:
    """The one file of a model that is its parameters, to the last bit."""
    return {FILE: json.dumps(dict(params), allow_nan=False).encode()}


def params_of(files: Mapping[str, bytes]) -> dict[str, float]:
    """What `params_file` wrote."""
    return {name: float(value) for name, value in json.loads(files[FILE]).items()}
