from collections.abc import Callable
from math import log

import numpy as np
import pytest
from scipy.stats import norm

from retention_lab.abtest.sequential.spending import Spending, obrien_fleming, pocock, power_family
from retention_lab.errors import LabError

FUNCTIONS: list[Spending] = [obrien_fleming, pocock, power_family(0.5), power_family(3.0)]


@pytest.mark.parametrize("spend", FUNCTIONS)
def test_all_of_alpha_is_spent_at_the_end_and_more_and_more_before(spend: Spending) -> None:
    share = np.linspace(0.001, 1, 500)
    spent = spend(share, log(0.025))
    assert spent[-1] == pytest.approx(log(0.025), abs=1e-12)
    assert np.all(np.diff(spent) > 0)


@pytest.mark.parametrize(
    ("spend", "formula"),
    [
        (obrien_fleming, lambda t: 2 * norm.sf(norm.isf(0.0125) / np.sqrt(t))),
        (pocock, lambda t: 0.025 * np.log(1 + (np.e - 1) * t)),
        (power_family(2.0), lambda t: 0.025 * t**2),
    ],
)
def test_they_are_the_published_functions(spend: Spending, formula: Callable[[float], float]) -> None:
    for t in (0.1, 0.5, 0.9):
        assert np.exp(spend(np.array([t]), log(0.025)))[0] == pytest.approx(formula(t), rel=1e-10)


def test_an_early_look_may_spend_less_than_a_double_can_hold() -> None:
    spent = obrien_fleming(np.array([0.001, 0.002]), log(0.025))
    assert -np.inf < spent[0] < spent[1] < -745


@pytest.mark.parametrize("exponent", [0.0, -1.0, np.inf, np.nan])
def test_an_exponent_that_spends_nothing_sensible_is_refused(exponent: float) -> None:
    with pytest.raises(LabError, match="exponent"):
        power_family(exponent)
