"""A scikit-learn scorer for each metric: how well a fitted estimator's effects hold on rows new to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import MetadataRequest

from retention_lab.arrays import Bools, Floats
from retention_lab.calibration import calibration_slope
from retention_lab.errors import ConfigurationError, did_you_mean
from retention_lab.estimator_input import InputError
from retention_lab.off_policy import policy_value
from retention_lab.uplift.policy import greedy_policy, policy_gain
from retention_lab.uplift.ranking import autoc, qini, uplift_at
from retention_lab.uplift.worth import Worth


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What a metric reads of rows that the model has not seen.

    gamma: (n, K + 1) doubly robust scores; effect: (n, K) the model's; feasible: (n, K) rows that could have
    got each offer.
    """

    gamma: Floats
    effect: Floats
    feasible: Bools


OfferMetric = Callable[[Floats, Floats], float]
"""(n,) effect scores and (n,) predicted effects of one offer -> a number, higher is better."""

OFFER_METRICS: dict[str, OfferMetric] = {
    "qini": lambda e, effect: qini(e, effect).value,
    "autoc": lambda e, effect: autoc(e, effect).value,
    "uplift_at_10": lambda e, effect: uplift_at(e, effect, 0.1).value,
    "uplift_at_20": lambda e, effect: uplift_at(e, effect, 0.2).value,
    "uplift_at_30": lambda e, effect: uplift_at(e, effect, 0.3).value,
    "neg_calibration_error": lambda e, effect: -abs(calibration_slope(e, effect).value - 1),
    "neg_doubly_robust_loss": lambda e, effect: -float(np.mean((e - effect) ** 2)),
}
POLICY_METRICS: dict[str, Callable[[Floats, np.ndarray, int], float]] = {
    "policy_value": lambda gamma, policy, _: policy_value(gamma, policy).value,
    "policy_gain": lambda gamma, policy, arm: policy_gain(gamma, policy, arm).value,
}


@dataclass(frozen=True)
class MetricScorer:
    """`scorer(estimator, X, y, treatment=…)` -> float, higher is better; for scikit-learn's `scoring=`.

    The rows' outcomes are weighed by doubly robust scores, whose outcome models are the ones that the
    estimator fitted on its own training rows: neither they nor the effects have seen the rows that judge.
    Those outcome models do not depend on the learner, so candidates that differ in the learner are compared
    on identical scores.

    arm: the offer to judge; None: the mean over all offers, each among those who could get it. For
    `policy_gain` the arm that everybody would get instead; None: control. `policy_value` has no arm.
    worth: value and costs; the default judges in the outcome's unit, and knows no costs.
    requests: what metadata routing hands over. `treatment` and `propensity` are asked for from the start.
    """

    metric: str
    arm: int | None = None
    worth: Worth = field(default_factory=Worth)
    requests: Mapping[str, bool | str | None] = field(
        default_factory=lambda: {"treatment": True, "propensity": True}
    )

    def __call__(
        self, estimator: Any, X: Any, y: Any, *, treatment: Any = None, propensity: Any = None
    ) -> float:
        """Judge a fitted estimator of this package, also at the end of a pipeline, on other rows.

        Raises InputError where the treatment is missing, or the estimator is another kind of thing.
        """
        known, rows = innermost(estimator, X)
        held_out = known.held_out(rows, y, treatment=treatment, propensity=propensity)
        return judge(self.metric, held_out, self.arm, self.worth)

    def set_score_request(self, **requests: bool | str | None) -> "MetricScorer":
        """A scorer that asks metadata routing for these: True, False, None, or the name they come under."""
        unknown = [name for name in requests if name not in self.requests]
        if unknown:
            raise TypeError(
                f"A scorer cannot ask for {unknown[0]!r}. {did_you_mean(unknown[0], self.requests)}"
            )
        return replace(self, requests={**self.requests, **requests})

    def get_metadata_routing(self) -> MetadataRequest:
        """What scikit-learn's routing should hand over."""
        request = MetadataRequest(owner=self)
        for name, alias in self.requests.items():
            request.score.add_request(param=name, alias=alias)
        return request


def uplift_scorer(metric: str, arm: int | None = None, worth: Worth | None = None) -> MetricScorer:
    """The scorer of a metric, for one arm, or in net value; see `MetricScorer`.

    Raises ConfigurationError for a metric that is not known, or an arm where the metric has none.
    """
    known = [*OFFER_METRICS, *POLICY_METRICS]
    if metric not in known:
        raise ConfigurationError(f"No uplift metric is named {metric!r}.", did_you_mean(metric, known))
    if metric == "policy_value" and arm is not None:
        raise ConfigurationError(
            "A policy chooses among all arms, so its value has no arm of its own.",
            "Leave `arm` out.",
            key="arm",
        )
    return MetricScorer(metric, arm, worth or Worth())


SCORERS: dict[str, MetricScorer] = {name: uplift_scorer(name) for name in [*OFFER_METRICS, *POLICY_METRICS]}


def judge(metric: str, held_out: HeldOut, arm: int | None = None, worth: Worth | None = None) -> float:
    """The metric on held-out rows; raises LabError where it cannot be computed, or there is no such arm.

    Sources: where the metrics are defined; the loss: Kennedy (2023), Electronic Journal of Statistics 17(2),
    doi:10.1214/23-EJS2157.
    """
    worth = worth or Worth()
    net = worth.net_scores(held_out.gamma, held_out.feasible)
    predicted = worth.net_effect(held_out.effect, held_out.feasible)
    if metric in POLICY_METRICS:
        _require_arm(arm or 0, 0, net.shape[1])
        return POLICY_METRICS[metric](net, greedy_policy(predicted), arm or 0)
    offers = range(1, net.shape[1]) if arm is None else [arm]
    of_offer = partial(_of_offer, OFFER_METRICS[metric], net, predicted, held_out.feasible)
    return float(np.mean([of_offer(k) for k in offers]))


def innermost(estimator: Any, X: Any) -> tuple[Any, Any]:
    """The package's own estimator inside pipelines and searches, and the rows as it sees them."""
    if hasattr(estimator, "held_out"):
        return estimator, X
    if isinstance(estimator, Pipeline):
        return innermost(estimator[-1], estimator[:-1].transform(X) if len(estimator) > 1 else X)
    if hasattr(estimator, "best_estimator_"):
        return innermost(estimator.best_estimator_, X)
    raise InputError(
        f"A scorer of effects was given a {type(estimator).__name__}, which has no outcome models.",
        "Score an UpliftRegressor or UpliftClassifier, alone, in a pipeline or in a search.",
    )


def _of_offer(metric: OfferMetric, net: Floats, predicted: Floats, feasible: Bools, k: int) -> float:
    _require_arm(k, 1, net.shape[1])
    rows = feasible[:, k - 1]
    return metric((net[:, k] - net[:, 0])[rows], predicted[rows, k - 1])


def _require_arm(arm: int, lowest: int, arm_count: int) -> None:
    if not lowest <= arm < arm_count:
        raise InputError(
            f"Arm {arm} is to be judged, and the model knows {lowest} to {arm_count - 1}.",
            "Name one of them.",
            key="arm",
        )
