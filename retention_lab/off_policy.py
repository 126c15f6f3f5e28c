"""The value of a policy from logged choices: weighting, self-normalised weighting, doubly robust.

A policy is (n,) ints, the arm that each unit would get, or (n, K + 1) probabilities of each arm.
"""

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate


def doubly_robust(outcome: Floats, arm: Ints, propensity: Floats, mean: Floats) -> Floats:
    """Scores (n, K + 1) whose mean over any group of units is that group's mean outcome under each arm.

    outcome: (n,), in its own unit; arm: (n,) ints received; propensity: (n, K + 1), probability of each arm;
    mean: (n, K + 1), predicted outcome under each arm, by models that have not seen the row.
    Unbiased when either the propensities or the predictions are right. Arms that a unit could not get
    (probability 0) rest on the prediction alone.

    Raises LabError when a unit received an arm of probability 0.
    Source: Robins, Rotnitzky, Zhao (1994), JASA 89(427), doi:10.1080/01621459.1994.10476818.

    >>> doubly_robust(np.array([3.0]), np.array([1]), np.array([[0.5, 0.5]]), np.array([[1.0, 2.0]]))
    array([[1., 4.]])
    """
    rows = np.arange(len(arm))
    received = _received(arm, propensity)
    gamma = np.array(mean, dtype=np.float64)
    gamma[rows, arm] += (outcome - gamma[rows, arm]) / received
    return gamma


def policy_value(
    gamma: Floats, policy: np.ndarray, group: np.ndarray | None = None, *, confidence: float = 0.95
) -> Estimate:
    """Mean outcome per head if the policy chose for everyone; gamma: (n, K + 1) doubly robust scores.

    The policy must not have been fitted on these rows. p-value against 0.
    Source: Dudík, Erhan, Langford, Li (2014), Statistical Science 29(4), doi:10.1214/14-STS500.
    """
    return mean_estimate(chosen_scores(gamma, policy), group, confidence=confidence)


def policy_difference(
    gamma: Floats,
    policy: np.ndarray,
    other: np.ndarray,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Estimate:
    """Value of a policy less value of another, paired on the same rows, per head; p-value against 0."""
    return mean_estimate(
        chosen_scores(gamma, policy) - chosen_scores(gamma, other), group, confidence=confidence
    )


def chosen_scores(gamma: Floats, policy: np.ndarray) -> Floats:
    """(n,) expected score of each unit under the policy's choice."""
    if policy.ndim == 1:
        return np.asarray(gamma[np.arange(len(gamma)), chosen_arms(policy, gamma.shape[1])], dtype=np.float64)
    return np.asarray(np.sum(gamma * choice_probabilities(policy, gamma.shape[1]), axis=1), dtype=np.float64)


def weighted_value(
    outcome: Floats,
    arm: Ints,
    propensity: Floats,
    policy: np.ndarray,
    group: np.ndarray | None = None,
) -> Estimate:
    """Inverse-propensity value of a policy, per head: unbiased, and noisy where propensities are small.

    Source: Horvitz and Thompson (1952), JASA 47(260), doi:10.1080/01621459.1952.10483446.
    """
    return mean_estimate(_weights(arm, propensity, policy) * outcome, group)


def self_normalised_value(
    outcome: Floats,
    arm: Ints,
    propensity: Floats,
    policy: np.ndarray,
    group: np.ndarray | None = None,
) -> Estimate:
    """Weighted value divided by the sum of the weights: slightly biased, steadier.

    Raises LabError when no unit received an arm that the policy would choose.
    Source: Swaminathan and Joachims (2015), NIPS 28, "The self-normalized estimator for counterfactual
    learning".
    """
    value, influence = _self_normalised(outcome, arm, propensity, policy)
    return mean_estimate(np.asarray(influence + value, dtype=np.float64), group)


def self_normalised_difference(
    outcome: Floats,
    arm: Ints,
    propensity: Floats,
    policy: np.ndarray,
    other: np.ndarray,
    group: np.ndarray | None = None,
) -> Estimate:
    """Self-normalised value of a policy less that of another, on the same rows; p-value against 0.

    Rows that speak for both move both values: the interval is of the difference of their influences, and
    narrower than that of two values that share no row wherever the policies mostly agree.
    Raises LabError as `self_normalised_value` does. Source: the delta method, as in Owen (2013), "Monte Carlo
    theory, methods and examples", chapter 9.
    """
    ours, our_influence = _self_normalised(outcome, arm, propensity, policy)
    theirs, their_influence = _self_normalised(outcome, arm, propensity, other)
    paired = ours - theirs + our_influence - their_influence
    return mean_estimate(np.asarray(paired, dtype=np.float64), group)


def without_rare_arms(arm: Ints, propensity: Floats, least: float = 0.01) -> tuple[Bools, Floats]:
    """Which rows to keep, and their (kept, K + 1) propensities, when arms rarer than `least` are left out.

    Given that a row drew none of the arms that it hardly could, the others have the chances p / (1 - their
    sum): exact, and no row weighs more than 1 / least. Rows that did draw such an arm go.
    Source: Crump, Hotz, Imbens, Mitnik (2009), Biometrika 96(1), doi:10.1093/biomet/asn055.

    >>> keep, p = without_rare_arms(np.array([0, 2]), np.array([[0.5, 0.496, 0.004], [0.5, 0.496, 0.004]]))
    >>> keep.tolist(), p.round(3).tolist()
    ([True, False], [[0.502, 0.498, 0.0]])
    """
    possible = propensity >= least
    keep = possible[np.arange(len(arm)), arm]
    left = np.where(possible, propensity, 0.0)[keep]
    return np.asarray(keep, dtype=np.bool_), np.asarray(left / left.sum(axis=1, keepdims=True))


def choice_probabilities(policy: np.ndarray, arms: int) -> Floats:
    """(n, arms) probabilities of a policy given as arms or as probabilities.

    Raises LabError when an arm is outside 0..arms-1, or a row does not sum to 1.
    """
    if policy.ndim == 2:
        if policy.shape[1] != arms or not np.allclose(policy.sum(axis=1), 1.0, atol=1e-6) or policy.min() < 0:
            raise LabError(
                f"A policy's probabilities must be {arms} a row, not negative, and sum to 1.",
                "Give one column per arm, control first.",
            )
        return np.asarray(policy, dtype=np.float64)
    return np.eye(arms, dtype=np.float64)[chosen_arms(policy, arms)]


def chosen_arms(policy: np.ndarray, arms: int) -> Ints:
    """(n,) arms of a policy given as arms; raises LabError when one is outside 0..arms-1."""
    chosen = np.asarray(policy, dtype=np.int64)
    if len(chosen) and (chosen.min() < 0 or chosen.max() >= arms):
        raise LabError(
            f"A policy chose arm {int(chosen.max())}, and the arms are 0 to {arms - 1}.",
            "Give the position of each customer's arm, 0 for none.",
        )
    return chosen


def _self_normalised(
    outcome: Floats, arm: Ints, propensity: Floats, policy: np.ndarray
) -> tuple[float, Floats]:
    """The value, and (n,) each row's influence on it; the influences have the mean 0."""
    weight = _weights(arm, propensity, policy)
    total = float(np.mean(weight)) if len(weight) else 0.0
    if total <= 0:
        raise LabError(
            f"None of the {len(arm)} customers received what the policy would choose: nothing to value.",
            "Keep a share of random offers in the campaign, or value another policy.",
        )
    value = float(np.mean(weight * outcome)) / total
    return value, np.asarray(weight * (outcome - value) / total, dtype=np.float64)


def _weights(arm: Ints, propensity: Floats, policy: np.ndarray) -> Floats:
    wanted = choice_probabilities(policy, propensity.shape[1])[np.arange(len(arm)), arm]
    return np.asarray(wanted / _received(arm, propensity), dtype=np.float64)


def _received(arm: Ints, propensity: Floats) -> Floats:
    received = np.asarray(propensity[np.arange(len(arm)), arm], dtype=np.float64)
    if len(received) and received.min() <= 0:
        raise LabError(
            f"Row {int(np.argmin(received)) + 1} received an arm that it had probability 0 to receive.",
            "Correct the propensities: each row needs those in force when its arm was drawn.",
        )
    return received
