from math import log

import numpy as np
import pytest

from retention_lab.abtest.sequential.looks import always_valid, looks_begun
from retention_lab.abtest.sequential.planned_mixture import tuned_mixture
from retention_lab.abtest.sequential.skewed import DifferenceShape
from retention_lab.abtest.sides import Alternative
from retention_lab.errors import LabError


def test_looks_begin_when_every_arm_has_a_hundred_units() -> None:
    np.testing.assert_array_equal(looks_begun(np.array([[99, 500], [100, 500], [300, 300]])), [0, 1, 1])


@pytest.mark.parametrize("alternative", ["two_sided", "greater", "less"])
def test_p_value_and_interval_say_the_same(alternative: Alternative) -> None:
    mixture = tuned_mixture(8000, alternative=alternative)
    verdicts = set()
    for value in np.linspace(-0.5, 0.5, 41):
        found = always_valid(float(value), 0.1, (1000, 1200), mixture).estimate
        assert found.p_value is not None
        assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)
        verdicts.add(found.p_value < 0.05)
    assert verdicts == {True, False}


@pytest.mark.parametrize("alternative", ["two_sided", "greater", "less"])
@pytest.mark.parametrize("skew", [-0.3, 0.0, 0.4])
def test_p_value_and_interval_say_the_same_of_a_skewed_difference(
    alternative: Alternative, skew: float
) -> None:
    mixture = tuned_mixture(8000, alternative=alternative)
    shape = DifferenceShape(np.asarray(skew), np.asarray(30.0))
    verdicts = set()
    for value in np.linspace(-1.5, 1.5, 61):
        found = always_valid(float(value), 0.1, (400, 1800), mixture, shape=shape).estimate
        assert found.p_value is not None
        assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)
        verdicts.add(found.p_value < 0.05)
    assert verdicts == {True, False}


def test_where_large_outcomes_may_have_been_missed_the_interval_reaches_further() -> None:
    shape = DifferenceShape(np.asarray(0.2), np.asarray(200.0))
    found = always_valid(0.0, 1.0, (400, 1800), tuned_mixture(8000), shape=shape).estimate
    plain = always_valid(0.0, 1.0, (400, 1800), tuned_mixture(8000)).estimate
    assert found.high > plain.high == -plain.low > -found.low > 0


def test_a_tiny_p_value_comes_with_its_logarithm() -> None:
    mixture = tuned_mixture(8000)
    look = always_valid(60.0, 1.0, (4000, 4000), mixture)
    assert look.estimate.p_value == 0.0
    assert look.log10_p == pytest.approx(-float(mixture.log_evidence(np.array(60.0), 8000.0)) / log(10))
    assert look.log10_p < -500


def test_no_evidence_is_a_p_value_of_1_and_not_more() -> None:
    look = always_valid(0.0, 1.0, (4000, 4000), tuned_mixture(8000))
    assert (look.estimate.p_value, look.log10_p) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("units", "se", "says"), [((99, 5000), 1.0, "looks begin at 100"), ((500, 500), 0.0, "standard error")]
)
def test_a_look_that_cannot_be_trusted_is_refused(units: tuple[int, int], se: float, says: str) -> None:
    with pytest.raises(LabError, match=says):
        always_valid(1.0, se, units, tuned_mixture(8000))
