"""Plans keep their word when they are played; the long version is `evidence/abtest_power.py`."""

import numpy as np
import pytest

from evidence.abtest_power import CELLS, EXPERIMENTS, run

BATCHES = 100  # of 200 experiments: 0.01 is then 3.5 binomial standard errors at a power of 0.8


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_simulated_power_is_the_planned_one_within_a_point(cell: str) -> None:
    played = [run(CELLS[cell], 10_000 + seed) for seed in range(BATCHES)]
    found, planned = np.mean([one["rejected"] for one in played]), played[0]["planned"]
    assert BATCHES * EXPERIMENTS == 20_000
    assert planned == pytest.approx(0.8, abs=0.01)
    assert abs(found - planned) < 0.01
