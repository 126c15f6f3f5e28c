import numpy as np
import pytest

from evidence.small_retailer import campaign


@pytest.mark.slow
def test_a_campaign_is_played_the_same_again_and_its_rows_fit_together() -> None:
    one, two = campaign(600, 0.2, seed=100_000), campaign(600, 0.2, seed=100_000)
    assert one.true_profit == two.true_profit
    rows = one.rows
    np.testing.assert_array_equal(rows.contribution, two.rows.contribution)
    np.testing.assert_allclose(rows.propensity.sum(axis=1), 1.0)
    assert (rows.cost[rows.arm == 0] == 0).all()
    assert (rows.contact_cost[rows.arm > 0] > 0).all()
    assert 0.12 < (rows.role == "holdout").mean() < 0.28  # .2 of some 500 customers
    expected = (rows.propensity[:, 1:] > 0).all(axis=1)
    assert expected.all()
