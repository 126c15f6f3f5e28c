"""Candidates, cross-fitted and calibrated on the training part alone, and which of them to keep."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.calibrators import choose_calibrator, log_loss
from retention_lab.churn.folds import cross_fitted, rolled
from retention_lab.churn.grids import GRIDS, tuned
from retention_lab.churn.learners import BLEND, HAZARD, learner
from retention_lab.churn.learners.blend import Blend, best_weight, blended
from retention_lab.churn.learners.boosted import BoostedModel
from retention_lab.churn.learners.calibrated import Calibrated
from retention_lab.churn.learners.cleaned import Cleaned, fit_cleaned
from retention_lab.churn.learners.hazard import fit_hazard
from retention_lab.churn.learners.linear import LinearModel
from retention_lab.churn.learners.protocol import ChurnModel
from retention_lab.churn.lines import as_lines
from retention_lab.churn.preparation import Scaling
from retention_lab.churn.profit import Campaign, contacted, profit_terms
from retention_lab.churn.resample import Resampling, resample
from retention_lab.churn.sample import ChurnSample, require_both
from retention_lab.churn.snapshots import RollingFold
from retention_lab.cleaning import CleaningRule
from retention_lab.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Candidate:
    """model: of all training rows, calibrated; probability: (m,) the judged rows, each predicted and
    calibrated by what has not seen it; log_loss: of those."""

    name: str
    model: Calibrated
    probability: Floats
    log_loss: float

    def profit(self, left: Floats, campaign: Campaign) -> float:
        """Cross-fitted profit per customer of contacting those whom the probabilities say to contact.

        left: (m,) of the judged rows, and the campaign among them.
        """
        return float(np.mean(profit_terms(left, contacted(self.probability, campaign), campaign)))


@dataclass(frozen=True)
class Candidates:
    """The candidates of one sample; each learner is fitted once, also where the blend is made of it.

    fold: (n,) of each row, see `folds`. clock: the column that a hazard model reads as the customer's age,
    and by how much it grows in a period; None where no column says that. resampling: of the rows that are
    fitted on, inside each fold; the calibration takes back what it does to the probabilities. tune: look for
    each learner's settings first, on all rows of the sample: the cross-fitted figures then flatter a little,
    those on held-out rows do not. settings: what was found, by learner. cleaning: of gaps and outliers,
    learned with each model from the rows that it is fitted on; None leaves them to the models. scale: numbers
    enter logistic regression, support vectors and the network as one scaled column each; None: as curves.
    rolling: each look is predicted from the past alone, in place of each fold from the others.
    """

    sample: ChurnSample
    fold: Ints
    seed: int = 7
    clock: tuple[int, float] | None = None
    resampling: Resampling = "none"
    tune: bool = False
    cleaning: CleaningRule | None = None
    scale: Scaling | None = None
    rolling: tuple[RollingFold, ...] = ()
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    _raw: dict[str, Floats] = field(default_factory=dict)
    _whole: dict[str, Cleaned] = field(default_factory=dict)

    @property
    def judged(self) -> Ints:
        """(m,) the rows that candidates are judged by: all, or those of the looks that were predicted."""
        if not self.rolling:
            return np.arange(len(self.sample), dtype=np.int64)
        return np.sort(np.concatenate([fold.test for fold in self.rolling]))

    def fit(self, name: str) -> Candidate:
        """The candidate of that name.

        Raises ConfigurationError for a name that is not known, and for a hazard model without a clock;
        LabError unless somebody left and somebody stayed.
        """
        left, fold = self.sample.left[self.judged], self.fold[self.judged]
        require_both(self.sample.left)
        require_both(left, "the rows that candidates are judged by")
        raw, whole = self._blend() if name == BLEND else self._fitted(name)
        chosen = choose_calibrator(raw, left, fold)
        model = Calibrated(whole.model, chosen.calibrator, whole.cleaning)
        return Candidate(name, model, chosen.probability, log_loss(chosen.probability, left))

    def _fitted(self, name: str) -> tuple[Floats, Cleaned]:
        """(m,) probability of the judged rows by what has not seen them, and the model of all rows."""
        if name not in self._raw:
            fit = self._fit_of(name)
            if self.rolling:
                self._raw[name] = rolled(fit, self.sample, self.rolling)[self.judged]
            else:
                self._raw[name] = cross_fitted(fit, self.sample, self.fold)
            self._whole[name] = fit(self.sample)
        return self._raw[name], self._whole[name]

    def _fit_of(self, name: str) -> Callable[[ChurnSample], Cleaned]:
        fit = self._learner(name)

        def resampled(rows: ChurnSample) -> ChurnModel:
            return fit(resample(rows, self.resampling, self.seed).sample)

        return lambda rows: fit_cleaned(rows, self.cleaning, resampled)

    def _learner(self, name: str) -> Callable[[ChurnSample], ChurnModel]:
        if name != HAZARD:
            known = learner(name)
            found = tuned(name, self.sample, self.seed) if self.tune else None
            if found is None:
                own = None if self.scale is None else as_lines(name, self.scale, self.seed)
                return own or (lambda rows: known.fit(rows, self.seed))
            self.settings[name] = asdict(found.best)
            return lambda rows: GRIDS[name].fit(rows, self.seed, found.best)
        if self.clock is None:
            raise ConfigurationError(
                "A hazard model needs to know which column says for how long the customer has been one.",
                "Name it in `duration:`, or take `hazard` out of `models:`.",
                key="models",
            )
        column, step = self.clock
        return lambda rows: fit_hazard(rows, column, self.seed, step=step)

    def _blend(self) -> tuple[Floats, Cleaned]:
        (smooth, whole), (trees, other) = self._fitted("logistic"), self._fitted("lightgbm")
        logistic, boosted = whole.model, other.model
        if not (isinstance(logistic, LinearModel) and isinstance(boosted, BoostedModel)):
            raise TypeError("the blend is made of a logistic and a boosted model")
        left, fold = self.sample.left[self.judged], self.fold[self.judged]
        raw = np.empty(len(left))
        for k in np.unique(fold):  # the weight for a fold is chosen on the others
            out = fold == k
            weight = best_weight(smooth[~out], trees[~out], left[~out])
            raw[out] = blended(smooth[out], trees[out], weight)
        return raw, Cleaned(whole.cleaning, Blend(logistic, boosted, best_weight(smooth, trees, left)))


def champion(candidates: Iterable[Candidate], left: Floats, campaign: Campaign | None) -> Candidate:
    """The candidate that earns most, cross-fitted; without a campaign, the one with the least log loss.

    The first named among equals.
    """
    if campaign is None:
        return min(candidates, key=lambda one: one.log_loss)
    return max(candidates, key=lambda one: one.profit(left, campaign))
