import pytest

from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.outcome import MeanOutcome
from retention_lab.abtest.design.power import power_of
from retention_lab.abtest.design.sample_size import minimum_detectable_effect, sample_size
from retention_lab.errors import LabError


def test_a_relative_effect_needs_as_many_units_as_the_same_absolute_one() -> None:
    assert sample_size(20.0, 50.0, 0.05, relative=True) == sample_size(20.0, 50.0, 1.0)


def test_rounding_up_reaches_the_power_and_one_unit_less_an_arm_does_not() -> None:
    design = sample_size(10.0, 5.0, 2.5)
    comparison = Comparison("mean", MeanOutcome(10.0, 25.0))
    assert design.units == (64, 64)
    assert power_of(comparison, 2.5, 128) >= 0.8 > power_of(comparison, 2.5, 126)


def test_unequal_shares_are_kept_and_the_smallest_arm_is_reported() -> None:
    design = sample_size(10.0, 5.0, 0.5, shares=(0.7, 0.2, 0.1))
    assert design.n_per_arm == design.units[2] == min(design.units)
    assert design.units[0] == pytest.approx(7 * design.units[2], abs=7)
    assert design.units[1] == pytest.approx(2 * design.units[2], abs=2)


def test_the_effect_that_planned_units_find_is_the_one_they_were_planned_for() -> None:
    design = sample_size(10.0, 5.0, 0.1, alpha=0.01, power=0.9, alternative="greater")
    found = minimum_detectable_effect(
        10.0, 5.0, sum(design.units), alpha=0.01, power=0.9, alternative="greater"
    )
    assert found.mde_absolute == pytest.approx(0.1, rel=1e-4)  # rounding up finds a little less
    assert found.mde_absolute <= 0.1
    assert found.mde_relative == pytest.approx(0.01, rel=1e-4)


def test_the_design_says_what_the_command_prints() -> None:
    assert sample_size(10.0, 5.0, 2.5).as_json() == {
        "metric": "mean",
        "baseline": 10.0,
        "mde_absolute": 2.5,
        "mde_relative": 0.25,
        "n_per_arm": 64,
        "days": None,
        "power": 0.8,
        "alpha": 0.05,
    }


def test_a_mean_at_zero_has_an_absolute_effect_and_a_null_relative_one() -> None:
    assert sample_size(0.0, 5.0, 0.5).as_json()["mde_relative"] is None
    with pytest.raises(LabError, match="baseline is 0"):
        sample_size(0.0, 5.0, 0.05, relative=True)


@pytest.mark.parametrize("sd", [0.0, -1.0, float("nan"), float("inf")])
def test_a_standard_deviation_that_is_none_is_refused(sd: float) -> None:
    with pytest.raises(LabError, match="standard deviation is"):
        sample_size(10.0, sd, 1.0)


def test_impossible_plans_are_refused() -> None:
    with pytest.raises(LabError, match=r"sum to 1\.1"):
        sample_size(10.0, 5.0, 1.0, shares=(0.6, 0.5))
    with pytest.raises(LabError, match=r"A power of 0\.04"):
        sample_size(10.0, 5.0, 1.0, power=0.04)
    with pytest.raises(LabError, match="effect to detect is 0"):
        sample_size(10.0, 5.0, 0.0)
    with pytest.raises(LabError, match="3 units of all arms"):
        minimum_detectable_effect(10.0, 5.0, 3)
