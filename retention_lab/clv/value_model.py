"""The value model: trees that correct a probabilistic forecast, trained on an earlier cut of the same log.

Two parts: does the customer buy at all, and how much if so. Each starts from what the purchase model and
Gamma-Gamma say of it, so that trees learn only what those miss, and with nothing to learn the forecast is
theirs. The cut divides the observation as its end divides observation and horizon, so that what is learned
and what is forecast are equally far ahead; nothing after the observation's end is ever seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from retention_lab.arrays import Floats
from retention_lab.clv.beta_geo import BetaGeo, fit_rows
from retention_lab.clv.gamma_gamma import GammaGamma, fit_gamma_gamma
from retention_lab.clv.history import History, Scale, history_of
from retention_lab.clv.purchase_days import PurchaseDays
from retention_lab.clv.purchases import FILE
from retention_lab.clv.rows import PurchaseRows
from retention_lab.clv.summary import Summary
from retention_lab.clv.trees import Corrections, TreeParams, fit_corrections
from retention_lab.errors import LabError

_FEWEST = 50  # customers who buy after the cut
_LEAST = 1e-6
_PARTS = ("buying", "repeating", "spending")


@dataclass(frozen=True, slots=True)
class ValueModel:
    """base, spending: the models whose forecasts are corrected; spending None where no amounts are known.

    buying: of the log odds to buy at all; repeating: of the logarithm of further purchases of a buyer;
    amounts: of the logarithm of what a buyer spends.
    """

    base: BetaGeo
    spending: GammaGamma | None
    buying: Corrections
    repeating: Corrections
    amounts: Corrections | None

    @property
    def params(self) -> dict[str, float]:
        """Those of the base."""
        return self.base.params

    def expected_purchases(self, history: History, t: float) -> Floats:
        """(n,) purchases expected in the t after the end of observation."""
        start = _start(self.base, self.spending, history, t)
        buys = expit(logit(start.buys) + self.buying.scores(start.features))
        return np.asarray(buys * (1 + start.further * np.exp(self.repeating.scores(start.features))))

    def expected_value(self, history: History, t: float) -> Floats:
        """(n,) money expected in the t after the end, not discounted. Raises LabError without amounts."""
        if self.amounts is None:
            raise LabError("No amounts are known, so no value is.", "Name the log's amount column.")
        start = _start(self.base, self.spending, history, t)
        buys = expit(logit(start.buys) + self.buying.scores(start.features))
        return np.asarray(buys * start.spends * np.exp(self.amounts.scores(start.features)))

    def probability_alive(self, history: History) -> Floats:
        """(n,) chance to be a customer still, as the base has it."""
        return self.base.probability_alive(history.summary.rows)

    def scale(self, history: History) -> Scale:
        """What a part of these customers is to be measured by, to be forecast as within the whole."""
        return replace(history.scale, each=float(_each(self.spending, history).mean()))

    def to_files(self) -> dict[str, bytes]:
        """Parameters and the trees' text, by part."""
        files = {f"base/{FILE}": self.base.to_files()[FILE]}
        if self.spending is not None:
            files[f"values/{FILE}"] = self.spending.to_files()[FILE]
        trees = zip(_PARTS, (self.buying, self.repeating, self.amounts), strict=True)
        return files | {f"{name}.txt": part.text.encode() for name, part in trees if part is not None}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "ValueModel":
        """The model that `to_files` wrote."""
        buying, repeating, amounts = (
            Corrections(files[f"{name}.txt"].decode()) if f"{name}.txt" in files else None for name in _PARTS
        )
        if buying is None or repeating is None:
            raise LabError("The files of the value model are not whole.", "Train it again.")
        spending = None
        if f"values/{FILE}" in files:
            spending = GammaGamma.from_files({FILE: files[f"values/{FILE}"]})
        base = BetaGeo.from_files({FILE: files[f"base/{FILE}"]})
        return ValueModel(base, spending, buying, repeating, amounts)


@dataclass(frozen=True, slots=True)
class Cut:
    """A look at the past from a day within the observation, and what came of it by the observation's end.

    t: between the two, in the unit of the history. purchases, value: (n,) in that time.
    """

    history: History
    t: float
    purchases: Floats
    value: Floats


def earlier_cut(days: PurchaseDays, last: int, unit: float, horizon: float) -> Cut:
    """The look that lies as far before day `last`, beside the time observed, as the horizon lies beyond it.

    horizon: in the unit. With as much ahead as was observed, that is half-way; it keeps to between .3 and .8
    of the observation, where there is something to learn from and something to learn.
    Raises LabError for a log too short to be cut.
    """
    known = days.before(last + 1)
    first = int(known.day.min(initial=last))
    observed = (last - first) / unit
    share = min(max(observed / (observed + horizon), 0.3), 0.8)
    at = first + round((last - first) * share)
    if not first < at < last:
        raise LabError(
            f"A log of {last - first + 1} days cannot be cut in two.", "Provide a longer observation."
        )
    history = history_of(known, at, unit)
    purchases, value = known.of(history.summary.ids, at + 1, last + 1)
    return Cut(history, (last - at) / unit, purchases, value)


def fit_value_model(
    days: PurchaseDays,
    last: int,
    unit: float,
    horizon: float,
    *,
    amounts: bool = True,
    params: TreeParams | None = None,
) -> ValueModel:
    """Fit to the purchase days up to day `last`, for forecasts of about `horizon` (in the unit) beyond.

    amounts: whether values are money; a log without amounts has a value of 1 a line.
    Raises LabError where the log is too short, or fewer than 50 customers bought after the cut.
    """
    cut = earlier_cut(days, last, unit, horizon)
    bought = cut.purchases > 0
    if bought.sum() < _FEWEST:
        raise LabError(
            f"Only {int(bought.sum())} customers bought in the part of the log that trees learn from.",
            f"Provide a longer log or more customers; {_FEWEST} are the least.",
        )
    params = params or TreeParams()
    past = cut.history.summary
    start = _start(fit_rows(past.rows).model, _spending(past, amounts), cut.history, cut.t)
    some = start.features[bought]
    buying = fit_corrections(start.features, bought.astype(np.float64), logit(start.buys), "binary", params)
    repeating = fit_corrections(
        some, cut.purchases[bought] - 1, np.log(start.further[bought]), "poisson", params
    )
    spent = None
    if amounts:
        paid = bought & (cut.value > 0)
        spent = fit_corrections(
            start.features[paid], cut.value[paid], np.log(start.spends[paid]), "gamma", params
        )
    now = history_of(days, last, unit).summary
    return ValueModel(fit_rows(now.rows).model, _spending(now, amounts), buying, repeating, spent)


@dataclass(frozen=True, slots=True)
class _Start:
    """What the models say, (n,) each: chance to buy, further purchases of a buyer, money of a buyer."""

    buys: Floats
    further: Floats
    spends: Floats
    features: Floats


def _start(base: BetaGeo, spending: GammaGamma | None, history: History, t: float) -> _Start:
    rows: PurchaseRows = history.summary.rows
    expected = base.expected_purchases(rows, t)
    buys = np.clip(base.probability_at_least(rows, np.ones(len(rows)), t), _LEAST, 1 - _LEAST)
    of_buyer = np.maximum(expected / buys, 1 + _LEAST)
    alive = base.probability_alive(rows)
    each = _each(spending, history)
    ratio = each / (history.scale.each or each.mean())
    features = np.column_stack([history.habits, np.log(of_buyer), logit(buys), alive, ratio])
    return _Start(buys, of_buyer - 1, of_buyer * each, features)


def _each(spending: GammaGamma | None, history: History) -> Floats:
    """(n,) expected value of a purchase; 1 where no amounts are known."""
    if spending is None:
        return np.ones(len(history))
    summary = history.summary
    return np.maximum(spending.expected_value(summary.rows.frequency, summary.mean_value), _LEAST)


def _spending(summary: Summary, amounts: bool) -> GammaGamma | None:
    return spending_of(summary) if amounts else None


def spending_of(summary: Summary) -> GammaGamma:
    """Gamma-Gamma of the customers whose repeat purchases were worth something."""
    rows, mean = summary.rows, summary.mean_value
    some = (rows.frequency > 0) & (mean > 0)
    return fit_gamma_gamma(rows.frequency[some], mean[some]).model
