import numpy as np
import pytest
from scipy import stats

from retention_lab.abtest.nuisance import (
    Region,
    chance_of,
    log_masses,
    log_region,
    log_supremum,
    supremum,
)


def test_a_region_is_added_up_on_both_sides() -> None:
    low, high, share = np.array([-1, 0, 1]), np.array([3, 4, 4]), np.array([0.2, 0.7])
    region = Region(low, high, 3)
    masses = [stats.binom.pmf(np.arange(n + 1), n, share[:, None]) for n in (2, 3)]
    answer = masses[0][:, 0] * masses[1][:, 3] + masses[0][:, 1] * masses[1][:, 0]
    answer += masses[0][:, 2] * masses[1][:, :2].sum(axis=1)
    np.testing.assert_allclose(chance_of(region, share), answer, rtol=1e-12)
    np.testing.assert_allclose(np.exp(log_region(region, share)), answer, rtol=1e-12)


def test_an_empty_region_has_no_chance() -> None:
    assert log_supremum(Region(np.array([-1, -1]), np.array([3, 3]), 2)) == -np.inf


def test_the_largest_value_is_found_to_the_last_digits() -> None:
    assert supremum(lambda x: -((x - 0.123456) ** 2), 0.0, 1.0, 20) == pytest.approx(0, abs=1e-16)
    assert supremum(lambda x: x, 0.0, 1.0, 20) == 1.0


def test_masses_at_the_ends_are_certain() -> None:
    found = np.exp(log_masses(np.array([0, 3]), 3, np.array([0.0, 1.0])))
    np.testing.assert_allclose(found, [[1, 0], [0, 1]], atol=1e-12)
