import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.best_arm import best_arm, best_arm_curve
from retention_lab.uplift.policy import greedy_policy, policy_gain, policy_value
from tests.uplift.populations import population

ARMS = ("none", "coupon", "points")


def net_of_costs(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noisy scores of net value, and the true net effects."""
    found = population(rows, seed)
    cost = np.array([0.0, 0.2, 0.4])
    noise = np.random.default_rng(seed).normal(size=found.mean.shape)
    return found.mean - cost + noise, found.effect - cost[1:]


def test_everybody_gets_their_best_arm_and_the_shares_add_up() -> None:
    net, predicted = net_of_costs(2000, 1)
    found = best_arm(net, predicted, ARMS)
    np.testing.assert_array_equal(found.arm, greedy_policy(predicted))
    assert sum(share.value for share in found.share.values()) == pytest.approx(1.0)
    assert found.share["points"].value == pytest.approx(np.mean(found.arm == 2))
    assert all(share.p_value is None for share in found.share.values())


def test_the_choice_is_valued_against_each_constant() -> None:
    net, predicted = net_of_costs(2000, 1)
    group = np.random.default_rng(2).integers(0, 900, 2000)
    found = best_arm(net, predicted, ARMS, group)
    assert found.value == policy_value(net, found.arm, group)
    for k, name in enumerate(ARMS):
        assert found.gain[name] == policy_gain(net, found.arm, k, group)
        assert found.gain[name].value == pytest.approx(found.value.value - net[:, k].mean())
        assert found.gain[name].low > 0


def test_relabelled_arms_get_the_same_figures() -> None:
    net, predicted = net_of_costs(500, 3)
    plain = best_arm(net, predicted, ARMS)
    turned = best_arm(net[:, [0, 2, 1]], predicted[:, ::-1], ("none", "points", "coupon"))
    assert turned.value == plain.value
    assert turned.share == plain.share
    assert turned.gain == plain.gain


def test_the_curve_rises_to_the_choice_and_falls_beyond_it() -> None:
    net, predicted = net_of_costs(4000, 4)
    curve = best_arm_curve(net, predicted, points=100)
    gains = [one.value for one in curve.gain]
    paying = float(np.mean(predicted.max(axis=1) > 0))
    at = round(100 * paying) - 1
    assert gains[at] == pytest.approx(best_arm(net, predicted, ARMS).gain["none"].value, abs=0.01)
    assert gains[at] > gains[-1]
    assert gains[at] > gains[at // 3]
    everybody = net[np.arange(4000), predicted.argmax(axis=1) + 1] - net[:, 0]
    assert gains[-1] == pytest.approx(everybody.mean())


def test_a_single_customer_is_refused() -> None:
    with pytest.raises(LabError, match="independent units"):
        best_arm(np.ones((1, 3)), np.ones((1, 2)), ARMS)
