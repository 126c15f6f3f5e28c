import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import multivariate_normal

from retention_lab.abtest.design.crossing import crossing
from retention_lab.arrays import Floats
from tests.abtest.reference import expected

NOWHERE = np.inf

# Two-sided at alpha 0.05, looks equally far apart: Pocock's constant z, and O'Brien and Fleming's last z
# times sqrt(looks / look). From the tables of Jennison and Turnbull (1999), which have three decimals.
POCOCK = {2: 2.178, 3: 2.289, 5: 2.413, 10: 2.555}
OBRIEN_FLEMING = {2: 1.977, 3: 2.004, 5: 2.040, 10: 2.087}


def even(looks: int) -> Floats:
    return np.arange(1, looks + 1) / looks


def joint(fractions: Floats, ceiling: Floats, shift: float) -> float:
    """The chance of staying below at every look, as a multivariate normal probability."""
    spread = np.sqrt(fractions)
    covariance = np.minimum.outer(fractions, fractions) / np.outer(spread, spread)
    found = multivariate_normal(shift * spread, covariance, seed=1, abseps=1e-7, releps=1e-7)
    return float(found.cdf(ceiling))


@pytest.mark.parametrize("looks", [2, 3, 5, 10])
def test_tabled_boundaries_keep_their_level(looks: int) -> None:
    fractions = even(looks)
    for critical in (
        np.full(looks, POCOCK[looks]),
        OBRIEN_FLEMING[looks] / np.sqrt(fractions),
    ):
        # The tables' third decimal moves the level by up to 1.5e-4.
        assert crossing(fractions, -critical, critical, 0.0).chance == pytest.approx(0.05, abs=1.5e-4)


def test_one_look_is_the_test_without_looks() -> None:
    z = np.array([-ndtri(0.025)])
    found = crossing(np.ones(1), -z, z, 2.5)
    assert found.upper[0] == pytest.approx(ndtr(2.5 - z[0]), rel=1e-13)
    assert found.lower[0] == pytest.approx(ndtr(-2.5 - z[0]), rel=1e-13)


@pytest.mark.parametrize("shift", [-1.0, 0.0, 3.0])
def test_three_looks_are_a_multivariate_normal_probability(shift: float) -> None:
    fractions, ceiling = np.array([0.2, 0.7, 1.0]), np.array([2.9, 2.3, 2.1])
    found = crossing(fractions, np.full(3, -NOWHERE), ceiling, shift)
    assert 1 - found.chance == pytest.approx(joint(fractions, ceiling, shift), abs=2e-6)


def test_spent_alpha_is_what_the_spending_function_allows() -> None:
    for record in expected("spotify_confidence")["alpha_spending_bounds"]:
        fractions = np.array(record["information_fractions"])
        critical = np.array(record["bounds"])
        two_sided = record["sides"] == 2
        lower = -critical if two_sided else np.full_like(critical, -NOWHERE)
        found = crossing(fractions, lower, critical, 0.0)
        spent = np.cumsum(found.upper + found.lower)
        # Its bounds are searched on a grid of its own.
        np.testing.assert_allclose(spent, record["alpha"] * fractions ** record["rho"], rtol=1e-3)


def test_a_drift_turned_round_swaps_the_boundaries() -> None:
    fractions, z = even(4), np.full(4, 2.361)
    up, down = crossing(fractions, -z, z, 2.0), crossing(fractions, -z, z, -2.0)
    np.testing.assert_allclose(up.upper, down.lower, rtol=1e-12)
    np.testing.assert_allclose(up.lower, down.upper, rtol=1e-12)


def test_a_look_that_cannot_stop_changes_nothing() -> None:
    with_it = crossing(
        np.array([0.3, 0.6, 1.0]), -np.array([2.5, NOWHERE, 2.0]), np.array([2.5, NOWHERE, 2.0]), 2.0
    )
    without = crossing(np.array([0.3, 1.0]), -np.array([2.5, 2.0]), np.array([2.5, 2.0]), 2.0)
    assert with_it.upper[1] == 0
    assert with_it.chance == pytest.approx(without.chance, rel=1e-12)


def test_a_drift_far_beyond_stops_at_the_first_look() -> None:
    found = crossing(even(5), np.full(5, -3.0), np.full(5, 3.0), 100.0)
    assert found.upper[0] == pytest.approx(1.0, abs=1e-15)
    assert found.chance == pytest.approx(1.0, abs=1e-15)
    assert found.expected_fraction(even(5)) == pytest.approx(0.2)


def test_looks_close_together_and_uneven_are_as_exact_as_few() -> None:
    # A boundary at infinity but for the last two looks, of which the first is almost at the end.
    fractions = np.concatenate([np.linspace(0.02, 0.98, 49), [0.999, 1.0]])
    critical = np.concatenate([np.full(49, NOWHERE), [2.0, 2.0]])
    found = crossing(fractions, np.full(51, -NOWHERE), critical, 2.0)
    two = crossing(np.array([0.999, 1.0]), np.full(2, -NOWHERE), np.full(2, 2.0), 2.0)
    np.testing.assert_allclose(found.upper[-2:], two.upper, rtol=1e-10)


def test_the_expected_fraction_is_all_where_nothing_crosses_early() -> None:
    critical = np.array([NOWHERE, NOWHERE, 1.96])
    found = crossing(even(3), -critical, critical, 2.8)
    assert found.expected_fraction(even(3)) == pytest.approx(1.0, rel=1e-12)
