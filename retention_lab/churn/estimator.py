"""scikit-learn's habits over the same functions: who leaves, with calibrated probabilities."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from retention_lab.arrays import Floats
from retention_lab.churn.resample import Resampling
from retention_lab.churn.sample import ChurnSample
from retention_lab.churn.selection import Candidates
from retention_lab.errors import ConfigurationError, did_you_mean
from retention_lab.estimator_input import InputError, is_event, new_rows, refusals, training_rows, two_classes
from retention_lab.features import Features
from retention_lab.split import stratified_folds

_FOLDS = 5


class ChurnClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn's bases are untyped
    """Probability that a customer leaves, by any of the lab's churn models, calibrated on cross-fitted rows.

    learner: a name as in a definition's `models`.
    folds: of the cross-fitting; None: five, or as many as the rarer class has customers.
    resampling: of leavers (over) or stayers (under), inside each fold. tune: look for the learner's settings
    first. duration: the column, by name or by its place from 0, that says for how long somebody has been a
    customer, which `hazard` needs; step: by how much it grows in a period.

    y has two classes of any type, and who left is the second in order (`classes_[1]`: 1 after 0, "yes" after
    "no"). X is a matrix of numbers, or a pandas, Polars or Arrow table whose text, categories, booleans and
    times are used as they are; NaN and null are missing values.

    Fitted: model_ (its `contributions` say which features moved a risk), classes_, probability_ ((n,)
    calibrated and cross-fitted, of the rows fitted on), log_loss_ (of those), settings_ (what tuning found),
    schema_, n_features_in_, and feature_names_in_ for tables with named columns.

    >>> rng = np.random.default_rng(1)
    >>> X = rng.normal(size=(400, 2))
    >>> left = np.where(rng.random(400) < 1 / (1 + np.exp(-2 * X[:, 0])), "left", "a stayer")
    >>> ChurnClassifier().fit(X, left).predict([[2.0, 0.0], [-2.0, 0.0]]).tolist()
    ['left', 'a stayer']
    """

    # rows of one customer must not be on both sides of a fold, so metadata routing hands them over unasked
    __metadata_request__fit = {"groups": True}  # noqa: RUF012  # read by scikit-learn from the class

    def __init__(
        self,
        learner: str = "logistic",
        *,
        folds: int | None = None,
        seed: int = 7,
        resampling: Resampling = "none",
        tune: bool = False,
        duration: str | int | None = None,
        step: float = 1.0,
    ) -> None:
        self.learner = learner
        self.folds = folds
        self.seed = seed
        self.resampling = resampling
        self.tune = tune
        self.duration = duration
        self.step = step

    def fit(self, X: Any, y: Any, *, groups: Any = None) -> Self:
        """Fit on (n, d) features and (n,) labels.

        groups: (n,) customer of each row; the rows of one customer stay in one fold.
        Raises InputError (a LabError and a ValueError) or TypeError where the rows cannot be learnt from.
        """
        features, target = training_rows(self, X, y, numeric=False)
        with refusals("Give one label, one customer and one row of features per row."):
            classes = two_classes(target, "Say with two classes who left.")
            sample = _sample(features, is_event(target, classes), groups)
            found = Candidates(
                sample,
                self._fold(sample),
                self.seed,
                self._clock(features),
                resampling=self.resampling,
                tune=self.tune,
            )
            candidate = found.fit(self.learner)
        self.classes_ = classes
        self.model_ = candidate.model
        self.probability_ = candidate.probability
        self.log_loss_ = candidate.log_loss
        self.settings_ = found.settings
        self.schema_ = features.schema
        return self

    def predict_proba(self, X: Any) -> Floats:
        """(n, 2) calibrated probability of each class, in the order of `classes_`."""
        check_is_fitted(self)
        left = self.model_.probability(new_rows(self, X, self.schema_))
        return np.column_stack([1.0 - left, left])

    def predict(self, X: Any) -> np.ndarray:
        """(n,) the likelier class. Whom to contact is another question: see `retention_lab.churn.profit`."""
        likelier = np.argmax(self.predict_proba(X), axis=1)
        return np.asarray(self.classes_[likelier])

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.classifier_tags.multi_class = False
        return tags

    def _fold(self, sample: ChurnSample) -> np.ndarray:
        folds = _FOLDS if self.folds is None else self.folds
        if self.folds is None:
            folds = max(2, min(folds, _rarer(sample)))
        if folds < 2:
            raise ConfigurationError(
                "Cross-fitting takes at least two folds.", "Write folds=2 or more.", key="folds"
            )
        return stratified_folds(sample.left, folds, self.seed, sample.group)

    def _clock(self, features: Features) -> tuple[int, float] | None:
        if self.duration is None:
            return None
        names = features.schema.names
        known = range(len(names)) if isinstance(self.duration, int) else names
        if self.duration not in known:
            raise ConfigurationError(
                f"There is no column {self.duration!r}, which says how long customers have been some.",
                did_you_mean(str(self.duration), names),
                key="duration",
            )
        place = self.duration if isinstance(self.duration, int) else names.index(self.duration)
        return place, self.step


def _sample(features: Features, left: Floats, groups: Any) -> ChurnSample:
    if groups is None:
        return ChurnSample(features, left)
    group = np.asarray(groups)
    if group.shape != left.shape:
        raise InputError(
            f"There are {len(left)} rows, and customers of shape {group.shape}.",
            "Give one customer per row.",
            key="groups",
        )
    return ChurnSample(features, left, group)


def _rarer(sample: ChurnSample) -> int:
    """Customers of the class that fewer have."""
    group = np.arange(len(sample)) if sample.group is None else sample.group
    codes = np.unique(group, return_inverse=True)[1]
    leavers = int((np.bincount(codes, weights=sample.left) > 0).sum())
    return min(leavers, int(codes.max()) + 1 - leavers)
