from dataclasses import replace

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.learners.from_causalml.training_part import against_control, training_part
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.learners.from_causalml.populations import troubled


def test_a_small_sample_is_taken_whole() -> None:
    task = prepare(troubled(500)).whole
    assert training_part(task, 500).sample is task.sample


def test_the_part_is_drawn_by_the_seed() -> None:
    sample = troubled(2000)
    first, again, other = (
        training_part(prepare(sample, seed=seed).whole, 700).sample.outcome for seed in (3, 3, 4)
    )
    assert len(first) == 700
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_customers_come_with_all_their_rows_or_none() -> None:
    found = troubled(2000)
    group = np.random.default_rng(0).integers(0, 600, 2000)
    sample = UpliftSample(found.features, found.arm, found.outcome, found.propensity, group)
    part = training_part(prepare(sample).whole, 700)
    assert part.sample.group is not None
    assert 690 < len(part.sample) <= 700
    all_rows = np.bincount(group, minlength=600)
    kept = np.bincount(part.sample.group, minlength=600)
    assert np.all((kept == 0) | (kept == all_rows))


def test_propensities_follow_their_rows() -> None:
    sample = troubled(2000, varying=True)
    part = training_part(prepare(sample).whole, 700)
    assert part.sample.propensity is not None
    np.testing.assert_array_equal(part.propensity, part.sample.propensity)
    assert not part.constant
    assert training_part(prepare(troubled(2000)).whole, 700).constant


def test_unknown_propensities_are_the_cross_fitted_ones() -> None:
    task = prepare(troubled(600, varying=True, known=False)).whole
    np.testing.assert_array_equal(training_part(task, 600).propensity, task.nuisances.propensity)


def test_each_offer_is_compared_with_control_alone() -> None:
    chance = against_control(np.array([[0.5, 0.3, 0.2], [0.0, 0.5, 0.5], [0.6, 0.4, 0.0], [0.0, 1.0, 0.0]]))
    np.testing.assert_allclose(chance[0], [0.375, 2 / 7])
    assert chance.min() > 0
    assert chance.max() < 1
    np.testing.assert_allclose(chance[1:], [[1, 1], [0.4, 0], [1, 0.5]], atol=1e-5)


def test_weights_make_the_arms_alike() -> None:
    task = prepare(troubled(20_000, varying=True)).whole
    part, sample = training_part(task, 20_000), task.sample
    x = np.nan_to_num(sample.features.values[:, 0])
    means = [np.average(x[sample.arm == k], weights=part.weight[sample.arm == k]) for k in range(3)]
    plain = [x[sample.arm == k].mean() for k in range(3)]
    assert np.ptp(plain) > 0.4
    assert np.ptp(means) < 0.06  # four standard errors of a difference of weighted means of 6,000 rows
    assert part.weight.mean() == pytest.approx(1, abs=0.03)


def test_rows_that_stand_for_many_are_drawn_as_often_as_they_would_come() -> None:
    task = prepare(troubled(20_000)).whole
    kept = task.sample.outcome > 0
    weight = np.where(kept, 1.0, 4.0)  # as if of those without success a quarter were left
    part = training_part(replace(task, sample=task.sample.weighing(weight)), 20_000)
    assert part.sample.weight is None
    share = np.average(task.sample.outcome > 0, weights=weight)
    assert np.mean(part.sample.outcome > 0) == pytest.approx(
        share, abs=0.02
    )  # 4 standard errors of 10,000 rows


def test_a_part_without_an_arm_is_refused() -> None:
    sample = troubled(2000)
    arm = np.minimum(sample.arm, 1)
    arm[:10] = 2
    rare = UpliftSample(sample.features, arm, sample.outcome, np.tile([0.6, 0.39, 0.01], (2000, 1)))
    with pytest.raises(LabError, match="none was in arm 2"):
        training_part(prepare(rare, seed=2).whole, 30)
