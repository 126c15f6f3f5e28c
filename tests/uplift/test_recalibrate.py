import json

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.recalibrate import Recalibration, fit_recalibration


def scores(effect: np.ndarray, seed: int, noise: float = 1.0) -> np.ndarray:
    """(n, K + 1) unbiased scores of the true effects, control at 0."""
    rng = np.random.default_rng(seed)
    gamma = np.column_stack([np.zeros(len(effect)), effect])
    return gamma + noise * rng.normal(size=gamma.shape)


def test_exaggerated_effects_come_back_to_the_scale_that_was_seen() -> None:
    true = np.random.default_rng(1).normal(size=(50_000, 2)) * [0.5, 0.3] + [0.1, 0.2]
    found = fit_recalibration(scores(true, 2), 4 * true + 1)
    assert found.slope == pytest.approx((0.25, 0.25), abs=0.01)
    np.testing.assert_allclose(found.apply(4 * true + 1), true, atol=0.08)


def test_on_average_new_rows_are_predicted_better_whether_the_model_exaggerates_or_invents() -> None:
    better = {"exaggerated": 0.0, "invented": 0.0}
    for seed in range(100):
        rng = np.random.default_rng(seed)
        true = 0.3 * rng.normal(size=(2000, 1))
        for name, effect in (("exaggerated", 3 * true), ("invented", rng.normal(size=true.shape))):
            calibrated = fit_recalibration(scores(true[:1000], seed), effect[:1000]).apply(effect[1000:])
            gain = np.mean((effect[1000:] - true[1000:]) ** 2) - np.mean((calibrated - true[1000:]) ** 2)
            better[name] += gain / 100
    assert better["exaggerated"] > 0.3  # of .36 there is to gain
    assert better["invented"] > 0.9  # of 1


def test_weak_evidence_means_the_average_for_everybody() -> None:
    rng = np.random.default_rng(3)
    gamma = scores(np.full((5000, 1), 0.4), 4)
    slopes = [fit_recalibration(gamma, rng.normal(size=(5000, 1))).slope[0] for _ in range(400)]
    constant = np.mean(np.array(slopes) == 0)
    assert abs(constant - 0.841) < 0.06  # P(z < 1), 3.3 binomial standard errors


def test_the_average_effect_is_kept_as_it_was_seen() -> None:
    true = np.random.default_rng(5).normal(size=(3000, 2))
    gamma = scores(true, 6)
    found = fit_recalibration(gamma, 2 * true - 7).apply(2 * true - 7)
    np.testing.assert_allclose(found.mean(axis=0), (gamma[:, 1:] - gamma[:, :1]).mean(axis=0), atol=1e-12)


def test_customers_never_change_places() -> None:
    rng = np.random.default_rng(7)
    for seed in range(50):
        effect = rng.normal(size=(200, 1))
        found = fit_recalibration(scores(-effect if seed % 2 else effect, seed), effect)
        ordered = found.apply(np.sort(effect, axis=0))[:, 0]
        assert np.all(np.diff(ordered) >= 0)


def test_a_constant_prediction_becomes_the_average() -> None:
    gamma = scores(np.full((100, 1), 0.4), 8)
    found = fit_recalibration(gamma, np.full((100, 1), 9.0))
    assert found.slope == (0.0,)
    assert found.intercept[0] == pytest.approx(np.mean(gamma[:, 1] - gamma[:, 0]))


def test_only_rows_that_could_get_an_offer_speak_about_it() -> None:
    true = np.random.default_rng(9).normal(size=(1000, 2))
    gamma, feasible = scores(true, 10), np.ones((1000, 2), dtype=np.bool_)
    feasible[500:, 1] = False
    found = fit_recalibration(gamma, true, feasible=feasible)
    half, whole = fit_recalibration(gamma[:500], true[:500]), fit_recalibration(gamma, true)
    assert (found.slope[0], found.slope[1]) == (whole.slope[0], half.slope[1])


def test_repeated_customers_are_not_more_evidence() -> None:
    rng = np.random.default_rng(11)
    true = rng.normal(size=(300, 1))
    gamma, effect = scores(true, 12, noise=20.0), true + rng.normal(size=true.shape)
    once = fit_recalibration(gamma, effect)
    rows = np.repeat(np.arange(300), 9)
    many = fit_recalibration(gamma[rows], effect[rows], rows)
    assert many.slope == pytest.approx(once.slope)
    assert many.intercept == pytest.approx(once.intercept)


def test_what_is_read_back_predicts_bit_for_bit_the_same() -> None:
    found = Recalibration((0.1, 1 / 3), (0.7, 0.0))
    assert Recalibration.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_another_number_of_offers_is_refused() -> None:
    with pytest.raises(LabError, match="2 offers"):
        Recalibration((0.0, 0.0), (1.0, 1.0)).apply(np.ones((5, 3)))
    with pytest.raises(LabError, match="offer 1"):
        fit_recalibration(np.ones((5, 2)), np.ones((5, 1)), feasible=np.zeros((5, 1), dtype=np.bool_))
