import numpy as np
import pytest

from retention_lab.abtest.sides import Alternative, ends, toward
from retention_lab.errors import ConfigurationError


@pytest.mark.parametrize(("alternative", "turned"), [("two_sided", 2.0), ("greater", -2.0), ("less", 2.0)])
def test_large_is_what_speaks_for_the_alternative(alternative: Alternative, turned: float) -> None:
    assert toward(alternative, np.array([-2.0]))[0] == turned


def test_one_sided_intervals_are_open_on_the_other_side() -> None:
    assert ends("two_sided", 1.0, 0.5) == (0.5, 1.5)
    assert ends("greater", 1.0, 0.5) == (0.5, np.inf)
    assert ends("less", 1.0, 0.5) == (-np.inf, 1.5)


def test_an_unknown_alternative_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'greater'"):
        ends("grater", 1.0, 0.5)  # type: ignore[arg-type]
