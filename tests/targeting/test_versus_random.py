from dataclasses import replace

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting.incremental import CampaignRows
from retention_lab.targeting.versus_random import policy_vs_random
from tests.targeting.campaigns import toy_campaign


def test_a_policy_that_finds_the_right_offer_beats_random_offers() -> None:
    """Each customer earns 10 with the intended arm and 2 with any of the three others: 10 - (10 + 6) / 4."""
    toy = toy_campaign(1, 4_000)
    rows = replace(
        toy.rows,
        contribution=np.where(toy.rows.arm == toy.rows.intended, 10.0, 2.0) + toy.rows.cost,
        covariates=None,
    )
    assert policy_vs_random(rows).value == pytest.approx(6.0)


@pytest.mark.slow
def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    inside, error = [], []
    for seed in range(2_000, 2_400):
        toy = toy_campaign(seed)
        found = policy_vs_random(toy.rows)
        inside.append(found.low <= toy.true_policy_vs_random <= found.high)
        error.append(found.value - toy.true_policy_vs_random)
    assert abs(np.mean(inside) - 0.95) < 0.036  # 3.3 binomial standard errors of 400 seeds
    assert abs(np.mean(error)) < 3.3 * np.std(error) / np.sqrt(400)


def test_without_exploration_there_is_nothing_to_compare_with() -> None:
    rows = toy_campaign(2).rows
    with pytest.raises(LabError, match="another arm"):
        policy_vs_random(replace(rows, intended=rows.arm))


def test_a_choice_without_a_chance_is_refused() -> None:
    rows = toy_campaign(3).rows
    barred = np.array(rows.propensity)
    barred[rows.arm == 0, 1] = 0.0
    barred /= barred.sum(axis=1, keepdims=True)
    with pytest.raises(LabError, match="no chance"):
        policy_vs_random(replace(rows, propensity=barred, intended=np.ones(2_000, dtype=np.int64)))


def test_too_thin_an_exploration_is_refused_by_name() -> None:
    n = 4_000
    rng = np.random.default_rng(0)
    propensity = np.tile([0.1, 0.896, 0.004], (n, 1))
    arm = (rng.random(n)[:, None] > propensity.cumsum(axis=1)[:, :-1]).sum(axis=1)
    zero = np.zeros(n)
    role = np.array(["policy"] * n)
    rows = CampaignRows(arm, np.ones(n, dtype=np.int64), role, propensity, zero, zero, zero)
    with pytest.raises(LabError, match=r"chance of 0\.0040"):
        policy_vs_random(rows)
