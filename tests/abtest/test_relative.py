import numpy as np
import pytest

from retention_lab.abtest.arm import ArmValue
from retention_lab.abtest.lift import Rule, absolute_lift
from retention_lab.abtest.relative import relative_lift
from retention_lab.errors import LabError

CONTROL = ArmValue(10.0, 40.0, 2_000)


@pytest.mark.parametrize("how", ["fieller", "log", "delta"])
def test_the_three_ways_agree_where_errors_are_small(how: str) -> None:
    treated = ArmValue(10.3, 44.0, 2_000)
    found = relative_lift(CONTROL, treated, how=how)  # type: ignore[arg-type]
    assert found.value == pytest.approx(0.03)
    assert found.low == pytest.approx(-0.0102, abs=8e-4)
    assert found.high == pytest.approx(0.0711, abs=1e-3)


def test_fieller_leaves_out_0_exactly_where_the_absolute_interval_does() -> None:
    for value in np.linspace(9.0, 11.0, 81):
        treated = ArmValue(float(value), 44.0, 2_000)
        relative, lift = relative_lift(CONTROL, treated), absolute_lift(CONTROL, treated)
        assert (relative.low > 0) is (lift.low > 0)
        assert (relative.high < 0) is (lift.high < 0)


def test_fieller_covers_a_ratio_whose_denominator_is_uncertain() -> None:
    """Means of about 3 standard errors: the linear interval misses there."""
    rng = np.random.default_rng(1)
    held = 0
    asked = 0
    for c, t in zip(rng.normal(3, 0.7, 4_000), rng.normal(3, 0.7, 4_000), strict=True):
        try:
            found = relative_lift(ArmValue(c, 49.0, 100), ArmValue(t, 49.0, 100), Rule(normal=True))
        except LabError:
            continue
        asked += 1
        held += found.low <= 0 <= found.high
    assert asked > 3_800
    assert abs(held / asked - 0.95) < 0.0114  # 3.3 binomial standard errors


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_a_one_sided_interval_is_open_on_the_other_side(alternative: str) -> None:
    rule = Rule(alternative=alternative)  # type: ignore[arg-type]
    found = relative_lift(CONTROL, ArmValue(10.3, 44.0, 2_000), rule)
    assert np.isinf(found.high) == (alternative == "greater")
    assert np.isinf(found.low) == (alternative == "less")


@pytest.mark.parametrize("value", [-1.0, 0.0, 0.05])
def test_a_share_of_nothing_or_of_a_loss_is_refused(value: float) -> None:
    with pytest.raises(LabError, match="not clearly above 0"):
        relative_lift(ArmValue(value, 40.0, 2_000), CONTROL)
