import numpy as np
import pytest
from scipy.special import expit, logit

from retention_lab.calibrators import (
    KINDS,
    Calibrator,
    Kind,
    choose_calibrator,
    fit_calibrator,
    log_loss,
)

RNG = np.random.default_rng(3)
TRUE = expit(RNG.normal(-1, 1.5, 8000))
LEFT = (RNG.random(8000) < TRUE).astype(float)
FOLD = np.arange(8000) % 5


@pytest.mark.parametrize("kind", ["platt", "beta", "isotonic"])
def test_bold_probabilities_are_set_right(kind: Kind) -> None:
    bold = expit(2.5 * logit(TRUE) + 1)
    found = fit_calibrator(bold, LEFT, kind).apply(bold)
    assert np.abs(found - TRUE).mean() < 0.02
    assert np.abs(bold - TRUE).mean() > 0.08


def test_platt_finds_the_distortion_that_was_planted() -> None:
    intercept, slope = fit_calibrator(expit(2.5 * logit(TRUE) + 1), LEFT, "platt").numbers
    assert slope == pytest.approx(0.4, abs=0.02)
    assert intercept == pytest.approx(-0.4, abs=0.06)


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_customers_stays(kind: Kind) -> None:
    steps = np.sort(fit_calibrator(TRUE, LEFT, kind).apply(np.sort(TRUE)))
    np.testing.assert_array_equal(fit_calibrator(TRUE, LEFT, kind).apply(np.sort(TRUE)), steps)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_calibrates_bit_for_bit_the_same(kind: Kind) -> None:
    found = fit_calibrator(TRUE, LEFT, kind)
    np.testing.assert_array_equal(Calibrator.from_json(found.as_json()).apply(TRUE), found.apply(TRUE))


def test_the_kind_with_the_least_cross_fitted_loss_is_taken() -> None:
    uneven = np.where(TRUE > 0.5, 0.5 + (TRUE - 0.5) * 0.3, TRUE**2)
    chosen = choose_calibrator(uneven, LEFT, FOLD)
    assert chosen.calibrator.kind == min(chosen.log_loss, key=lambda kind: chosen.log_loss[kind])
    assert chosen.calibrator.kind == "isotonic"
    assert log_loss(chosen.probability, LEFT) < log_loss(uneven, LEFT)


def test_a_row_is_calibrated_by_others_alone() -> None:
    chosen = choose_calibrator(TRUE, LEFT, FOLD, ("platt",))
    turned = LEFT.copy()
    turned[FOLD == 0] = 1 - turned[FOLD == 0]
    again = choose_calibrator(TRUE, turned, FOLD, ("platt",))
    np.testing.assert_array_equal(chosen.probability[FOLD == 0], again.probability[FOLD == 0])


def test_no_step_is_certain() -> None:
    found = fit_calibrator(np.linspace(0.01, 0.99, 50), (np.arange(50) > 25).astype(float), "isotonic")
    assert 0 < found.apply(np.array([0.0]))[0] < 0.02
