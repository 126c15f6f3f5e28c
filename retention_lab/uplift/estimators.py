"""scikit-learn's habits over the same functions: estimators whose `predict` is the effect of an offer."""

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, column_or_1d

from retention_lab.arrays import Floats
from retention_lab.errors import ConfigurationError, did_you_mean
from retention_lab.estimator_input import InputError, is_event, new_rows, refusals, training_rows, two_classes
from retention_lab.features import Features
from retention_lab.uplift.boosting import BoostingParams
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample, observed_propensity
from retention_lab.uplift.scorers import HeldOut, judge
from retention_lab.uplift.scores import gamma_on
from retention_lab.uplift.selection import fit_candidate
from retention_lab.uplift.treatment_input import arms, chances

ASSIGNMENTS = ("randomised", "observational")


class _Uplift(ABC):
    """What both estimators share; scikit-learn's bases come behind it, so this `score` is used."""

    # an effect without a treatment is nothing, so metadata routing hands these over without being asked;
    # set_fit_request and set_score_request change it
    __metadata_request__fit = {"treatment": True, "propensity": True, "groups": True}  # noqa: RUF012  # read by scikit-learn from the class
    __metadata_request__score = {"treatment": True, "propensity": True}  # noqa: RUF012  # likewise

    _numeric_target = True

    def __init__(
        self,
        learner: str = "stack",
        *,
        folds: int | None = None,
        seed: int = 7,
        assignment: str = "randomised",
        boosting: BoostingParams | None = None,
    ) -> None:
        self.learner = learner
        self.folds = folds
        self.seed = seed
        self.assignment = assignment
        self.boosting = boosting

    def fit(
        self, X: Any, y: Any, *, treatment: Any = None, propensity: Any = None, groups: Any = None
    ) -> Self:
        """Fit on (n, d) features, (n,) outcomes and (n,) arms (0 = control).

        propensity: (n, K + 1), where the arms were drawn with known chances; None: as `assignment` says.
        groups: (n,) customer of each row; the rows of one customer stay in one fold.
        Raises InputError (a LabError and a ValueError) or TypeError where the rows cannot be learnt from.
        """
        features, target = training_rows(self, X, y, numeric=self._numeric_target)
        with refusals("Give one outcome, one arm, one customer and one row of features per row."):
            outcome = self._learn_outcome(target)
            sample = self._sample(features, arms(treatment), outcome, chances(propensity), groups)
            task = prepare(sample, self.folds, self.seed, self.boosting)
            self.model_ = fit_candidate(self.learner, task).model
            self.outcomes_ = task.outcomes
            self.propensities_ = task.propensities
        self.schema_ = features.schema
        self.arm_count_ = sample.arm_count
        self.propensity_given_ = propensity is not None
        return self

    def predict(self, X: Any) -> Floats:
        """Effect of the offer, (n,); (n, K) where there are several offers; in the outcome's unit."""
        features = self._read(X)
        effect = self.model_.effect(features)
        return effect[:, 0] if effect.shape[1] == 1 else effect

    def held_out(self, X: Any, y: Any, *, treatment: Any = None, propensity: Any = None) -> HeldOut:
        """Doubly robust scores and effects of rows that the estimator was not fitted on, for metrics.

        propensity: (n, K + 1); None: the observed shares of these rows where the arms were randomised, the
        fitted propensity model where the assignment was observational.
        Raises InputError where an arm has no rows, or where the fit had known propensities and these rows
        have none.
        """
        features = self._read(X)
        with refusals("Give one outcome and one arm per row."):
            sample = UpliftSample(
                features, arms(treatment), self._outcome(y), chances(propensity), None, self.arm_count_
            )
            known = self._known_chances(sample)
            gamma = gamma_on(sample.with_propensity(known), self.outcomes_)
        return HeldOut(gamma, self.model_.effect(features), np.asarray(known[:, 1:] > 0, dtype=np.bool_))

    def score(
        self, X: Any, y: Any, *, treatment: Any = None, propensity: Any = None, sample_weight: Any = None
    ) -> float:
        """Qini in outcome per head on rows that the estimator was not fitted on: 0 is random, higher better.

        The mean over the offers where there are several. Other metrics: `retention_lab.uplift.scorers`.
        sample_weight: None, as scikit-learn's pipelines always pass it; weights are refused with InputError.
        """
        if sample_weight is not None:
            raise InputError("Weights came, and the Qini counts every customer once.", "Leave them out.")
        return judge("qini", self.held_out(X, y, treatment=treatment, propensity=propensity))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()  # type: ignore[misc]  # of the bases behind this one
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        for kind in (tags.regressor_tags, tags.classifier_tags):
            if kind is not None:
                kind.poor_score = True  # `predict` is an effect, and says nothing about the outcome itself
        if tags.classifier_tags is not None:
            tags.classifier_tags.multi_class = False
        return tags

    def _sample(
        self, features: Features, arm: np.ndarray, outcome: Floats, propensity: Floats | None, groups: Any
    ) -> UpliftSample:
        if self.assignment not in ASSIGNMENTS:
            raise ConfigurationError(
                f"No assignment is named {self.assignment!r}.",
                did_you_mean(str(self.assignment), ASSIGNMENTS),
                key="assignment",
            )
        sample = UpliftSample(features, arm, outcome, propensity, groups)
        if propensity is None and self.assignment == "randomised":
            return sample.with_propensity(observed_propensity(sample.arm, sample.arm_count))
        return sample

    def _known_chances(self, sample: UpliftSample) -> Floats:
        if sample.propensity is not None:
            return sample.propensity
        if self.propensity_given_:
            raise InputError(
                "The estimator was fitted with known propensities, and these rows came without theirs.",
                "Pass propensity=… here too.",
                key="propensity",
            )
        if self.propensities_ is not None:
            return self.propensities_.probability(sample.features)
        return observed_propensity(sample.arm, sample.arm_count)

    def _read(self, X: Any) -> Features:
        check_is_fitted(self)
        return new_rows(self, X, self.schema_)

    @abstractmethod
    def _learn_outcome(self, target: np.ndarray) -> Floats:
        """(n,) outcomes to fit on, and whatever the estimator keeps about them."""

    @abstractmethod
    def _outcome(self, y: Any) -> Floats:
        """(n,) outcomes of any rows, as a fitted estimator reads them."""


class UpliftRegressor(_Uplift, RegressorMixin, BaseEstimator):  # type: ignore[misc]  # sklearn's bases are untyped
    """Effect of an offer per customer, on any outcome that is a number; `predict` gives the effect.

    learner: a name as in a definition's `learners`.
    folds: for cross-fitting; None: two from 50,000 rows, five below.
    assignment: where no propensities are passed, `randomised` takes the observed shares of the arms for
    everybody; `observational` estimates propensities from the features, and every conclusion then rests on
    the features holding all that drove the choice.
    boosting: of the outcome models, and of learners that boost; None: the lab's own, with `seed`.

    X is a matrix of numbers, or a pandas, Polars or Arrow table whose text, categories, booleans and times
    are used as they are; NaN and null are missing values. `treatment` is passed to `fit` and `score`: within
    scikit-learn's tools, sklearn.set_config(enable_metadata_routing=True) hands it over without more words.

    Fitted: model_, outcomes_ (outcome models of the arms, which `score` uses), propensities_ (None where
    known), schema_, arm_count_, n_features_in_, and feature_names_in_ for tables with named columns.

    >>> rng = np.random.default_rng(1)
    >>> X, t = rng.normal(size=(1000, 2)), rng.integers(0, 2, 1000)
    >>> UpliftRegressor("constant").fit(X, 3.0 * t, treatment=t).predict(X[:2]).round(3).tolist()
    [3.0, 3.0]
    """

    def outcome_means(self, X: Any) -> Floats:
        """(n, K + 1) expected outcome under each arm, control first, by the outcome models of the arms.

        Their differences are the S-learner's effects; `predict` gives those of the learner.
        """
        features = self._read(X)
        return self.outcomes_.mean(features)

    def _learn_outcome(self, target: np.ndarray) -> Floats:
        return self._outcome(target)

    def _outcome(self, y: Any) -> Floats:
        values = column_or_1d(y)
        if values.dtype.kind in "US":
            raise InputError("The outcome is text.", "Give numbers, or use UpliftClassifier for two classes.")
        return np.asarray(values, dtype=np.float64)


class UpliftClassifier(_Uplift, ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn's bases are untyped
    """Effect of an offer on the probability of an event; `predict` gives the effect, not a label.

    A classifier by its outcome: y has two classes of any type, the event is the second in order
    (`classes_[1]`: 1 after 0, True after False, "yes" after "no"), and scikit-learn's tools keep its share
    equal in all folds. What it predicts is the probability of the event with the offer less that without
    one, so tools that combine labels, such as voting, do not apply. How likely the event is under each arm
    says `outcome_probabilities`.

    Parameters, inputs and fitted attributes are as in `UpliftRegressor`, with `classes_` beside them.

    >>> rng = np.random.default_rng(1)
    >>> X, t = rng.normal(size=(1000, 2)), rng.integers(0, 2, 1000)
    >>> kept = np.where(rng.random(1000) < 0.2 + 0.5 * t, "kept", "gone")
    >>> effect = UpliftClassifier("constant").fit(X, kept, treatment=t).predict(X[:2])
    >>> bool(np.all(np.abs(effect - 0.5) < 0.1))
    True
    """

    _numeric_target = False

    def outcome_probabilities(self, X: Any) -> Floats:
        """(n, K + 1) probability of the event under each arm, control first, by the models of the arms.

        Their differences are the S-learner's effects; `predict` gives those of the learner.
        """
        features = self._read(X)
        return self.outcomes_.mean(features)

    def _learn_outcome(self, target: np.ndarray) -> Floats:
        self.classes_ = two_classes(
            target, "Say with two classes whether the event happened, or use UpliftRegressor for amounts."
        )
        return self._outcome(target)

    def _outcome(self, y: Any) -> Floats:
        return is_event(y, self.classes_)
