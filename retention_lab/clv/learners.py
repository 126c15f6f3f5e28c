"""What can be fitted to purchase days, by name, all behind one protocol."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from retention_lab.arrays import Floats
from retention_lab.clv.beta_geo import BetaGeo
from retention_lab.clv.beta_geo import fit_rows as fit_beta_geo
from retention_lab.clv.combined import Combined, combine
from retention_lab.clv.contract_purchases import ContractPurchases, fit_contract_purchases
from retention_lab.clv.history import History, history_of
from retention_lab.clv.long_term_value import LongTermRate, fit_long_term_rate
from retention_lab.clv.modified_beta_geo import ModifiedBetaGeo
from retention_lab.clv.modified_beta_geo import fit_rows as fit_modified_beta_geo
from retention_lab.clv.pareto_nbd import ParetoNbd
from retention_lab.clv.pareto_nbd import fit_rows as fit_pareto_nbd
from retention_lab.clv.purchase_days import PurchaseDays
from retention_lab.clv.purchases import PurchaseModel, RowModel
from retention_lab.clv.rows import PurchaseRows
from retention_lab.clv.same_rate import SameRate
from retention_lab.clv.value_model import ValueModel, earlier_cut, fit_value_model


@dataclass(frozen=True, slots=True)
class Window:
    """What is fitted: purchase days up to day `last`, in units of `unit` days, for forecasts of `horizon`
    units; amounts: whether values are money."""

    days: PurchaseDays
    last: int
    unit: float
    horizon: float
    amounts: bool

    @property
    def history(self) -> History:
        """Of every customer known by then."""
        return history_of(self.days, self.last, self.unit)


Model = RowModel | ValueModel
# Names of those that are models of customers; the others are baselines.
PURCHASE_MODELS: Mapping[str, Callable[[PurchaseRows], PurchaseModel]] = {
    "beta_geo": lambda rows: fit_beta_geo(rows).model,
    "modified_beta_geo": lambda rows: fit_modified_beta_geo(rows).model,
    "pareto_nbd": lambda rows: fit_pareto_nbd(rows).model,
}
BASELINES: Mapping[str, Callable[[PurchaseRows], RowModel]] = {
    "same_rate": lambda _: SameRate(),
    "long_term_rate": fit_long_term_rate,
}
_READERS: Mapping[str, Callable[[Mapping[str, bytes]], Model]] = {
    "beta_geo": BetaGeo.from_files,
    "modified_beta_geo": ModifiedBetaGeo.from_files,
    "pareto_nbd": ParetoNbd.from_files,
    "beta_geometric": ContractPurchases.from_files,
    "value_model": ValueModel.from_files,
    "combined": Combined.from_files,
    "same_rate": SameRate.from_files,
    "long_term_rate": LongTermRate.from_files,
}


def fit_learner(name: str, window: Window) -> Model:
    """Fit the learner of that name, which has to be one of those that `read_learner` reads.

    Raises LabError where the window does not hold what it needs.
    """
    if name == "value_model":
        return fit_value_model(window.days, window.last, window.unit, window.horizon, amounts=window.amounts)
    if name == "combined":
        return _fit_combined(window)
    rows = window.history.summary.rows
    if name == "beta_geometric":
        return fit_contract_purchases(rows)
    fits: Mapping[str, Callable[[PurchaseRows], RowModel]] = {**PURCHASE_MODELS, **BASELINES}
    return fits[name](rows)


def read_learner(name: str, files: Mapping[str, bytes]) -> Model:
    """The model that a learner's `to_files` wrote."""
    return _READERS[name](files)


def forecast(model: Model, history: History, t: float) -> Floats:
    """(n,) purchases expected in the t after the end of observation."""
    if isinstance(model, ValueModel):
        return model.expected_purchases(history, t)
    return model.expected_purchases(history.summary.rows, t)


def _fit_combined(window: Window) -> Combined:
    cut = earlier_cut(window.days, window.last, window.unit, window.horizon)
    past, now = cut.history.summary.rows, window.history.summary.rows
    earlier = {name: fit(past) for name, fit in PURCHASE_MODELS.items()}
    fitted = {name: fit(now) for name, fit in PURCHASE_MODELS.items()}
    return combine(earlier, fitted, past, cut.t, cut.purchases)
