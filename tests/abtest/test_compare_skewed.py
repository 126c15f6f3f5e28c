from typing import Any

import numpy as np
import pytest

from retention_lab.abtest.analyze import analyze
from retention_lab.abtest.comparison import Comparison
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summarise import summarise
from tests.abtest import units


def compared(table: Any, spec: Specification) -> list[Comparison]:
    return list(analyze(summarise(table, spec), spec).metrics)


def spend(seed: int, count: int) -> np.ndarray:
    """A tenth buy, for lognormal amounts."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(count) < 0.1, rng.lognormal(0.0, 1.0, count), 0.0)


@pytest.mark.parametrize("design", [{"cluster": "store"}, {"strata": "store"}])
def test_a_share_of_clusters_or_strata_is_compared_as_the_mean_of_its_zeros_and_ones(
    design: dict[str, str],
) -> None:
    rng = np.random.default_rng(1)
    bought = (rng.random(3000) < np.repeat(rng.beta(2, 8, 60), 50)).astype(float)
    store = np.repeat(np.arange(60), 50) if "cluster" in design else np.tile(np.arange(5), 600)
    table = units.arms(bought[:1500], bought[1500:], bought=bought, store=store)
    mean, share = compared(table, units.spec(units.MEAN, units.SHARE, **design))
    assert mean.lift is not None
    assert share.lift is not None
    assert share.lift.se == pytest.approx(mean.lift.se, rel=1e-9)
    assert (share.lift.low, share.lift.high) == pytest.approx((mean.lift.low, mean.lift.high), rel=1e-9)


@pytest.mark.parametrize("sequential", ["fixed", "always_valid"])
def test_skewed_spend_in_unequal_arms_has_intervals_that_reach_further_on_the_side_of_the_tail(
    sequential: str,
) -> None:
    table = units.arms(spend(2, 9000), spend(3, 1000) + 1e-9)
    corrected, plain = (
        compared(table, units.spec(analysis={"sequential": sequential, "skewness": how}))[0]
        for how in ("corrected", "ignored")
    )
    for one in (corrected, plain):
        assert one.lift is not None
        assert one.relative is not None
    assert corrected.lift.high - corrected.lift.value > 1.2 * (corrected.lift.value - corrected.lift.low)
    assert plain.lift.high - plain.lift.value == pytest.approx(plain.lift.value - plain.lift.low)
    assert corrected.relative.high > plain.relative.high
    assert corrected.relative.low > plain.relative.low


@pytest.mark.parametrize("sequential", ["fixed", "always_valid"])
@pytest.mark.parametrize("shift", [-0.08, -0.04, 0.0, 0.04, 0.12])
def test_p_values_intervals_and_relative_intervals_of_skewed_spend_agree_on_an_effect(
    sequential: str, shift: float
) -> None:
    table = units.arms(spend(2, 9000), spend(3, 1000) + shift)
    (one,) = compared(table, units.spec(analysis={"sequential": sequential}))
    assert one.lift is not None
    assert one.relative is not None
    left_out = not one.lift.low <= 0 <= one.lift.high
    assert left_out == (one.lift.p_value < 0.05)
    assert left_out == (not one.relative.low <= 0 <= one.relative.high)


def test_a_guardrail_of_skewed_spend_knows_its_skewness() -> None:
    guardrail = {**units.MEAN, "role": "guardrail", "worse_by_at_most": 0.05}
    table = units.arms(spend(4, 9000), spend(5, 1000))
    corrected, plain = (
        compared(table, units.spec(guardrail, analysis={"skewness": how}))[0]
        for how in ("corrected", "ignored")
    )
    assert corrected.lift is not None
    assert plain.lift is not None
    assert corrected.lift.p_value < plain.lift.p_value  # a small arm that missed large orders is no worse
