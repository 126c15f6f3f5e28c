import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.feedback.evaluate import MEASURES, evaluate_tone, tone_difference

LABEL = np.array([1.0, 1, 0, 0, 1, 0])
GOOD = np.array([0.9, 0.8, 0.2, 0.1, 0.4, 0.3])


def test_every_measure_has_an_interval() -> None:
    found = evaluate_tone(LABEL, GOOD, np.arange(6))
    assert set(found) == {*MEASURES, "calibration_error"}
    assert found["auc"].value == 1.0
    assert found["accuracy"].value == pytest.approx(5 / 6)


def test_messages_of_one_customer_are_one_draw() -> None:
    alone = evaluate_tone(np.tile(LABEL, 2), np.tile(GOOD, 2), np.arange(12))["accuracy"]
    twice = evaluate_tone(np.tile(LABEL, 2), np.tile(GOOD, 2), np.tile(np.arange(6), 2))["accuracy"]
    assert twice.value == alone.value
    assert twice.se > 1.3 * alone.se


def test_without_a_positive_call_there_is_no_precision() -> None:
    assert "precision" not in evaluate_tone(LABEL, GOOD * 0.5, np.arange(6))


def test_a_model_does_not_differ_from_itself() -> None:
    found = tone_difference(LABEL, GOOD, GOOD, np.arange(6))
    assert {one.value for one in found.values()} == {0.0}


def test_messages_that_are_all_meant_alike_are_refused() -> None:
    with pytest.raises(LabError, match="same label"):
        evaluate_tone(np.ones(6), GOOD, np.arange(6))
