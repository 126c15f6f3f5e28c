import numpy as np
import pytest

from retention_lab.abtest.design.hypothesis import Hypothesis
from retention_lab.abtest.design.looks import Looks, even_looks, planned_looks
from retention_lab.errors import LabError


def test_even_looks_end_with_all_units() -> None:
    np.testing.assert_allclose(even_looks(4), [0.25, 0.5, 0.75, 1.0])
    with pytest.raises(LabError, match="Plan at least one"):
        even_looks(0)


@pytest.mark.parametrize("fractions", [[], [0.5, 0.5, 1.0], [0.5, 0.9], [0.0, 1.0], [0.5, 1.2]])
def test_fractions_that_do_not_rise_to_one_are_refused(fractions: list[float]) -> None:
    with pytest.raises(LabError, match="do not rise"):
        planned_looks(np.array(fractions), np.full(len(fractions), 2.5))


def test_too_many_looks_are_refused() -> None:
    with pytest.raises(LabError, match="401 looks"):
        planned_looks(even_looks(401), np.full(401, 3.5))


def test_a_boundary_of_another_length_or_at_zero_is_refused() -> None:
    with pytest.raises(LabError, match="for 2 looks"):
        planned_looks(even_looks(2), np.full(3, 2.2))
    with pytest.raises(LabError, match="not above 0"):
        planned_looks(even_looks(2), np.array([0.0, 2.2]))


def test_a_boundary_sees_the_units_of_each_look() -> None:
    looks = Looks(even_looks(4), lambda units: 2.0 + units / 1_000)
    np.testing.assert_allclose(looks.critical(1_000.0), [2.25, 2.5, 2.75, 3.0])


def test_boundaries_that_spend_more_than_alpha_are_refused() -> None:
    # Five looks at 1.96 reject a true null with probability 0.142: the price of peeking.
    peeking = planned_looks(even_looks(5), np.full(5, 1.96))
    with pytest.raises(LabError, match=r"probability 0\.14"):
        peeking.check_level(Hypothesis(0.05), 1_000.0)
    pocock = planned_looks(even_looks(5), np.full(5, 2.413))
    pocock.check_level(Hypothesis(0.05), 1_000.0)
    with pytest.raises(LabError, match=r"alpha is 0\.01"):
        pocock.check_level(Hypothesis(0.01), 1_000.0)
    with pytest.raises(LabError, match=r"alpha is 0\.02"):
        pocock.check_level(Hypothesis(0.02, "greater"), 1_000.0)  # one side of it still spends 0.025
