import numpy as np
import pytest

from retention_lab.abtest.simulation.assignment import assignments


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.1), (0.5, 0.3, 0.2)])
def test_every_unit_is_in_one_arm_with_the_planned_chances(shares: tuple[float, ...]) -> None:
    found = assignments(np.random.default_rng(1), 200, 1001, shares)
    assert [one.shape for one in found] == [(200, 1001)] * (len(shares) - 1)
    assert set(np.unique(np.sum(found, axis=0))) == {0.0, 1.0}
    for one, share in zip(found, shares[1:], strict=True):
        error = np.sqrt(share * (1 - share) / one.size)
        assert abs(one.mean() - share) < 4 * error
        assert abs(one.mean(axis=0) - share).max() < 6 * error * np.sqrt(
            1001
        )  # no unit has chances of its own
        assert abs(one.mean(axis=1) - share).max() < 6 * error * np.sqrt(200)


def test_the_same_seed_assigns_the_same_units() -> None:
    one, other = (assignments(np.random.default_rng(2), 3, 50, (0.5, 0.5))[0] for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert len({row.tobytes() for row in one}) == 3
