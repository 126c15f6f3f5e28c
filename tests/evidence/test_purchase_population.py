import numpy as np
import pytest

from evidence.purchase_population import TRUTHS, draw


@pytest.mark.parametrize("model", TRUTHS)
@pytest.mark.parametrize("kind", [0, 1])
def test_customers_live_as_their_model_says(model: str, kind: int) -> None:
    truth = TRUTHS[model][kind]
    lived = draw(truth, 40_000, 39.0, 100_000)
    expected = truth.expected_purchases(lived.rows, 39.0)
    off = (lived.later - expected).mean() / ((lived.later - expected).std() / 200)
    assert abs(off) < 4  # standard errors
    assert (lived.rows.recency <= lived.rows.age).all()
    assert ((lived.rows.recency > 0) == (lived.rows.frequency > 0)).all()
    assert np.array_equal(lived.later, draw(truth, 40_000, 39.0, 100_000).later)
