import numpy as np
import pytest

from retention_lab.uplift.checking.bins import binned
from retention_lab.uplift.checking.leak import leak_check
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.checking.samples import clean, with_feature


def money(rows: int = 5000) -> UpliftSample:
    """Spend of which 91 % is zero and the rest heavy-tailed."""
    sample, rng = clean(1, rows), np.random.default_rng(2)
    spend = np.where(rng.random(rows) < 0.09, np.exp(3 + 1.5 * rng.normal(size=rows)), 0.0)
    return UpliftSample(sample.features, sample.arm, spend, sample.propensity)


def binary(rows: int = 5000) -> UpliftSample:
    sample = clean(1, rows)
    bought = np.random.default_rng(3).random(rows) < 0.05
    return UpliftSample(sample.features, sample.arm, bought.astype(float), sample.propensity)


@pytest.mark.parametrize("sample", [clean(1), money(), binary()], ids=["number", "money", "binary"])
def test_the_outcome_in_disguise_is_named(sample: UpliftSample) -> None:
    disguised = with_feature(sample, 1, 3 * sample.outcome + 1)
    found = leak_check(binned(disguised.features), sample.outcome)
    assert not found["passed"]
    assert found["severity"] == "soft"
    assert found["detail"].startswith("x1:")
    assert leak_check(binned(sample.features), sample.outcome)["passed"]


def test_whether_anything_was_bought_gives_money_away() -> None:
    sample = money()
    flagged = with_feature(sample, 2, (sample.outcome > 0).astype(float))
    assert "c:" in leak_check(binned(flagged.features), sample.outcome)["detail"]


def test_a_strong_honest_feature_is_no_leak() -> None:
    sample = clean(1)
    outcome = sample.features.values[:, 0] + np.random.default_rng(4).normal(size=len(sample))  # R2 of .5
    assert leak_check(binned(sample.features), outcome)["passed"]
