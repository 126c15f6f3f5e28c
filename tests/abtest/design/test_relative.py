import pytest

from retention_lab.abtest.design.outcome import MeanOutcome, ProportionOutcome
from retention_lab.abtest.design.relative import absolute_effect, relative_effect
from retention_lab.errors import LabError


def test_a_relative_effect_is_a_share_of_the_baseline_and_back() -> None:
    outcome = MeanOutcome(20.0, 100.0)
    assert absolute_effect(outcome, 0.05) == pytest.approx(1.0)
    assert relative_effect(outcome, absolute_effect(outcome, -0.03)) == pytest.approx(-0.03)
    assert absolute_effect(ProportionOutcome(0.2), 0.1) == pytest.approx(0.02)


@pytest.mark.parametrize("baseline", [0.0, -5.0, 1e-4])
def test_a_baseline_below_zero_or_near_it_has_no_relative_effects(baseline: float) -> None:
    outcome = MeanOutcome(baseline, 100.0)
    assert relative_effect(outcome, 1.0) is None
    with pytest.raises(LabError, match="Give the effect in the metric's own unit"):
        absolute_effect(outcome, 0.05)
