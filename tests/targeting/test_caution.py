import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting.budget_curve import HeldOutRows, profit_at
from retention_lab.targeting.caution import caution_beside_expected, cautious_value


def test_a_cautious_value_is_the_quantile_of_the_draws() -> None:
    draws = np.random.default_rng(1).normal(size=(400, 5, 2))
    draws[:, 3, 1] = -np.inf
    found = cautious_value(draws, 0.1)
    assert found[0, 0] == np.quantile(draws[:, 0, 0], 0.1)
    assert found[3, 1] == -np.inf


def test_caution_where_the_model_is_unsure_alike_for_all_only_gives_profit_away() -> None:
    rng = np.random.default_rng(2)
    value = rng.normal(0.3, 1, (20_000, 1))
    cost = np.full((20_000, 1), 0.1)
    rows = HeldOutRows(
        value, cost, np.column_stack([np.zeros(20_000), value[:, 0] + rng.normal(size=20_000)])
    )
    found = caution_beside_expected(rows, value - 1.28, 2_000.0, 20_000)
    assert found.expected == profit_at(rows, 2_000.0, 20_000)
    assert found.cost_of_caution.value == pytest.approx(found.expected.value - found.cautious.value)
    assert found.cost_of_caution.low > 0


def test_what_shows_no_quantile_is_refused() -> None:
    draws = np.zeros((5, 2, 1))
    with pytest.raises(LabError, match=r"at the quantile 0\.7"):
        cautious_value(draws, 0.7)
    with pytest.raises(LabError, match="5 draws do not show"):
        cautious_value(draws, 0.1)
    with pytest.raises(LabError, match="some draws only"):
        cautious_value(np.array([[[1.0]], [[-np.inf]]]), 0.5)
    rows = HeldOutRows(np.ones((4, 1)), np.ones((4, 1)), np.zeros((4, 2)))
    with pytest.raises(LabError, match="Cautious values are"):
        caution_beside_expected(rows, np.ones((4, 2)), 1.0, 4)
