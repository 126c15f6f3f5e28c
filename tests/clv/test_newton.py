import numpy as np
import pytest

from retention_lab.arrays import Floats
from retention_lab.clv.newton import at_edge, maximise, with_differences
from retention_lab.errors import LabError


def normal_in_logs(params: Floats) -> tuple[float, Floats]:
    """A likelihood whose logarithms are normal about ln 2 and ln 300, with errors of .1 and .5."""
    off = (np.log(params) - np.log([2.0, 300.0])) / np.array([0.1, 0.5])
    return -0.5 * float(off @ off), -off / np.array([0.1, 0.5]) / params


@pytest.mark.parametrize("start", [[2.0, 300.0], [1e-3, 1e5], [500.0, 1e-2]])
def test_the_maximum_is_found_from_anywhere(start: list[float]) -> None:
    found = maximise(with_differences(normal_in_logs), np.array(start))
    np.testing.assert_allclose(found.params, [2.0, 300.0], rtol=1e-6)
    assert found.covariance is not None
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)), [0.2, 150.0], rtol=1e-3)


def test_a_likelihood_without_a_maximum_ends_at_the_edge() -> None:
    def rises(params: Floats) -> tuple[float, Floats]:
        return float(-1 / params[0]), 1 / params**2

    found = maximise(with_differences(rises), np.array([1.0]), tolerance=1e-15)
    assert at_edge(found.params) == [True]


def test_a_start_without_a_likelihood_is_refused() -> None:
    def nowhere(params: Floats) -> tuple[float, Floats, Floats]:
        return np.nan, params, np.eye(1)

    with pytest.raises(LabError, match="not finite"):
        maximise(nowhere, np.array([1.0]))
