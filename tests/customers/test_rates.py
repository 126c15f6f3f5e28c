import numpy as np
import pytest
from scipy.stats import binomtest

from retention_lab.customers.rates import known_mean, share
from retention_lab.errors import LabError


@pytest.mark.parametrize(("count", "of"), [(0, 7), (7, 7), (3, 10), (412, 5_000)])
def test_a_share_has_wilsons_interval(count: int, of: int) -> None:
    found, known = share(count, of), binomtest(count, of).proportion_ci(0.95, "wilson")
    np.testing.assert_allclose([found.low, found.high], [known.low, known.high], atol=1e-12)
    assert found.value == count / of


def test_a_share_of_nobody_is_refused() -> None:
    with pytest.raises(LabError, match="no customers"):
        share(0, 0)
    with pytest.raises(LabError, match="5 customers of 4"):
        share(5, 4)


def test_a_mean_leaves_out_what_is_not_known() -> None:
    found = known_mean(np.array([1.0, np.nan, 3.0]))
    assert found is not None
    assert found.value == 2
    assert known_mean(np.array([1.0, np.nan])) is None
