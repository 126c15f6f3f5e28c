import numpy as np
import pytest

from retention_lab.churn.tiers import fit_tiers, tier_table
from retention_lab.errors import LabError

RNG = np.random.default_rng(2)
RISK = RNG.beta(1, 4, 3000)
VALUE = RNG.lognormal(4, 1, 3000)


def test_the_top_tier_carries_half_of_what_is_at_stake() -> None:
    tiers = fit_tiers(RISK * VALUE)
    number = tiers.number(RISK * VALUE)
    loss = np.bincount(number, weights=RISK * VALUE) / (RISK * VALUE).sum()
    assert loss == pytest.approx([0.2, 0.3, 0.5], abs=0.01)
    assert np.bincount(number)[2] < 0.25 * 3000


def test_a_sure_leaver_of_little_value_ranks_below_a_valuable_one_in_doubt() -> None:
    tiers = fit_tiers(RISK * VALUE)
    assert tiers.names_of(np.array([0.95 * 5.0, 0.3 * 3000.0])) == ["low", "high"]


def test_the_table_says_what_was_expected_and_lost() -> None:
    left = (RNG.random(3000) < RISK).astype(float)
    rows = tier_table(fit_tiers(RISK * VALUE), RISK, VALUE, left)
    assert [row.name for row in rows] == ["high", "medium", "low"]
    assert sum(row.customers for row in rows) == 3000
    for row in rows:
        assert row.observed_loss is not None
        assert row.observed_loss.low < row.expected_loss < row.observed_loss.high
    total = sum(row.observed_loss.value for row in rows if row.observed_loss is not None)
    assert total == pytest.approx((left * VALUE).sum())


def test_shares_that_fall_and_losses_of_nothing_are_refused() -> None:
    with pytest.raises(LabError, match="rise"):
        fit_tiers(RISK, (0.8, 0.5))
    with pytest.raises(LabError, match="No money"):
        fit_tiers(np.zeros(5))
